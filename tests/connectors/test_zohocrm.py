"""Zoho CRM's quirks: refusals inside a success, and one record however often it is sent."""

from datetime import timedelta

import pytest

from connectors import answers
from connectors.describing import sample
from connectors.errors import Permanent, Temporary
from connectors.kit import Reply, dig
from connectors.platforms.zohocrm import connector
from exceptions_app.vocabulary import Operation

CONFIG = connector.config.sample()


def answer(code, status=200, **headers):
    said = {"status": "error", "code": code, "message": "no", "details": {}}
    return Reply(status, {"data": [said]}, "", headers)


def test_a_refusal_inside_a_success_is_a_refusal():
    with pytest.raises(Permanent, match="MANDATORY_NOT_FOUND"):
        answers.judge(connector, answer("MANDATORY_NOT_FOUND"))


def test_too_many_requests_says_until_when():
    with pytest.raises(Temporary) as caught:
        answers.judge(connector, answer("TOO_MANY_REQUESTS", **{"x-ratelimit-reset": "30"}))

    assert caught.value.after == timedelta(seconds=30)


def test_whoever_is_no_user_does_not_own_it():
    talk = connector.conversation(Operation.CREATE, sample(Operation.CREATE, ""), CONFIG)
    first = next(talk)

    second = talk.throw(Permanent("INVALID_DATA"))

    assert dig(first.json, "data", 0, "Owner", "email") == "ana.silva@example.com"
    assert dig(second.json, "data", 0, "Owner") == ""
    for asked in (first, second):
        assert dig(asked.json, "duplicate_check_fields", 0) == "Flagstand_Number"
        assert dig(asked.json, "data", 0, "Flagstand_Number") == "EX-1042"


def test_a_blueprint_does_not_keep_the_note_out():
    """Nor is it taken for done, or the case would follow the record that stayed open."""
    refusal = Permanent("Zoho CRM answers RECORD_IN_BLUEPRINT: no")
    talk = connector.conversation(Operation.CLOSE, sample(Operation.CLOSE, "55"), CONFIG)
    next(talk)
    without_owner = talk.throw(refusal)

    note = talk.throw(refusal)

    assert (without_owner.method, note.path) == ("PUT", "/crm/v8/Cases/55/Notes")
    with pytest.raises(Permanent, match="RECORD_IN_BLUEPRINT"):
        talk.send(Reply(201))


def test_what_is_refused_for_another_reason_is_only_refused():
    talk = connector.conversation(Operation.CLOSE, sample(Operation.CLOSE, "55"), CONFIG)
    next(talk)
    talk.throw(Permanent("INVALID_DATA"))

    with pytest.raises(Permanent, match="INVALID_DATA"):
        talk.throw(Permanent("INVALID_DATA"))


@pytest.mark.parametrize(
    ("working", "status", "ours"),
    [("New", "New", ""), ("In Work", "New", ""), ("In Work", "In Work", "in_progress")],
)
def test_what_is_new_there_may_be_in_work_here(working, status, ours):
    config = connector.config.read({**vars(CONFIG), "working": working})

    assert connector.status_of({"data": [{"Status": status}]}, config) == ours
