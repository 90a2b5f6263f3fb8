"""The outbox as a queue: who may perform which delivery when, and what people may do about one.

At least once, in order per case and connection. A claim is a lease: whoever does not finish within it has
lost the delivery to the next claim, and its fencing token with it.
"""

import itertools
import os
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from exceptions_app.errors import NotAllowedNow, NotFound, Refused
from exceptions_app.outbox import gates
from exceptions_app.outbox.gates import Pace
from exceptions_app.outbox.models import Connection, Delivery, Heartbeat, Link
from exceptions_app.outbox.outcomes import NO_RECORD, later, let_pass, tell
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import DeliveryState, Operation

LEASE, SOON = timedelta(seconds=60), timedelta(milliseconds=10)
MOST_TOLD = 50
WAITING = 0x666C61_67  # a lock's name
TOGETHER = "Told together with an earlier update of the same record."
FORGOTTEN = timedelta(days=1)
OWED = (DeliveryState.WAITING, DeliveryState.SENDING)
KNOWN = (*OWED, DeliveryState.SENT, DeliveryState.UNCERTAIN)
# Connection by connection, so that a backlog on one costs the others nothing; the head of each line only.
DUE = """
    SELECT w.id, w.due_at, w.position
    FROM exceptions_app_connection c CROSS JOIN LATERAL (
        SELECT d.id, d.due_at, d.position FROM exceptions_app_delivery d
        WHERE d.connection_id = c.id AND d.state IN ('waiting', 'sending') AND d.due_at <= %(at)s
          AND NOT EXISTS (SELECT 1 FROM exceptions_app_delivery e
                          WHERE e.case_id = d.case_id AND e.connection_id = d.connection_id
                            AND e.position < d.position AND e.state IN ('waiting', 'sending'))
        ORDER BY d.due_at, d.position LIMIT %(limit)s + 20) w
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
    claimed: Sequence[Delivery], pace_of: Callable[[Connection], Pace], *, at: datetime
) -> list[Delivery]:
    """Ready to be performed, where the connection may be used now; the others are given back until it may."""
    ready, left = [], list(claimed)
    while left:
        first = {one.connection_id: one for one in reversed(left)}
        paces = {pk: pace_of(one.connection) for pk, one in first.items()}
        may = gates.admit_each(paces, at=at)
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
            {"at": at, "limit": 1, "without": []},
        )
        oldest: datetime | None = cursor.fetchone()[0]
    return None if oldest is None else at - oldest


def next_due(at: datetime) -> datetime | None:
    """When something can be performed, as far as is known now: due, its connection neither held nor spent."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [at])
        found: datetime | None = cursor.fetchone()[0]
    return found


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else waits for what will be due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [WAITING])
        (granted,) = cursor.fetchone()
        try:
            yield granted
        finally:
            if granted:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [WAITING])


def due_count(at: datetime) -> int:
    """How many are due, those in line behind another included."""
    due = Delivery.objects.filter(state__in=OWED, due_at__lte=at, connection__enabled=True)
    return due.count()


def line_up(*, at: datetime) -> None:
    """Let what stands behind a failing delivery be due with it, which keeps claims cheap."""
    with connection.cursor() as cursor:
        cursor.execute(LINE_UP, [at])


@transaction.atomic
def resend(delivery_id: UUID, *, by: Actor, at: datetime) -> Delivery:
    """Owe it once more, with all its patience."""
    delivery = _held(delivery_id, by=by)
    if refusal := _why_not_again(delivery):
        raise NotAllowedNow(refusal)
    again = {"owed_at": at, "due_at": at, "done_at": None, "reason": ""}
    _move(delivery, state=DeliveryState.WAITING, attempts=0, **again)
    if delivery.operation == Operation.CREATE:
        # What was given up for want of a record is owed again with it.
        later(delivery, DeliveryState.SUPERSEDED).filter(reason=NO_RECORD).update(
            state=DeliveryState.WAITING, **again
        )
    tell(delivery, "delivery.resent", by=by, at=at)
    return delivery


@transaction.atomic
def skip(delivery_id: UUID, *, by: Actor, at: datetime, reason: str) -> Delivery:
    """Decide that this need not be told any more, and why."""
    why = reason.strip()
    if not why:
        raise Refused("Say why it is skipped.", {"reason": "Say why it is skipped."})
    delivery = _held(delivery_id, by=by)
    if delivery.state not in (DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNCERTAIN):
        state = delivery.get_state_display()
        raise NotAllowedNow(
            f"This delivery is {state}; only what is owed or failed can be skipped."
        )
    _move(delivery, state=DeliveryState.SKIPPED, done_at=at, reason=why[:500])
    let_pass(delivery, at)
    tell(delivery, "delivery.skipped", by=by, at=at, reason=why)
    return delivery


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


def _held(delivery_id: UUID, *, by: Actor) -> Delivery:
    """A delivery that the actor may see and send, with its case locked."""
    every = Delivery.objects.select_related("case", "connection").select_for_update(
        of=("case",), no_key=True
    )
    seen = access.visible(every, by, site="case__site_id", team="case__team_id")
    delivery = seen.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("There is no such delivery, or its case is at a site you do not work for.")
    case = delivery.case
    access.insist(by, "resend", site_id=case.site_id, team_id=case.team_id)
    return delivery


def _why_not_again(delivery: Delivery) -> str:
    where, case = delivery.connection, delivery.case
    known = Delivery.objects.filter(
        case=case, connection=where, operation=Operation.CREATE, state__in=KNOWN
    ).exclude(pk=delivery.pk)
    if delivery.state in OWED:
        return f"This is on its way to {where}; wait and see what becomes of it."
    if delivery.state == DeliveryState.SENT:
        return f"{where} has taken this already; there is nothing to send again."
    if not where.enabled:
        return f"{where} is switched off. Enable the connection first."
    if delivery.operation == Operation.CREATE:
        return f"{where} has a record of {case} already, or will get one." if known.exists() else ""
    if not (known.exists() or Link.objects.filter(case=case, connection=where).exists()):
        return f"{where} has no record of {case}; send its creation again first."
    return ""


def _move(delivery: Delivery, **changes: object) -> None:
    """Change it unless a worker was faster."""
    if not Delivery.objects.filter(pk=delivery.pk, state=delivery.state).update(**changes):
        raise NotAllowedNow("Its state has just changed; look again.")
    for name, value in changes.items():
        setattr(delivery, name, value)
