"""Zoho CRM's quirks: refusals inside a success, and one record however often it is sent."""

from datetime import timedelta

import pytest

from connectors import worker
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
        worker.judge(connector, answer("MANDATORY_NOT_FOUND"))


def test_too_many_requests_says_until_when():
    with pytest.raises(Temporary) as caught:
        worker.judge(connector, answer("TOO_MANY_REQUESTS", **{"x-ratelimit-reset": "30"}))

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


@pytest.mark.parametrize(
    ("working", "status", "ours"),
    [("New", "New", ""), ("In Work", "New", ""), ("In Work", "In Work", "in_progress")],
)
def test_what_is_new_there_may_be_in_work_here(working, status, ours):
    config = connector.config.read({**vars(CONFIG), "working": working})

    assert connector.status_of({"data": [{"Status": status}]}, config) == ours
