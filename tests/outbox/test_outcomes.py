"""What became of a delivery, and what that does to its case, its connection and those in line behind it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from exceptions_app.models import Attempt, Case, Connection, Delivery, Gate, Link
from exceptions_app.outbox import gates, outcomes, queue
from exceptions_app.outbox.outcomes import (
    LONGEST_OBEYED,
    LONGEST_PAUSE,
    NO_RECORD,
    PATIENCE,
    Linked,
    Taken,
    pause,
)
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.factories import HOUR, MINUTE, NOON, ConnectionFactory, open_case
from tests.outbox.conftest import TICKET, claimed, created, failed, owed, tried

REFUSED = "Zendesk answers 422: no such group"


def entries(case):
    return [(entry.verb, entry.data) for entry in case.entries.filter(verb__startswith="delivery.")]


def test_success_links_the_case_and_tells_its_timeline(case, zendesk):
    owed(case, zendesk)

    outcomes.succeed(claimed(), at=NOON, attempt=tried(), link=TICKET)

    link = Link.objects.get()
    assert (link.case_id, link.connection_id, link.external_id) == (case.pk, zendesk.pk, "35436")
    assert entries(case) == [
        (
            "delivery.sent",
            {
                "platform": "zendesk",
                "connection": "Zendesk",
                "operation": "create",
                "url": TICKET.url,
                "external_id": "35436",
            },
        )
    ]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.done_at) == (DeliveryState.SENT, NOON)
    assert Attempt.objects.get().ok is True


def test_an_update_is_in_the_log_but_not_on_the_timeline(case, zendesk):
    created(case, zendesk)
    owed(case, zendesk, Operation.UPDATE)

    with CaptureQueriesContext(connection) as asked:
        outcomes.succeed(
            claimed(), at=NOON, attempt=tried(), link=Linked("35436", status="acknowledged")
        )

    assert [verb for verb, _ in entries(case)] == ["delivery.sent"]
    assert Attempt.objects.count() == 2
    assert any("pg_notify" in query["sql"] for query in asked.captured_queries)


def several_taken(connection, *, count=3):
    cases = [open_case() for _ in range(count)]
    for case in cases:
        owed(case, connection)
    return [Taken(one, NOON, tried(), TICKET) for one in queue.claim(at=NOON, limit=count)]


def test_several_are_written_down_with_as_many_statements_as_one(zendesk):
    taken = several_taken(zendesk, count=6)

    with CaptureQueriesContext(connection) as asked:
        written = outcomes.succeed_together(taken)

    assert written == {one.delivery.pk for one in taken}
    assert len(asked.captured_queries) < 12
    assert set(Delivery.objects.values_list("state", "done_at")) == {("sent", NOON)}
    assert Link.objects.count() == Attempt.objects.count() == 6
    assert all(len(entries(one.delivery.case)) == 1 for one in taken)


def test_one_of_several_that_lost_its_lease_keeps_only_its_attempt(zendesk):
    taken = several_taken(zendesk)
    late = taken[0].delivery
    Delivery.objects.filter(pk=late.pk).update(token=late.token + 1)

    outcomes.succeed_together(taken)

    late.refresh_from_db()
    assert (late.state, late.tries.count(), entries(late.case)) == ("sending", 1, [])
    assert Link.objects.count() == Delivery.objects.filter(state="sent").count() == 2


def test_what_answers_closes_its_circuit(zendesk):
    taken = several_taken(zendesk)
    for _ in range(gates.FAILURES):
        gates.note_failure(zendesk.pk, at=NOON)

    outcomes.succeed_together(taken)

    gate = Gate.objects.get()
    assert (gate.failures, gate.opened_at) == (0, None)


@pytest.mark.django_db(transaction=True)
def test_a_case_that_somebody_has_in_hand_is_not_waited_for():
    taken = several_taken(ConnectionFactory())
    busy = taken[0].delivery

    with transaction.atomic():
        Case.objects.select_for_update().get(pk=busy.case_id)
        with ThreadPoolExecutor(1) as elsewhere:
            written = elsewhere.submit(write_and_close, taken).result(timeout=10)

    assert written == {one.delivery.pk for one in taken[1:]}
    assert Delivery.objects.get(pk=busy.pk).state == "sending"


def write_and_close(taken):
    try:
        return outcomes.succeed_together(taken)
    finally:
        connection.close()


def test_a_link_keeps_its_day_and_learns_its_status(case, zendesk):
    created(case, zendesk)
    owed(case, zendesk, Operation.CLOSE)

    outcomes.succeed(
        claimed(), at=NOON + HOUR, attempt=tried(), link=Linked("35436", TICKET.url, "resolved")
    )

    link = Link.objects.get()
    assert (link.status, link.linked_at) == ("resolved", NOON)


def test_success_makes_the_connection_healthy_again(case, zendesk):
    failed(case, zendesk)
    owed(case, zendesk, at=NOON + MINUTE)

    outcomes.succeed(claimed(at=NOON + MINUTE), at=NOON + MINUTE, attempt=tried(), link=TICKET)

    there = Connection.objects.get()
    assert (there.failed_at, there.succeeded_at, there.last_error) == (NOON, NOON + MINUTE, "")


def test_a_busy_connection_is_not_rewritten_for_every_success(zendesk):
    for _ in range(2):
        created(open_case(), zendesk)
    second = timedelta(seconds=1)

    created(open_case(), zendesk, at=NOON + second)

    assert Connection.objects.get().succeeded_at == NOON


def test_a_temporary_failure_is_tried_again_after_a_pause(case, zendesk):
    owed(case, zendesk)
    delivery = claimed()

    outcomes.retry(delivery, at=NOON, error="Zendesk answers 503", attempt=tried(ok=False))

    row = Delivery.objects.get()
    assert (row.state, row.due_at) == (DeliveryState.WAITING, NOON + pause(delivery))
    assert row.reason == "Zendesk answers 503"
    assert entries(case) == []
    assert Connection.objects.get().last_error == "Zendesk answers 503"


def test_what_the_platform_asks_for_is_obeyed_within_reason(case, zendesk):
    owed(case, zendesk)
    asked = {"error": "Busy.", "attempt": tried(ok=False)}

    outcomes.retry(claimed(), at=NOON, after=HOUR, **asked)
    first = Delivery.objects.get().due_at
    outcomes.retry(claimed(at=first), at=first, after=timedelta(days=30), **asked)

    assert first == NOON + HOUR
    assert Delivery.objects.get().due_at == first + LONGEST_OBEYED


def test_those_behind_a_failing_one_are_not_looked_at_before(case, zendesk):
    owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT)

    outcomes.retry(claimed(), at=NOON, after=HOUR, error="Busy.", attempt=tried(ok=False))
    comment.refresh_from_db()
    due_meanwhile = comment.due_at
    outcomes.succeed(claimed(at=NOON + HOUR), at=NOON + HOUR, attempt=tried(), link=TICKET)
    comment.refresh_from_db()

    assert due_meanwhile == NOON + HOUR
    assert comment.due_at == NOON + HOUR


def test_after_48_hours_it_is_dead(case, zendesk):
    owed(case, zendesk)
    asked = {"error": "Zendesk answers 503", "attempt": tried(ok=False)}
    last_moment = NOON + PATIENCE - timedelta(seconds=1)
    outcomes.retry(claimed(), at=NOON, **asked)

    outcomes.retry(claimed(at=last_moment), at=last_moment, **asked)

    row = Delivery.objects.get()
    assert (row.state, row.done_at) == (DeliveryState.DEAD, last_moment)
    assert row.reason == "Given up after 48 hours. Zendesk answers 503"
    assert [verb for verb, _ in entries(case)] == ["delivery.dead"]
    assert Attempt.objects.count() == 2


def test_a_refusal_is_dead_at_once_and_on_the_timeline(case, zendesk):
    failed(case, zendesk)

    assert entries(case) == [
        (
            "delivery.dead",
            {
                "platform": "zendesk",
                "connection": "Zendesk",
                "operation": "create",
                "reason": REFUSED,
            },
        )
    ]
    assert Connection.objects.get().last_error == REFUSED


def test_without_a_record_there_is_nothing_to_comment_or_close(case, zendesk, slack):
    create = owed(case, zendesk)
    owed(case, zendesk, Operation.COMMENT)
    owed(case, zendesk, Operation.CLOSE)
    elsewhere = owed(case, slack, at=NOON + MINUTE)

    outcomes.bury(claimed(), at=NOON, reason=REFUSED, attempt=tried(ok=False))

    behind = Delivery.objects.filter(connection=zendesk).exclude(pk=create.pk)
    assert {(one.state, one.reason) for one in behind} == {(DeliveryState.SUPERSEDED, NO_RECORD)}
    elsewhere.refresh_from_db()
    assert elsewhere.state == DeliveryState.WAITING


def test_a_dead_comment_lets_the_next_one_pass(case, zendesk):
    created(case, zendesk)
    failed(case, zendesk, Operation.COMMENT)
    close = owed(case, zendesk, Operation.CLOSE)

    assert claimed().pk == close.pk


def test_a_superseded_create_takes_its_comments_with_it(case, zendesk):
    owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT)

    outcomes.supersede(claimed(), at=NOON, reason="Zendesk has no way to create a record.")

    comment.refresh_from_db()
    assert comment.state == DeliveryState.SUPERSEDED
    assert queue.claim(at=NOON + HOUR) == []


def test_pauses_double_up_to_an_hour_and_are_spread():
    some = [Delivery(attempts=attempts) for attempts in range(1, 60)]
    lengths = [pause(delivery) / timedelta(seconds=1) for delivery in some]
    together = {pause(Delivery(attempts=3)) for _ in range(20)}

    assert 0.75 <= lengths[0] <= 1.25
    assert all(0.75 <= length / min(2**step, 3600) <= 1.25 for step, length in enumerate(lengths))
    assert max(lengths) <= LONGEST_PAUSE / timedelta(seconds=1) * 1.25
    assert len(together) > 10


@pytest.mark.parametrize("verb", ["succeed", "bury"])
def test_an_outcome_is_all_or_nothing(case, zendesk, verb):
    owed(case, zendesk)
    delivery = claimed()
    attempt = tried()
    given = {"link": Linked("x" * 201)} if verb == "succeed" else {"reason": "\x00"}

    with pytest.raises((DataError, ValueError)):
        getattr(outcomes, verb)(delivery, at=NOON, attempt=attempt, **given)

    assert Attempt.objects.count() == 0
    assert Delivery.objects.get().state == DeliveryState.SENDING
    assert Connection.objects.get().succeeded_at is None
