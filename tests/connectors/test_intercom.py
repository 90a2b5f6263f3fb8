"""Intercom's states and its limit, its notes that are not written twice, and what comes back of our own."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from connectors import answers, describing
from connectors.errors import Busy
from connectors.kit import COMMENT, UPDATE, Hook, Reply
from connectors.platforms.intercom import Config, change, connector, note
from tests.factories import NOON

OWN = "991267643"
CONFIG = Config.sample()


def of(operation, **more):
    return replace(describing.sample(operation, "215"), **more)


@pytest.mark.parametrize(
    ("status", "due_in", "state", "sent"),
    [
        ("in_progress", 1, "open", "note"),
        ("in_progress", 1, "snoozed", "open"),
        ("waiting", 1, "open", "snoozed"),
        ("waiting", -1, "open", "note"),
        ("waiting", 1, "snoozed", "note"),
        ("resolved", 1, "open", "close"),
        ("resolved", 1, "closed", "note"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_a_conversation_is_moved_only_where_it_is_not_there_already(status, due_in, state, sent):
    """What is told late is told by the time of sending: nobody snoozes until what is over."""
    due_at = NOON + timedelta(hours=due_in)
    case = of(UPDATE, status=status, said_at=NOON - timedelta(days=1), due_at=due_at)
    talk = change(case, CONFIG)
    next(talk)

    asked = talk.send(Reply(200, {"state": state})).json

    assert isinstance(asked, dict)
    assert asked["message_type"] == sent


def test_a_note_that_is_there_already_is_not_written_again():
    talk = note(of(COMMENT, again=True), CONFIG)
    looked = next(talk)

    assert looked.method == "GET"
    with pytest.raises(StopIteration):
        talk.send(Reply(200, {}, f'<a href="https://desk#{of(COMMENT).delivery_id}">EX-1042</a>'))


def test_what_our_own_teammate_wrote_is_no_news():
    author = {"type": "admin", "id": OWN}
    part = {"conversation_parts": [{"body": "<p>Ours.</p>", "author": author}]}
    item = {"id": "215", "conversation_parts": part}
    body = {"topic": "conversation.admin.noted", "data": {"item": item}}

    assert connector.inbound.read(body, CONFIG) == []
    author["id"] = "814860"
    (event,) = connector.inbound.read(body, CONFIG)
    assert (event.external_id, event.comment) == ("215", "Ours.")


def test_a_repeat_is_known_by_the_number_of_the_notice():
    first, again = (
        Hook("https://desk.example/", b'{"id": "notif_1", "delivery_attempts": %d}' % tries, NOON)
        for tries in (1, 2)
    )

    assert connector.inbound.event_id(first) == connector.inbound.event_id(again) == "notif_1"


@time_machine.travel(NOON, tick=False)
def test_it_is_left_alone_until_the_limit_is_reset():
    reset = {"x-ratelimit-reset": str(int(NOON.timestamp()) + 8)}

    with pytest.raises(Busy) as busy:
        answers.judge(connector, Reply(429, {"errors": []}, "", reset))

    assert busy.value.after == timedelta(seconds=8)
