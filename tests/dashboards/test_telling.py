"""How entries of the timeline read."""

import pytest

from dashboards import telling
from dashboards.telling import MARKS, TOLD, quoted, told, who
from exceptions_app.vocabulary import DeliveryState


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("case.opened", {"rule": "deal.late"}, "opened it"),
        ("case.waiting", {"waiting_for": "the part"}, "waits for the part"),
        ("case.resolved", {"cause": "Supplier late"}, "resolved it: Supplier late"),
        ("case.assigned", {"to_name": "Ben"}, "assigned it to Ben"),
        ("case.commented", {"shared": True}, "commented, shared with linked platforms"),
        ("case.commented", {"text": "Hello"}, "commented"),
        (
            "case.severity_raised",
            {"before": "low", "after": "high", "reason": "VIP"},
            "raised severity from low to high: VIP",
        ),
        ("clock.breached", {"target": "first_update"}, "Missed the target to first update"),
        ("clock.breached", {"target": "unheard"}, "Missed the target to unheard"),
        ("delivery.sent", {}, "told a platform"),
        ("delivery.sent", {"connection": "Slack", "operation": "create"}, "told Slack of it"),
        ("delivery.sent", {"operation": "update"}, "told a platform what changed"),
        ("delivery.sent", {"operation": "close"}, "told a platform that it is settled"),
        (
            "delivery.resent",
            {"connection": "Slack", "operation": "update"},
            "had Slack told again what changed",
        ),
        (
            "delivery.skipped",
            {"connection": "Slack", "operation": "create", "reason": "Told by phone"},
            "decided that Slack need not be told of it: Told by phone",
        ),
        ("case.something_new", {}, "case something new"),
    ],
)
def test_an_entry_reads_after_a_name(verb, data, words):
    assert told(verb, data) == words


@pytest.mark.parametrize("verb", TOLD)
def test_an_entry_without_data_still_reads_and_has_a_mark(verb):
    assert told(verb, {}).strip()
    assert MARKS[verb]


def test_a_persons_own_words_are_quoted():
    assert quoted("case.commented", {"text": "Called them."}) == "Called them."
    assert quoted("case.resolved", {"cause": "x", "text": "Fixed."}) == "Fixed."
    assert quoted("case.opened", {"title": "x"}) == ""


def test_a_rule_is_called_by_words_and_a_clock_by_nothing():
    assert (
        who("case.opened", "rule", "Rule appointment.moved_late") == "Rule appointment moved late"
    )
    assert who("case.opened", "person", "Ana B. Ortiz") == "Ana B. Ortiz"
    assert who("clock.breached", "clock", "Clock") == ""


@pytest.mark.parametrize(
    ("operation", "state", "words"),
    [
        ("create", "sent", "told of it"),
        ("update", "superseded", "need not be told what changed any more"),
        ("close", "dead", "could not be told that it is settled"),
        ("", "sent", "linked"),
    ],
)
def test_what_a_platform_knows_is_said_in_words(operation, state, words):
    assert telling.link_words(operation, state) == words


def test_every_state_of_a_delivery_has_its_words():
    assert set(telling.STANDS) == set(DeliveryState)
