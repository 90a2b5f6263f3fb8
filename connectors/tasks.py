"""What django-q2 runs: it only wakes us, the outbox decides what there is to do."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from connectors.registry import rate_of
from connectors.worker import Try
from exceptions_app.models import Delivery, Entry
from exceptions_app.outbox import outcomes, queue

THREADS = 48
#: How many of them one connection may keep busy, so that a slow platform leaves room for the others.
SHARE = 4
#: How many are claimed at once.
BATCH = 8
#: Seconds of new work in one task; what is left is for the next, well before django-q2's time-out.
SHIFT = 10.0
#: Seconds between two looks at the outbox while platforms are slow to answer.
LOOK = 0.2
#: A wake-up more would only find what these find.
ENOUGH_QUEUED = 4
#: How often, and after how many seconds, the database is asked to keep what a platform has taken already.
TRIES, PAUSE = 4, 1.0

log = logging.getLogger(__name__)


def drain() -> None:
    """Perform what is due until nothing is; any number of these may run at once, anywhere."""
    queue.beat("worker", at=timezone.now())
    until = time.monotonic() + SHIFT
    with ThreadPoolExecutor(THREADS) as threads:
        under_way: dict[Future[Try], int] = {}
        while True:
            try:
                fill(under_way, threads, until)
            except DatabaseError:
                log.exception("no more is claimed; what is under way is finished")
                until = 0.0
            if not under_way and not pause(until):
                break
            done, _ = wait(under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                del under_way[future]
            keep_all([future.result() for future in done])
    if time.monotonic() >= until:
        wake()


def pause(until: float) -> bool:
    """Wait a little if something will be due before the shift ends; one of us at a time."""
    now = timezone.now()
    left = timedelta(seconds=until - time.monotonic())
    due = queue.next_due(now)
    # What is due when the shift is over is for the next: here nobody would ever take it up.
    if left <= timedelta() or due is None or due > now + left:
        return False
    with queue.alone() as alone:
        if alone:
            time.sleep(min(LOOK, (due - now).total_seconds()) if due > now else LOOK)
        return alone


def fill(under_way: dict[Future[Try], int], threads: ThreadPoolExecutor, until: float) -> None:
    """Give every idle thread something to do, as long as the shift lasts."""
    while len(under_way) < THREADS and time.monotonic() < until:
        busy = [pk for pk, count in Counter(under_way.values()).items() if count >= SHARE]
        now, room = timezone.now(), min(BATCH, THREADS - len(under_way))
        claimed = queue.claim(at=now, limit=room, share=SHARE, without=busy)
        for tried in admitted(claimed, now):
            under_way[threads.submit(performed, tried)] = tried.delivery.connection_id
        if not claimed:
            return


def admitted(claimed: Sequence[Delivery], at: datetime) -> list[Try]:
    return [Try(delivery, at=at) for delivery in queue.admitted(claimed, rate_of, at=at)]


def performed(tried: Try) -> Try:
    """In a thread, which has used the database only if a token had to be asked for."""
    try:
        return tried.perform()
    finally:
        connections.close_all()


def keep_all(tries: Sequence[Try]) -> None:
    """In one go what was taken with one request; the others, and if that fails all, each for itself."""
    simple = [one for one in tries if one.error is None and len(one.exchanges) == 1]
    try:
        written = outcomes.succeed_together([one.taken() for one in simple])
    except DatabaseError:
        log.exception("%s deliveries could not be written down together", len(simple))
        written = set()
    for one in tries:
        if one.delivery.pk not in written or one not in simple:
            keep(one)


def keep(tried: Try) -> None:
    """Write down what became of it, or it is sent again; one that cannot be costs the others nothing."""
    for _ in range(TRIES):
        try:
            tried.settle()
        except DatabaseError:
            log.exception("delivery %s was tried, but could not be written down", tried.delivery.pk)
            time.sleep(PAUSE)
            close_old_connections()
        else:
            return


def sweep() -> None:
    """Every minute: put the lines in order, and find what a lost wake-up or a crash has left behind."""
    queue.line_up(at=timezone.now())
    drain()


def wake() -> None:
    """Have a worker look, if there is something to find and nobody is on the way."""
    if queue.oldest_due(timezone.now()) is not None and get_broker().queue_size() < ENOUGH_QUEUED:
        async_task("connectors.tasks.drain")


def on_committed(entries: Sequence[Entry]) -> None:
    """Whatever is recorded may have made us owe something; only what we record ourselves has not."""
    if any(entry.verb not in OURS for entry in entries):
        wake()


OURS = ("delivery.sent", "delivery.dead", "delivery.uncertain")
