"""Freshdesk's quirks: a due time that is over is refused, and its webhooks say when by when they come."""

from datetime import timedelta

import pytest

from connectors.describing import sample
from connectors.kit import Hook, Permanent
from connectors.platforms.freshdesk import connector
from exceptions_app.vocabulary import Operation
from tests.factories import NOON

CONFIG = connector.config.sample()


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE])
def test_what_is_refused_with_a_due_time_is_said_without(operation):
    talk = connector.conversation(operation, sample(operation, "35436"), CONFIG)
    first = next(talk)

    second = talk.throw(Permanent("due_by: it should be later than now"))

    assert isinstance(first.json, dict)
    assert isinstance(second.json, dict)
    assert first.json.keys() - second.json.keys() == {"due_by", "fr_due_by"}


def test_solved_again_later_is_another_event():
    def name(at):
        return connector.inbound.event_id(Hook("https://desk.example/hooks/1/x/", b"{}", at))

    assert name(NOON) == name(NOON + timedelta(seconds=0.5)) != name(NOON + timedelta(seconds=5))
