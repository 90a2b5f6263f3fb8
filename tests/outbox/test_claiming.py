"""Who may perform which delivery when."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from exceptions_app.models import Delivery, Heartbeat
from exceptions_app.outbox import outcomes, queue
from exceptions_app.outbox.rates import Rate
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.factories import HOUR, MINUTE, NOON, ConnectionFactory, open_case
from tests.outbox.conftest import TICKET, claimed, owed, tried

SECOND = timedelta(seconds=1)


def test_what_is_due_longest_is_claimed_first(case, zendesk, slack):
    second = owed(case, slack, at=NOON + SECOND)
    first = owed(case, zendesk, at=NOON)

    order = [queue.claim(at=NOON + MINUTE)[0].pk for _ in range(2)]

    assert order == [first.pk, second.pk]


def test_nothing_is_claimed_before_it_is_due(case, zendesk):
    owed(case, zendesk, at=NOON + SECOND)

    assert queue.claim(at=NOON) == []
    assert queue.claim(at=NOON + SECOND) != []


def test_a_claim_takes_no_more_than_asked(zendesk):
    for _ in range(3):
        owed(open_case(), zendesk)

    assert [len(queue.claim(at=NOON, limit=2)) for _ in range(3)] == [2, 1, 0]


def test_a_comment_waits_for_its_record(case, zendesk):
    create = owed(case, zendesk)
    comment = owed(case, zendesk, Operation.COMMENT, text="Still nobody")

    first = queue.claim(at=NOON, limit=10)
    meanwhile = queue.claim(at=NOON, limit=10)
    outcomes.succeed(first[0], at=NOON, attempt=tried(), link=TICKET)
    then = queue.claim(at=NOON, limit=10)

    assert [delivery.pk for delivery in first] == [create.pk]
    assert meanwhile == []
    assert [delivery.pk for delivery in then] == [comment.pk]


def test_another_connection_and_another_case_do_not_wait(case, zendesk, slack):
    owed(case, zendesk)
    owed(case, zendesk, Operation.COMMENT)
    owed(case, slack)
    owed(open_case(), zendesk)

    found = {(one.connection_id, one.operation) for one in queue.claim(at=NOON, limit=10)}

    assert found == {(zendesk.pk, "create"), (slack.pk, "create")}
    assert queue.claim(at=NOON, limit=10) == []


def test_a_switched_off_connection_keeps_its_deliveries_waiting(case, zendesk):
    zendesk.enabled = False
    zendesk.save()
    owed(case, zendesk)

    assert queue.claim(at=NOON) == []
    assert queue.oldest_due(NOON) is None


def test_busy_connections_can_be_left_out(case, zendesk, slack):
    owed(case, zendesk)
    wanted = owed(case, slack)

    assert [one.pk for one in queue.claim(at=NOON, limit=5, without=[zendesk.pk])] == [wanted.pk]


def test_a_backlog_on_one_connection_does_not_hide_another(zendesk, slack):
    for _ in range(30):
        owed(open_case(), zendesk, at=NOON - HOUR)
    late = owed(open_case(), slack, at=NOON)

    found = queue.claim(at=NOON, limit=50)

    assert late.pk in [one.pk for one in found]


def test_a_lease_lasts_a_minute_and_then_somebody_else_may_have_it(case, zendesk):
    owed(case, zendesk)

    first = claimed(at=NOON)
    during = queue.claim(at=NOON + 59 * SECOND)
    second = claimed(at=NOON + 60 * SECOND)

    assert during == []
    assert (first.state, first.token, first.attempts) == (DeliveryState.SENDING, 1, 1)
    assert (second.pk, second.token, second.attempts) == (first.pk, 2, 2)


def test_whoever_lost_the_lease_cannot_finish(case, zendesk):
    owed(case, zendesk)
    slow = claimed(at=NOON)
    quick = claimed(at=NOON + MINUTE)

    late = outcomes.succeed(slow, at=NOON + MINUTE, attempt=tried(), link=TICKET)
    state_then = Delivery.objects.get().state
    done = outcomes.succeed(quick, at=NOON + MINUTE, attempt=tried(), link=TICKET)

    assert (late, state_then) == (False, DeliveryState.SENDING)
    assert (done, Delivery.objects.get().state) == (True, DeliveryState.SENT)
    assert case.entries.filter(verb="delivery.sent").count() == 1


@pytest.mark.parametrize("finish", ["retry", "bury", "supersede"])
def test_a_lost_lease_changes_nothing_whatever_the_outcome(case, zendesk, finish):
    owed(case, zendesk)
    slow = claimed(at=NOON)
    claimed(at=NOON + MINUTE)
    given = {
        "retry": {"error": "Busy.", "attempt": tried(ok=False)},
        "bury": {"reason": "No.", "attempt": tried(ok=False)},
        "supersede": {"reason": "Over."},
    }[finish]

    done = getattr(outcomes, finish)(slow, at=NOON + MINUTE, **given)

    assert done is False
    assert Delivery.objects.get().state == DeliveryState.SENDING
    assert not case.entries.filter(verb="delivery.dead").exists()


def test_a_claimed_delivery_comes_with_all_that_a_connector_is_told(
    case, zendesk, django_assert_num_queries
):
    owed(case, zendesk)
    delivery = claimed()

    with django_assert_num_queries(0):
        told = (delivery.connection.name, delivery.case.site.name, delivery.case.team)

    assert told == ("Zendesk", "North", None)


def test_the_oldest_due_is_what_could_have_been_performed(case, zendesk):
    owed(case, zendesk, at=NOON)
    owed(case, zendesk, Operation.COMMENT, at=NOON - HOUR)

    assert queue.oldest_due(NOON - SECOND) is None
    assert queue.oldest_due(NOON + MINUTE) == MINUTE


def test_what_is_owed_behind_a_failing_one_is_due_with_it(case, zendesk, slack):
    owed(case, zendesk)
    outcomes.retry(claimed(), at=NOON, error="Busy.", after=HOUR, attempt=tried(ok=False))
    behind = owed(case, zendesk, Operation.COMMENT, at=NOON + MINUTE)
    elsewhere = owed(case, slack, at=NOON + MINUTE)

    queue.line_up(at=NOON + MINUTE)

    behind.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (behind.due_at, elsewhere.due_at) == (NOON + HOUR, NOON + MINUTE)


def test_what_waits_for_one_being_sent_stays_due(case, zendesk):
    owed(case, zendesk)
    behind = owed(case, zendesk, Operation.COMMENT)
    claimed()

    queue.line_up(at=NOON)

    behind.refresh_from_db()
    assert behind.due_at == NOON


def test_a_heartbeat_is_one_row_per_process_and_forgets_the_gone(db):
    gone = Heartbeat.objects.create(name="worker", host="old", pid=1, at=NOON - 25 * HOUR)

    queue.beat("worker", at=NOON)
    queue.beat("worker", at=NOON + MINUTE)

    assert [row.at for row in Heartbeat.objects.filter(name="worker")] == [NOON + MINUTE]
    assert not Heartbeat.objects.filter(pk=gone.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_row_somebody_else_is_claiming_is_passed_over_without_waiting():
    connection_there = ConnectionFactory()
    locked, free = (owed(open_case(), connection_there) for _ in range(2))

    with transaction.atomic():
        Delivery.objects.select_for_update().get(pk=locked.pk)
        with ThreadPoolExecutor(1) as elsewhere:
            found = elsewhere.submit(claim_and_close, 5).result(timeout=10)

    assert [one.pk for one in found] == [free.pk]


@pytest.mark.django_db(transaction=True)
def test_many_workers_perform_everything_once_and_in_order():
    connection_there = ConnectionFactory()
    cases = [open_case() for _ in range(6)]
    for case in cases:
        owed(case, connection_there)
        for step in range(5):
            owed(case, connection_there, Operation.COMMENT, text=str(step))
    started, performed = Barrier(4), []

    def work():
        started.wait(timeout=10)
        try:
            while found := queue.claim(at=NOON):
                performed.append((found[0].case_id, found[0].position))
                outcomes.succeed(found[0], at=NOON, attempt=tried(), link=TICKET)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        for future in [workers.submit(work) for _ in range(4)]:
            future.result(timeout=60)

    assert len(performed) == len(set(performed)) == 36
    assert Delivery.objects.filter(state=DeliveryState.SENT).count() == 36
    for case in cases:
        positions = [position for case_id, position in performed if case_id == case.pk]
        assert positions == sorted(positions)


def test_a_claim_takes_no_more_than_its_share_of_one_connection(zendesk, slack):
    for connection_there in (zendesk, zendesk, zendesk, slack):
        owed(open_case(), connection_there)

    found = queue.claim(at=NOON, limit=10, share=2)

    assert Counter(one.connection_id for one in found) == {zendesk.pk: 2, slack.pk: 1}


def test_what_its_connection_does_not_admit_now_costs_a_delivery_nothing(zendesk, slack):
    for connection_there in (zendesk, zendesk, zendesk, slack):
        owed(open_case(), connection_there)

    ready = queue.admitted(queue.claim(at=NOON, limit=4), lambda _: Rate(1, 60), at=NOON)

    assert Counter(one.connection_id for one in ready) == {zendesk.pk: 2, slack.pk: 1}
    waiting = Delivery.objects.get(state=DeliveryState.WAITING)
    assert (waiting.connection_id, waiting.attempts) == (zendesk.pk, 0)
    assert waiting.due_at > NOON + 59 * SECOND


def test_a_claim_finds_what_is_due_by_index(case, zendesk):
    owed(case, zendesk, Operation.COMMENT, text="done")
    Delivery.objects.update(state=DeliveryState.SENT)
    done = Delivery.objects.values().get()
    Delivery.objects.bulk_create(
        Delivery(**done | {"id": uuid4(), "position": 10_000 + step, "key": f"done:{step}"})
        for step in range(3_000)
    )
    owed(case, zendesk, Operation.COMMENT, text="due")
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE exceptions_app_delivery, exceptions_app_connection, exceptions_app_gate"
        )
        given: dict[str, Any] = {"at": NOON, "limit": 1, "lease": NOON, "share": 4, "without": []}
        cursor.execute("EXPLAIN " + queue.CLAIM, given)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    # Both indexes hold only what is owed still.
    assert "delivery_due" in plan or "delivery_in_line" in plan
    assert "Seq Scan on exceptions_app_delivery" not in plan


def claim_and_close(limit):
    try:
        return queue.claim(at=NOON, limit=limit)
    finally:
        connections.close_all()
