"""The outbox as a queue: claim what is due, and say what became of it."""

import os
import random
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min

from exceptions_app.errors import NotAllowedNow, NotFound
from exceptions_app.outbox.models import Delivery, Heartbeat
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import DeliveryState

LEASE = timedelta(seconds=60)
IN_LINE = (DeliveryState.WAITING, DeliveryState.SENDING)

CLAIM = """
    UPDATE exceptions_app_delivery SET state = 'sending', due_at = %(lease)s, token = token + 1,
           attempts = attempts + 1
    WHERE id IN (
        SELECT d.id FROM exceptions_app_delivery d
        JOIN exceptions_app_connection c ON c.id = d.connection_id AND c.enabled
        WHERE d.state IN ('waiting', 'sending') AND d.due_at <= %(at)s
          AND NOT EXISTS (
              SELECT 1 FROM exceptions_app_delivery before
              WHERE before.case_id = d.case_id AND before.connection_id = d.connection_id
                AND before.position < d.position AND before.state IN ('waiting', 'sending'))
        ORDER BY d.due_at, d.position LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED)
    RETURNING *
"""


def claim(*, at: datetime, limit: int = 1) -> list[Delivery]:
    """Take due deliveries for a minute, in order per case and connection."""
    return list(Delivery.objects.raw(CLAIM, {"at": at, "lease": at + LEASE, "limit": limit}))


def due_count(at: datetime) -> int:
    return Delivery.objects.filter(state__in=IN_LINE, due_at__lte=at).count()


def oldest_due(at: datetime) -> timedelta | None:
    """How long the longest waiting due delivery has waited."""
    due = Delivery.objects.filter(
        state__in=IN_LINE, due_at__lte=at, connection__enabled=True
    ).aggregate(oldest=Min("due_at"))
    return at - due["oldest"] if due["oldest"] else None


def beat(name: str, *, at: datetime) -> None:
    """Say that this process is alive."""
    Heartbeat.objects.update_or_create(
        name=name, host=socket.gethostname(), pid=os.getpid(), defaults={"at": at}
    )


def resend(delivery_id: object, *, by: Actor, at: datetime) -> Delivery:
    """Put one that will not go by itself back in line."""
    with transaction.atomic():
        delivery = held(delivery_id, by)
        if delivery.state in IN_LINE or delivery.state == DeliveryState.SENT:
            raise NotAllowedNow(f"It is {delivery.get_state_display()}; there is nothing to resend.")
        delivery.state, delivery.due_at, delivery.reason = DeliveryState.WAITING, at, ""
        delivery.save(update_fields=["state", "due_at", "reason"])
    return delivery


def skip(delivery_id: object, *, by: Actor, at: datetime, reason: str) -> Delivery:
    """Decide not to send it."""
    with transaction.atomic():
        delivery = held(delivery_id, by)
        if delivery.state not in (DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNCERTAIN):
            raise NotAllowedNow(f"It is {delivery.get_state_display()}; it cannot be skipped.")
        delivery.state, delivery.done_at, delivery.reason = DeliveryState.SKIPPED, at, reason[:500]
        delivery.save(update_fields=["state", "done_at", "reason"])
    return delivery


def held(delivery_id: object, by: Actor) -> Delivery:
    rows = access.visible(
        Delivery.objects.select_for_update(of=("self",)), by, site="case__site_id", team="case__team_id"
    )
    delivery = rows.filter(pk=delivery_id).select_related("case").first()
    if delivery is None:
        raise NotFound("There is no such delivery, or it is at a site you do not work for.")
    access.insist(by, "resend", site_id=delivery.case.site_id, team_id=delivery.case.team_id)
    return delivery


def back_off(attempts: int) -> timedelta:
    return timedelta(seconds=min(3600, 2**attempts) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter


def settled(delivery: Delivery, state: DeliveryState, *, at: datetime, reason: str = "") -> bool:
    """Compare-and-set on the token: False if somebody else holds the delivery now."""
    return bool(
        Delivery.objects.filter(pk=delivery.pk, token=delivery.token, state="sending").update(
            state=state, done_at=at, reason=reason[:500]
        )
    )


__all__: Sequence[str] = ("back_off", "beat", "claim", "due_count", "oldest_due", "resend", "settled", "skip")
