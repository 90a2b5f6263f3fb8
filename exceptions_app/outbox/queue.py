"""The outbox as a queue: who may perform which delivery when.

At least once, in order per case and connection. A claim is a lease: whoever does not finish within it has
lost the delivery to the next claim, and its fencing token with it.
"""

import itertools
import os
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from exceptions_app.leases import only_one
from exceptions_app.outbox import gates
from exceptions_app.outbox.models import Delivery, Heartbeat
from exceptions_app.outbox.rates import Rate
from exceptions_app.vocabulary import DeliveryState, Operation

LEASE, SOON = timedelta(seconds=60), timedelta(milliseconds=10)
MOST_TOLD = 50
WAITING = 0x666C61_67  # a lock's name
TOGETHER = "Told together with an earlier update of the same record."
FORGOTTEN = timedelta(days=1)
# Connection by connection, so that a backlog on one costs the others nothing; the head of each line only.
# "+ 0" keeps the planner from finding a line by its connection: where statistics saw nothing owed, it would
# compare all that is owed there, or all that ever was, with each other. Eight more than one may take, as
# others may be taking them just now.
DUE = """
    SELECT w.id, w.due_at, w.position
    FROM exceptions_app_connection c CROSS JOIN LATERAL (
        SELECT d.id, d.due_at, d.position FROM exceptions_app_delivery d
        WHERE d.connection_id = c.id AND d.state IN ('waiting', 'sending') AND d.due_at <= %(at)s
          AND d.position = (SELECT min(e.position) FROM exceptions_app_delivery e
                            WHERE e.case_id = d.case_id AND e.connection_id + 0 = d.connection_id
                              AND e.state IN ('waiting', 'sending'))
        ORDER BY d.due_at, d.position LIMIT %(share)s + 8) w
    WHERE c.enabled AND c.id <> ALL(%(without)s::bigint[])
      AND NOT EXISTS (SELECT 1 FROM exceptions_app_gate g WHERE g.connection_id = c.id
                      AND (g.free_at > %(at)s OR g.held_until > %(at)s))
"""
# The state is asked again behind the lock: another claim may have been faster.
CLAIM = """
    WITH due AS MATERIALIZED ({due}),
    mine AS MATERIALIZED (
        SELECT d.id, d.connection_id, due.due_at, due.position
        FROM exceptions_app_delivery d JOIN due ON due.id = d.id
        WHERE d.state IN ('waiting', 'sending') AND d.due_at <= %(at)s
        ORDER BY due.due_at, due.position LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED),
    shared AS (
        SELECT id, row_number() OVER (PARTITION BY connection_id ORDER BY due_at, position) AS nth
        FROM mine)
    UPDATE exceptions_app_delivery d
    SET state = 'sending', due_at = %(lease)s, token = token + 1, attempts = attempts + 1
    FROM shared WHERE d.id = shared.id AND shared.nth <= %(share)s RETURNING d.id
""".replace("{due}", DUE)

NEXT = """
    SELECT min(greatest(first.due_at, g.free_at, g.held_until))
    FROM exceptions_app_connection c LEFT JOIN exceptions_app_gate g ON g.connection_id = c.id
    CROSS JOIN LATERAL (
        SELECT d.due_at FROM exceptions_app_delivery d
        WHERE d.connection_id = c.id AND d.state IN ('waiting', 'sending')
          AND (d.due_at > %s OR d.state = 'waiting')
        ORDER BY d.due_at LIMIT 1) first
    WHERE c.enabled
"""

# What is owed behind a failing one is due at once and would be looked at with every claim.
LINE_UP = """
    WITH head AS (
        SELECT DISTINCT ON (case_id, connection_id) case_id, connection_id, position, state, due_at
        FROM exceptions_app_delivery WHERE state IN ('waiting', 'sending')
          AND connection_id IN (SELECT id FROM exceptions_app_connection WHERE enabled)
        ORDER BY case_id, connection_id, position),
    behind AS (
        SELECT d.id, head.due_at FROM exceptions_app_delivery d
        JOIN head ON head.case_id = d.case_id AND head.connection_id = d.connection_id
        WHERE d.state = 'waiting' AND d.position > head.position AND d.due_at < head.due_at
          AND head.state = 'waiting' AND head.due_at > %s
        FOR UPDATE OF d SKIP LOCKED)
    UPDATE exceptions_app_delivery d SET due_at = behind.due_at FROM behind WHERE d.id = behind.id
"""


def claim(
    *, at: datetime, limit: int = 1, share: int = 0, without: Collection[int] = ()
) -> list[Delivery]:
    """Take what is due for a minute, oldest first, but nothing of the connections ``without``.

    ``share`` is the most of one connection.
    """
    given: dict[str, Any] = {
        "at": at,
        "limit": limit,
        "share": share or limit,
        "lease": at + LEASE,
        "without": list(without),
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, given)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    whole = Delivery.objects.select_related(
        "connection", "case__site", "case__team", "case__assignee"
    )
    return list(whole.filter(pk__in=ids).prefetch_related("case__links"))


def admitted(
    claimed: Sequence[Delivery], rate_of: Callable[[str], Rate], *, at: datetime
) -> list[Delivery]:
    """Ready to be performed, where the connection may be used now; the others are given back until it may."""
    ready, left = [], list(claimed)
    while left:
        first = {one.connection_id: one for one in reversed(left)}
        rates = {pk: rate_of(one.connection.platform) for pk, one in first.items()}
        may = gates.admit_each(rates, at=at)
        ready += [one for pk, one in first.items() if pk in may]
        for pk in first.keys() - may:
            give_back(first[pk], due_at=gates.next_admission(pk, at) + SOON)
        left = [one for one in left if one is not first[one.connection_id]]
    for delivery in ready:
        if delivery.operation == Operation.UPDATE:
            coalesce(delivery, at=at)
    return ready


def give_back(delivery: Delivery, *, due_at: datetime) -> None:
    """It was claimed, but not tried; that costs it nothing."""
    Delivery.objects.filter(
        pk=delivery.pk, token=delivery.token, state=DeliveryState.SENDING
    ).update(state=DeliveryState.WAITING, due_at=due_at, attempts=F("attempts") - 1)


@transaction.atomic
def coalesce(delivery: Delivery, *, at: datetime) -> Delivery:
    """Tell in one what waits behind an update of the same record, as long as those are updates, too."""
    line = Delivery.objects.select_for_update(skip_locked=True).filter(
        case=delivery.case_id,
        connection=delivery.connection_id,
        position__gt=delivery.position,
        state=DeliveryState.WAITING,
    )
    same = list(
        itertools.takewhile(
            lambda one: one.operation == Operation.UPDATE, line.order_by("position")[:MOST_TOLD]
        )
    )
    if same and Delivery.objects.filter(
        pk=delivery.pk, token=delivery.token, state=DeliveryState.SENDING
    ).update(text=(text := "\n".join(filter(None, [delivery.text, *(one.text for one in same)])))):
        delivery.text = text
        Delivery.objects.filter(pk__in=[one.pk for one in same]).update(
            state=DeliveryState.SUPERSEDED, done_at=at, reason=TOGETHER
        )
    return delivery


def oldest_due(at: datetime) -> timedelta | None:
    """How long the delivery that has waited longest could have been performed; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(due_at) FROM ({DUE}) due",  # noqa: S608 - made of constants
            {"at": at, "share": 1, "without": []},
        )
        oldest: datetime | None = cursor.fetchone()[0]
    return None if oldest is None else at - oldest


def next_due(at: datetime) -> datetime | None:
    """When something can be performed, as far as is known now: due, its connection neither held nor spent."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [at])
        found: datetime | None = cursor.fetchone()[0]
    return found


def alone() -> AbstractContextManager[bool]:
    """Whether nobody else waits for what will be due."""
    return only_one(WAITING)


def line_up(*, at: datetime) -> None:
    """Let what stands behind a failing delivery be due with it, which keeps claims cheap."""
    with connection.cursor() as cursor:
        cursor.execute(LINE_UP, [at])


def beat(name: str, *, at: datetime) -> None:
    """Say that this process is alive."""
    Heartbeat.objects.update_or_create(
        name=name, host=socket.gethostname()[:120], pid=os.getpid(), defaults={"at": at}
    )
    Heartbeat.objects.filter(name=name, at__lt=at - FORGOTTEN).delete()


def last_beat(name: str) -> datetime | None:
    """When a process of this name was last alive."""
    beats = Heartbeat.objects.filter(name=name).order_by("-at")
    return beats.values_list("at", flat=True).first()
