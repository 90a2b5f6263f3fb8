"""A connection's budget is kept over all workers, and its circuit opens and closes by itself."""

from datetime import timedelta

import pytest

from exceptions_app.models import Gate
from exceptions_app.outbox import gates, queue
from exceptions_app.outbox.rates import Rate
from tests.factories import HOUR, MINUTE, NOON
from tests.outbox.conftest import owed

pytestmark = pytest.mark.django_db
RATE = Rate(60, 60)
SECOND = timedelta(seconds=1)


def admitted(connection, at, *, rate=RATE):
    return gates.admit(connection.pk, rate, at=at)


def granted(connection, *, seconds, rate=RATE):
    """How many are admitted if somebody asks ten times a second."""
    return sum(
        admitted(connection, NOON + tenth * SECOND / 10, rate=rate) for tenth in range(seconds * 10)
    )


def test_no_more_is_asked_than_the_platform_bears(zendesk):
    assert 60 <= granted(zendesk, seconds=60) <= 60 + 7


def test_a_slow_pace_still_lets_the_first_through(zendesk):
    slow = Rate(1, 60)

    assert admitted(zendesk, NOON, rate=slow)
    assert not admitted(zendesk, NOON + SECOND, rate=slow) or not admitted(
        zendesk, NOON + 2 * SECOND, rate=slow
    )
    assert admitted(zendesk, NOON + 2 * MINUTE, rate=slow)


def test_an_operation_of_several_requests_costs_as_many(zendesk):
    admitted(zendesk, NOON)
    gates.spend(zendesk.pk, RATE, at=NOON, requests=30)

    assert not admitted(zendesk, NOON + 20 * SECOND)
    assert admitted(zendesk, NOON + 31 * SECOND)


def test_each_connection_has_a_budget_of_its_own(zendesk, slack):
    while admitted(zendesk, NOON):
        pass

    assert admitted(slack, NOON)


def test_nothing_is_claimed_for_a_connection_whose_budget_is_spent(case, zendesk):
    owed(case, zendesk)
    while admitted(zendesk, NOON):
        pass

    assert queue.claim(at=NOON) == []
    assert queue.next_due(NOON) == gates.next_admission(zendesk.pk, NOON) > NOON
    assert queue.claim(at=NOON + MINUTE) != []


def test_a_platform_that_asks_to_be_left_alone_is(case, zendesk):
    owed(case, zendesk)

    gates.hold(zendesk.pk, until=NOON + HOUR)

    assert queue.claim(at=NOON + 59 * MINUTE) == []
    assert queue.next_due(NOON) == NOON + HOUR
    assert len(queue.claim(at=NOON + HOUR)) == 1


def test_the_circuit_opens_after_five_failures_in_a_row(case, zendesk):
    owed(case, zendesk)
    for _ in range(gates.FAILURES - 1):
        gates.note_failure(zendesk.pk, at=NOON)
    before = Gate.objects.get().opened_at

    gates.note_failure(zendesk.pk, at=NOON)

    assert (before, Gate.objects.get().opened_at) == (None, NOON)
    assert queue.claim(at=NOON + SECOND) == []


def test_an_open_circuit_lets_one_at_a_time_through(zendesk):
    for _ in range(gates.FAILURES):
        gates.note_failure(zendesk.pk, at=NOON)
    then = NOON + gates.FIRST_REST

    assert [admitted(zendesk, then + SECOND), admitted(zendesk, then + 2 * SECOND)] == [True, False]


def test_it_rests_ever_longer_and_then_no_longer_than_ten_minutes(zendesk):
    rests = []
    for _ in range(20):
        gates.note_failure(zendesk.pk, at=NOON)
        held = Gate.objects.get().held_until
        rests.append(held - NOON if held else timedelta())

    assert rests[4:7] == [gates.FIRST_REST, 2 * gates.FIRST_REST, 4 * gates.FIRST_REST]
    assert rests[-1] == gates.LONGEST_REST


def test_one_answer_closes_it(case, zendesk):
    owed(case, zendesk)
    for _ in range(gates.FAILURES):
        gates.note_failure(zendesk.pk, at=NOON)

    gates.note_answer(zendesk.pk)

    assert len(queue.claim(at=NOON)) == 1
