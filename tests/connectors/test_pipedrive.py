"""Pipedrive's look before a repeat, and the password of its webhooks."""

from dataclasses import replace

import pytest

from connectors import describing
from connectors.kit import COMMENT, CREATE, Hook, Reply
from connectors.platforms.pipedrive import Config, connector, create, fields, note
from tests.factories import NOON

CONFIG = Config.sample()


def again(operation):
    return replace(describing.sample(operation, "8093"), again=True)


def test_an_activity_that_is_there_is_taken_for_the_one_that_was_made():
    talk = create(again(CREATE), CONFIG)
    asked = next(talk)
    others = [{"id": 1, "subject": "EX-10421 low: another"}, {"id": 2, "subject": None}]

    with pytest.raises(StopIteration) as end:
        talk.send(Reply(200, {"data": [*others, {"id": 3, "subject": "EX-1042 high: this"}]}))

    assert "org_id=614&updated_since=2026-11-21T13%3A05%3A00Z" in asked.path
    assert "sort_by=id&sort_direction=desc" in asked.path
    assert connector.external_id(end.value.value) == "3"


def test_an_activity_that_is_not_there_is_made():
    talk = create(again(CREATE), CONFIG)
    next(talk)

    assert talk.send(Reply(200, {"data": None})).method == "POST"


def test_a_note_that_is_there_already_is_not_written_again():
    talk = note(again(COMMENT), CONFIG)
    assert "sort=id+DESC" in next(talk).path

    with pytest.raises(StopIteration):
        talk.send(Reply(200, {}, f"#{again(COMMENT).delivery_id}"))


def test_priorities_are_options_of_the_account():
    config = replace(CONFIG, priorities="5,4,3,2")

    assert fields(again(CREATE), config)["priority"] == 4


def test_without_a_password_no_webhook_is_believed():
    hook = Hook("https://desk.example/", b"{}", NOON, headers={"authorization": ""})

    assert connector.inbound.proof.problem(hook, CONFIG)
