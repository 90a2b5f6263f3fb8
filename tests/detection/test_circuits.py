"""A connection that has not answered for long is a case of its own, settled when it answers again (T20)."""

from datetime import timedelta

import pytest

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import circuits
from exceptions_app.models import Case
from exceptions_app.outbox import gates
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Operation, Status
from tests.factories import HOUR, MINUTE, NOON, ConnectionFactory, open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def zendesk():
    """It has been owed something, and has not answered five times."""
    where = ConnectionFactory(name="Zendesk", platform="zendesk", last_error="503 Sorry")
    owe(open_case().pk, where.pk, Operation.CREATE, at=NOON, key="1")
    broken(where, at=NOON)
    return where


def broken(where, *, at):
    for _ in range(gates.FAILURES):
        gates.note_failure(where.pk, at=at)


def own_case():
    return Case.objects.get(exception_type=ExceptionType.INTEGRATION_FAILED)


def test_a_circuit_that_stays_open_is_one_case(zendesk):
    for minute in (11, 12, 13):
        circuits.watch(NOON + minute * MINUTE)

    case = own_case()
    assert (case.title, case.since) == ("Zendesk does not answer", NOON)
    assert (case.evidence["waiting"], case.evidence["reason"]) == (1, "503 Sorry")
    assert "503 Sorry 1 waiting for it" in case.description


def test_a_short_one_is_none(zendesk):
    circuits.watch(NOON + circuits.AFTER - timedelta(seconds=1))

    assert not Case.objects.filter(rule=circuits.RULE).exists()


def test_it_is_at_the_site_of_what_waits(zendesk):
    circuits.watch(NOON + HOUR)

    assert own_case().site == zendesk.deliveries.get().case.site


def test_it_settles_itself_when_the_connection_answers(zendesk):
    circuits.watch(NOON + HOUR)
    gates.note_answer(zendesk.pk)

    circuits.watch(NOON + 2 * HOUR)

    case = own_case()
    assert (case.status, case.cause) == (Status.RESOLVED, "Connection answers again")
    assert "after 2 h 00 min" in case.entries.get(verb="case.resolved").data["text"]


def test_disconnecting_it_settles_it_as_well(zendesk):
    circuits.watch(NOON + HOUR)
    zendesk.enabled = False
    zendesk.save()

    circuits.watch(NOON + 2 * HOUR)

    assert own_case().status == Status.RESOLVED


def test_the_next_time_within_three_days_takes_it_up_again(zendesk):
    circuits.watch(NOON + HOUR)
    gates.note_answer(zendesk.pk)
    circuits.watch(NOON + 2 * HOUR)
    broken(zendesk, at=NOON + 3 * HOUR)

    circuits.watch(NOON + 4 * HOUR)

    case = own_case()
    assert (case.is_open, case.repeats) == (True, 1)


@pytest.mark.parametrize("before", [0, 1], ids=["the first time", "taken up again"])
def test_what_somebody_has_settled_does_not_come_back_for_the_same_outage(zendesk, before):
    for _ in range(before):
        circuits.watch(NOON + HOUR)
        gates.note_answer(zendesk.pk)
        circuits.watch(NOON + 2 * HOUR)
        broken(zendesk, at=NOON + 3 * HOUR)
    circuits.watch(NOON + 4 * HOUR)
    lifecycle.dismiss(Seen(own_case().pk), by=SYSTEM, at=NOON + 5 * HOUR, reason="Known.")

    circuits.watch(NOON + 6 * HOUR)

    assert own_case().status == Status.DISMISSED


def test_several_cost_as_many_statements_as_one(zendesk, django_assert_max_num_queries):
    for number in range(3):
        where = ConnectionFactory(name=f"Slack {number}", platform="slack")
        owe(open_case().pk, where.pk, Operation.CREATE, at=NOON, key=f"slack:{number}")
        broken(where, at=NOON)
    circuits.watch(NOON + HOUR)

    with django_assert_max_num_queries(7):
        circuits.watch(NOON + 2 * HOUR)

    assert Case.objects.filter(rule=circuits.RULE).count() == 4
