"""Asana's quirks: an owner it does not know, numbers that only an app may keep, calls that name ids only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors import describing
from connectors.kit import Hook, Permanent, Reply
from connectors.platforms.asana import connector
from exceptions_app.vocabulary import Operation

GIVEN = {"project": "12052", "token": "asana-token"}
APP = {"access": "oauth", "client_id": "1", "client_secret": "app-secret", "refresh": "again"}
FIELDS = {"fields": "severity=11, status=12", "options": "high=21, waiting=22"}


def talk(operation, given, **case):
    told = replace(describing.sample(operation, "77"), **case)
    return connector.conversation(operation, told, connector.config.read(GIVEN | given))


def test_an_owner_it_does_not_know_is_left_out():
    asked = talk(Operation.CREATE, {})
    first = next(asked).json["data"]
    second = asked.throw(Permanent("assignee: Not a recognized ID")).json["data"]

    assert first["assignee"] == "ana.silva@example.com"
    assert "assignee" not in second
    assert second["name"] == first["name"]


def test_what_people_set_stays_where_we_have_nobody_and_no_time():
    asked = talk(Operation.UPDATE, {}, assignee_email="", due_at=None)

    assert not {"assignee", "due_at"} & next(asked).json["data"].keys()


def test_only_an_app_keeps_the_number():
    assert "external" not in next(talk(Operation.CREATE, {})).json["data"]
    assert next(talk(Operation.CREATE, APP)).json["data"]["external"] == {"gid": "EX-1042"}


def test_an_app_looks_before_it_repeats():
    asked = talk(Operation.CREATE, APP, again=True)
    found = next(asked)

    assert (found.method, found.path) == ("GET", "/tasks/external:EX-1042")
    with pytest.raises(StopIteration) as end:
        asked.send(Reply(200, {"data": {"gid": "77"}}))
    assert connector.external_id(end.value.value) == "77"


def test_what_is_not_there_yet_is_made():
    asked = talk(Operation.CREATE, APP, again=True)
    next(asked)

    assert asked.throw(Permanent("404")).method == "POST"


def test_options_go_by_their_gid():
    body = next(talk(Operation.UPDATE, FIELDS)).json["data"]

    assert body["custom_fields"] == {"11": "21"}, "acknowledged has no option"


@pytest.mark.parametrize(
    ("task", "status"),
    [
        ({"completed": True}, "resolved"),
        ({"completed": False}, ""),
        ({"custom_fields": [{"gid": "12", "enum_value": {"gid": "22"}}]}, "waiting"),
        ({"custom_fields": [{"gid": "12", "enum_value": None}]}, ""),
    ],
)
def test_how_a_task_stands(task, status):
    assert connector.status_of({"data": task}, connector.config.read(GIVEN | FIELDS)) == status


def test_a_comment_there_is_only_a_reason_to_look():
    story = {"gid": "5", "resource_type": "story", "resource_subtype": "comment_added"}
    task = {"gid": "77", "resource_type": "task"}
    body = {"events": [{"action": "added", "resource": story, "parent": task}]}

    (event,) = connector.inbound.read(body, connector.config.read(GIVEN))

    assert (event.external_id, event.look, event.status) == ("77", True, "")


def test_its_secret_is_given_back():
    at, config = datetime(2026, 11, 21, tzinfo=UTC), connector.config.read(GIVEN)
    asked = Hook("https://desk.example/", b"", at, headers={"x-hook-secret": "b537207f"})

    assert connector.inbound.handshake(asked, config).headers == {"X-Hook-Secret": "b537207f"}
    assert connector.inbound.handshake(Hook("https://desk.example/", b"{}", at), config) is None


@pytest.mark.parametrize(
    ("awaited", "status", "kept"),
    [(False, 400, {}), (True, 200, {"secret": "b537207f", "renew": False})],
)
def test_another_secret_is_taken_only_while_it_is_awaited(awaited, status, kept):
    config = connector.config.read(GIVEN | {"secret": "asana-hook", "renew": awaited})
    at = datetime(2026, 11, 21, tzinfo=UTC)
    asked = Hook("https://desk.example/", b"", at, headers={"x-hook-secret": "b537207f"})

    said = connector.inbound.handshake(asked, config)

    assert (said.status, said.keep) == (status, kept)
