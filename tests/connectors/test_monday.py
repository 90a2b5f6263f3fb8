"""monday.com's quirks: refusals in a 200, columns as JSON in a text, a challenge, and signed tokens."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import describing
from connectors.answers import judge
from connectors.errors import Busy, Permanent
from connectors.kit import Hook, Reply
from connectors.platforms.monday import connector
from exceptions_app.vocabulary import Operation

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GIVEN = {each.name: each.sample() for each in connector.config.schema() if each.required}
CONFIG = connector.config.read(
    {
        **GIVEN,
        "columns": "severity=color_1, owner=person, due=date4, link=link_1",
        "people": "ana.silva@example.com=9603417",
        "secret": "monday-signing-secret",
    }
)


def values(config=CONFIG, **case):
    told = replace(describing.sample(Operation.UPDATE, "17"), **case)
    body = next(connector.conversation(Operation.UPDATE, told, config)).json
    assert isinstance(body, dict)
    return json.loads(body["variables"]["values"])


def test_every_column_has_its_shape():
    assert values() == {
        "text_mk1": "EX-1042",
        "status": {"label": "Acknowledged"},
        "color_1": {"label": "High"},
        "person": {"personsAndTeams": [{"id": 9603417, "kind": "person"}]},
        "date4": {"date": "2026-11-21", "time": "15:05:00"},
        "link_1": {"url": "https://desk.example.com/cases/42/", "text": "EX-1042"},
    }


@pytest.mark.parametrize("email", ["", "ben@example.com"])
def test_what_people_set_stays_where_we_have_nobody_they_know_and_no_time(email):
    assert not {"person", "date4"} & values(assignee_email=email, due_at=None).keys()


def test_a_column_can_be_left_out():
    config = connector.config.read({**GIVEN, "columns": "status="})

    assert values(config) == {"text_mk1": "EX-1042"}


@pytest.mark.parametrize("extensions", [{"code": "ColumnValueException"}, {}])
def test_a_refusal_comes_with_200(extensions):
    refused = {"errors": [{"message": "No.", "extensions": extensions}], "data": None}

    with pytest.raises(Permanent):
        judge(connector, Reply(200, refused))


@pytest.mark.parametrize(
    "code",
    [
        "COMPLEXITY_BUDGET_EXHAUSTED",
        "maxConcurrencyExceeded",
        "RATE_LIMIT_EXCEEDED",
        "IP_RATE_LIMIT_EXCEEDED",
        "DAILY_LIMIT_EXCEEDED",
        "API_TEMPORARILY_BLOCKED",
    ],
)
def test_so_does_the_wish_to_be_left_alone(code):
    extensions = {"code": code, "retry_in_seconds": 12}
    refused = {"errors": [{"message": "No.", "extensions": extensions}], "data": None}

    with pytest.raises(Busy) as raised:
        judge(connector, Reply(200, refused))
    assert raised.value.after == timedelta(seconds=12)


@pytest.mark.parametrize(
    ("code", "more", "seconds"),
    [
        ("ComplexityException", {"error_message": "query cost 30001 reset in 12 seconds"}, 12),
        ("FIELD_LIMIT_EXCEEDED", {"error_data": {"retry_in_seconds": 15}}, 15),
    ],
)
def test_older_refusals_say_it_in_other_places(code, more, seconds):
    with pytest.raises(Busy) as raised:
        judge(connector, Reply(200, {"error_code": code, "status_code": 429, **more}))
    assert raised.value.after == timedelta(seconds=seconds)


def test_only_the_status_column_says_how_it_stands():
    def read(column):
        value = {"label": {"text": "Done"}}
        event = {"type": "update_column_value", "pulseId": 17, "columnId": column, "value": value}
        return [one.status for one in connector.inbound.read({"event": event}, CONFIG)]

    assert read("status") == ["resolved"]
    assert read("parts") == []


def test_somebody_takes_an_item():
    value = {"personsAndTeams": [{"id": 9603417, "kind": "person"}]}
    event = {"type": "update_column_value", "pulseId": 17, "columnId": "person", "value": value}
    (told,) = connector.inbound.read({"event": event}, CONFIG)

    assert told.assignee_email == "ana.silva@example.com"


def test_a_challenge_is_given_back():
    asked = Hook("https://desk.example/", b'{"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY"}', NOON)

    said = connector.inbound.handshake(asked, CONFIG)

    assert json.loads(said.text) == {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY"}
    assert connector.inbound.handshake(Hook("https://desk.example/", b"{}", NOON), CONFIG) is None


def test_a_token_is_believed_while_it_lasts():
    proof = connector.inbound.proof
    hook = Hook("https://desk.example/", b"{}", NOON)
    signed = {name.lower(): value for name, value in proof.sign(hook, CONFIG).items()}

    assert proof.problem(replace(hook, headers=signed), CONFIG) == ""
    assert proof.problem(replace(hook, headers=signed, at=NOON + timedelta(hours=1)), CONFIG)
    assert proof.problem(replace(hook, headers=signed), connector.config.read(GIVEN))
