"""What django-q2 runs: drain until nothing is due, and wake somebody when something is."""

import threading
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.db import DatabaseError
from django_q.brokers import get_broker

from connectors import tasks, worker
from connectors.tasks import pause
from exceptions_app.models import Attempt, Delivery, Entry, Gate, Heartbeat
from exceptions_app.outbox import gates
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.connectors.conftest import claimed, owed
from tests.factories import HOUR, NOON, open_case

TICKETS = "https://acme.zendesk.com/api/v2/tickets"
POSTS = "https://slack.com/api/chat.postMessage"
TICKET = {"ticket": {"id": 35436}}
OK = {"ok": True, "channel": "C024BE91L", "ts": "1763730300.000042"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def states():
    return list(Delivery.objects.values_list("state", flat=True))


def test_a_comment_waits_for_its_ticket(case, connect, vendor):
    vendor.post(TICKETS, status=503)
    zendesk = connect("zendesk")
    owed(case, zendesk)
    owed(case, zendesk, Operation.COMMENT, text="Still nobody")

    tasks.sweep()

    assert len(vendor.calls) == 1
    assert states() == [DeliveryState.WAITING, DeliveryState.WAITING]


def test_everything_due_is_performed_in_order(case, connect, vendor):
    vendor.post(TICKETS, status=201, json=TICKET)
    vendor.put(f"{TICKETS}/35436", json=TICKET)
    vendor.post(POSTS, json=OK)
    zendesk = connect("zendesk")
    owed(case, zendesk)
    owed(case, connect("slack"))
    owed(case, zendesk, Operation.COMMENT, text="Still nobody")

    tasks.drain()

    assert states() == [DeliveryState.SENT] * 3
    methods = [call.request.method for call in vendor.calls if "zendesk" in call.request.url]
    assert methods == ["POST", "PUT"]
    assert Heartbeat.objects.filter(name="worker", at=NOON).exists()


def test_a_delivery_that_a_crash_left_behind_is_found_after_its_lease(case, connect, vendor):
    vendor.get(TICKETS, json={"tickets": []})
    vendor.post(TICKETS, status=201, json=TICKET)
    delivery = owed(case, connect("zendesk"))
    claimed(NOON)

    tasks.drain()
    before = len(vendor.calls)
    with time_machine.travel(NOON + HOUR, tick=False):
        tasks.drain()

    assert before == 0
    assert vendor.calls[-1].request.headers["Idempotency-Key"] == str(delivery.pk)
    assert states() == [DeliveryState.SENT]


def test_a_slow_platform_leaves_room_for_the_others(connect, vendor):
    """All that Zendesk may keep busy hang until Slack has been told."""
    told = threading.Event()

    def hang(request):
        assert told.wait(timeout=20)
        return 201, {}, '{"ticket": {"id": 1}}'

    def tell(request):
        told.set()
        return 200, {}, '{"ok": true, "ts": "1.1"}'

    vendor.add_callback("POST", TICKETS, callback=hang)
    vendor.add_callback("POST", POSTS, callback=tell)
    zendesk, slack = connect("zendesk"), connect("slack")
    for _ in range(tasks.SHARE * 3):
        owed(open_case(), zendesk, at=NOON - HOUR)
    owed(open_case(), slack)

    tasks.drain()

    assert states() == [DeliveryState.SENT] * (tasks.SHARE * 3 + 1)


def test_a_long_backlog_is_left_to_the_next_shift(case, connect, vendor, monkeypatch):
    monkeypatch.setattr(tasks, "SHIFT", 0.0)
    owed(case, connect("zendesk"))

    tasks.drain()

    assert states() == [DeliveryState.WAITING]
    assert get_broker().queue_size() == 1


def test_nobody_is_woken_for_nothing(case, connect):
    owed(case, connect("zendesk"), at=NOON + HOUR)

    tasks.wake()

    assert get_broker().queue_size() == 0


def test_no_more_are_woken_than_can_help(case, connect):
    owed(case, connect("zendesk"))

    for _ in range(tasks.ENOUGH_QUEUED + 3):
        tasks.wake()

    assert get_broker().queue_size() == tasks.ENOUGH_QUEUED


@pytest.mark.parametrize(
    ("verbs", "woken"),
    [
        (["case.acknowledged"], 1),
        (["delivery.resent"], 1),
        (["delivery.sent", "case.opened"], 1),
        (["delivery.sent", "delivery.dead"], 0),
        ([], 0),
    ],
)
def test_what_is_recorded_wakes_a_worker_unless_a_worker_recorded_it(case, connect, verbs, woken):
    owed(case, connect("zendesk"))

    tasks.on_committed([Entry(verb=verb) for verb in verbs])

    assert get_broker().queue_size() == woken


def test_a_shift_ends_though_there_is_more_to_do(case, connect):
    """Who waited for it would take nothing up any more, and be the only one who waits."""
    owed(case, connect("slack"), at=NOON - timedelta(seconds=30))

    assert not pause(time.monotonic() - 0.01)
    assert pause(time.monotonic() + 5)


def test_what_is_written_down_at_the_second_try_counts_once(case, connect, vendor):
    vendor.post(TICKETS, status=503)
    owed(case, connect("zendesk"))
    tried = worker.Try(claimed(), at=NOON).perform()
    note_failure = gates.note_failure

    def fails_once(*told, **when):
        note_failure(*told, **when)
        if mind.call_count == 1:
            raise DatabaseError

    with (
        patch.object(gates, "note_failure", side_effect=fails_once) as mind,
        patch("connectors.tasks.PAUSE", 0),
        patch("connectors.tasks.close_old_connections"),
    ):
        tasks.keep(tried)

    assert (mind.call_count, Gate.objects.get().failures) == (2, 1)
    assert Attempt.objects.count() == 1
