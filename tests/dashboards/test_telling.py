"""How entries of the timeline read."""

import pytest

from dashboards.telling import MARKS, TOLD, quoted, told


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
