"""What people decide about a delivery: send it again, skip it, or say that it arrived."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from exceptions_app.errors import NotAllowedNow, NotFound, Refused
from exceptions_app.outbox.models import Attempt, Delivery, Link
from exceptions_app.outbox.outcomes import (
    NO_RECORD,
    Linked,
    keep_links,
    later,
    let_pass,
    link_of,
    tell,
)
from exceptions_app.outbox.owing import owe
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.timeline.entries import announce
from exceptions_app.vocabulary import OWED, DeliveryState, Operation

KNOWN = (*OWED, DeliveryState.SENT, DeliveryState.UNCERTAIN)
LONGEST_ID = 200
LONGEST_REASON = 500
#: What each operation tells is told as well by these, if they come after it.
OUTDATED_BY: Mapping[str, tuple[Operation, ...]] = {
    Operation.UPDATE: (Operation.CREATE, Operation.UPDATE, Operation.CLOSE, Operation.REOPEN),
    Operation.CLOSE: (Operation.CREATE, Operation.CLOSE, Operation.REOPEN),
    Operation.REOPEN: (Operation.CREATE, Operation.CLOSE, Operation.REOPEN),
}
OUTDATED = (
    "{where} was told since how {case} stands, so this would come out of turn. "
    "Comment on the case if its words still matter there."
)
SAID = "(Said "


@transaction.atomic
def resend(delivery_id: UUID, *, by: Actor, at: datetime) -> Delivery:
    """Owe it once more, with all its patience; superseded if what was told since says more than it would."""
    delivery = _held(delivery_id, by=by)
    if refusal := _why_not_again(delivery):
        raise NotAllowedNow(refusal)
    since = later(delivery, DeliveryState.SENT)
    if since.filter(operation__in=OUTDATED_BY.get(delivery.operation, ())).exists():
        reason = OUTDATED.format(where=delivery.connection, case=delivery.case)
        _move(delivery, state=DeliveryState.SUPERSEDED, done_at=at, reason=reason)
        announce(delivery.case_id)
        return delivery
    text = late(delivery) if since.exists() else delivery.text
    _move(delivery, attempts=0, text=text, **_owed_again(at))
    owe_the_rest(delivery, at)
    tell(delivery, "delivery.resent", by=by, at=at)
    return delivery


@transaction.atomic
def skip(delivery_id: UUID, *, by: Actor, at: datetime, reason: str) -> Delivery:
    """Decide that this need not be told any more, and why."""
    why = reason.strip()
    if not why:
        raise Refused.about("reason", "Say why it is skipped.")
    delivery = _held(delivery_id, by=by)
    if delivery.state not in (DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNCERTAIN):
        state = delivery.get_state_display()
        raise NotAllowedNow(
            f"This delivery is {state}; only what is owed or failed can be skipped."
        )
    _move(delivery, state=DeliveryState.SKIPPED, done_at=at, reason=why[:LONGEST_REASON])
    let_pass(delivery, at)
    tell(delivery, "delivery.skipped", by=by, at=at, reason=why)
    return delivery


@transaction.atomic
def uncertain(delivery_id: UUID, *, by: Actor) -> Delivery:
    """A delivery of which the actor may say that it arrived, or which other record it made."""
    delivery = _held(delivery_id, by=by)
    if delivery.state != DeliveryState.UNCERTAIN and not made(delivery):
        state = delivery.get_state_display()
        raise NotAllowedNow(f"This delivery is {state}; there is no doubt to settle.")
    return delivery


@transaction.atomic
def arrived(
    delivery_id: UUID, *, by: Actor, at: datetime, record: Linked | None = None
) -> Delivery:
    """Believe the person who has looked there: it is sent; a creation needs the ``record`` it made.

    Another record than was known before is told how the case stands.
    """
    delivery = uncertain(delivery_id, by=by)
    told, another = f"{by} looked there: it arrived.", False
    if delivery.operation == Operation.CREATE:
        link = sound(delivery, record)
        told = f"{by} looked there: it arrived, its id is {link.external_id}."
        known = Link.objects.filter(case=delivery.case_id, connection=delivery.connection_id)
        another = made(delivery) and not known.filter(external_id=link.external_id).exists()
        keep_links([link_of(delivery, link, at)])
        owe_the_rest(delivery, at)
    if another:
        operation = Operation.UPDATE if delivery.case.is_open else Operation.CLOSE
        key = f"relinked:{delivery.pk}:{at.isoformat()}"
        owe(delivery.case_id, delivery.connection_id, operation, at=at, key=key)
    _move(delivery, state=DeliveryState.SENT, done_at=at, reason="")
    Attempt.objects.create(delivery=delivery, at=at, ok=True, verdict=told[:500])
    about = {"external_id": record.external_id, "url": record.url} if record else {}
    tell(delivery, "delivery.arrived", by=by, at=at, **about)
    return delivery


def made(delivery: Delivery) -> bool:
    """Whether it has made a record, as far as is known: people may know it better, or it was merged there."""
    return delivery.operation == Operation.CREATE and delivery.state == DeliveryState.SENT


def sound(delivery: Delivery, record: Linked | None) -> Linked:
    """The record, if it can be the counterpart of this case."""
    where = delivery.connection
    if record is None:
        raise Refused.about("external_id", f"Say which id the record has in {where}.")
    named = record.external_id
    if not named.isprintable() or " " in named or not 0 < len(named) <= LONGEST_ID:
        raise Refused.about(
            "external_id", f"An id is a word of at most {LONGEST_ID} letters. Copy it from {where}."
        )
    others = Link.objects.filter(connection=where, external_id=named).exclude(case=delivery.case)
    if other := others.select_related("case").first():
        raise Refused.about(
            "external_id", f"{named} is the record of {other.case} in {where} already."
        )
    return record


def owe_the_rest(creation: Delivery, at: datetime) -> None:
    """What was given up for want of a record is owed again with it."""
    if creation.operation == Operation.CREATE:
        lost = later(creation, DeliveryState.SUPERSEDED).filter(reason=NO_RECORD)
        lost.update(**_owed_again(at))


def late(delivery: Delivery) -> str:
    """What a comment says, and when it was said: over there it stands below what was said after it."""
    if delivery.operation != Operation.COMMENT or delivery.text.startswith(SAID):
        return delivery.text
    said_at = delivery.owed_at.astimezone(ZoneInfo(delivery.case.site.time_zone))
    return f"{SAID}{said_at:%a %d %b %Y %H:%M %Z})\n{delivery.text}"


def _owed_again(at: datetime) -> dict[str, Any]:
    waiting = {"state": DeliveryState.WAITING, "owed_at": at, "due_at": at}
    return waiting | {"done_at": None, "reason": ""}


def _held(delivery_id: UUID, *, by: Actor) -> Delivery:
    """A delivery that the actor may see and send, with its case locked."""
    every = Delivery.objects.select_related("case__site", "connection").select_for_update(
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
