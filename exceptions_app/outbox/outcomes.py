"""What became of a delivery: its attempt, link, connection and timeline, all in one transaction."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from exceptions_app.outbox.models import Attempt, Connection, Delivery, Link
from exceptions_app.people.access import SYSTEM, Actor
from exceptions_app.timeline.entries import announce, record
from exceptions_app.vocabulary import DeliveryState, Operation

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(hours=1)
LONGEST_OBEYED = timedelta(hours=6)
PATIENCE = timedelta(hours=48)
#: What a case's timeline is told when it succeeds; the rest is in the delivery log.
TOLD = (Operation.CREATE, Operation.CLOSE, Operation.REOPEN)
NO_RECORD = "The platform has no record of the case: creating it failed or was skipped."


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One try as it will be kept; whoever made it has struck out every secret."""

    at: datetime
    ok: bool
    verdict: str
    took_ms: int = 0
    method: str = ""
    url: str = ""
    request: str = ""
    status: int | None = None
    answer: str = ""


@dataclass(frozen=True)
class Linked:
    """The counterpart over there, and what it was last told."""

    external_id: str
    url: str = ""
    status: str = ""


@transaction.atomic
def succeed(
    delivery: Delivery, *, at: datetime, attempt: Tried, link: Linked | None = None
) -> bool:
    """The platform has taken it. False if the lease was over and somebody else has it now."""
    lock_case(delivery)
    _keep(delivery, attempt)
    sent = {"state": DeliveryState.SENT, "done_at": at, "reason": "", "text": delivery.text}
    if not _release(delivery, **sent):
        return False
    _note_success(delivery.connection, at)
    told = {"url": link.url, "external_id": link.external_id} if link else {}
    if link:
        # One statement, where update_or_create takes six.
        Link.objects.bulk_create(
            [
                Link(
                    case_id=delivery.case_id,
                    connection_id=delivery.connection_id,
                    linked_at=at,
                    **asdict(link),
                )
            ],
            update_conflicts=True,
            unique_fields=("case", "connection"),
            update_fields=tuple(asdict(link)),
        )
    behind(delivery).filter(due_at__gt=at).update(due_at=at)
    if delivery.operation in TOLD:
        tell(delivery, "delivery.sent", by=SYSTEM, at=at, **told)
    else:
        announce(delivery.case_id)
    return True


@transaction.atomic
def retry(
    delivery: Delivery,
    *,
    at: datetime,
    error: str,
    attempt: Tried,
    after: timedelta | None = None,
) -> bool:
    """Not now: try again after a growing pause, or after what the platform asked for; dead after 48 h."""
    due = at + max(pause(delivery), min(after or timedelta(), LONGEST_OBEYED))
    if due > tried_since(delivery, at) + PATIENCE:
        given_up = f"Given up after 48 hours. {error}"
        return bury(delivery, at=at, reason=given_up, attempt=attempt)
    _keep(delivery, attempt)
    if not _release(delivery, state=DeliveryState.WAITING, due_at=due, reason=error[:500]):
        return False
    _note_failure(delivery.connection_id, at, error)
    # Those in line behind it need no looking at before.
    behind(delivery).filter(due_at__lt=due).update(due_at=due)
    return True


@transaction.atomic
def bury(delivery: Delivery, *, at: datetime, reason: str, attempt: Tried) -> bool:
    """It will not succeed by itself: dead, on the timeline, and there for a person to send again."""
    lock_case(delivery)
    _keep(delivery, attempt)
    if not _release(delivery, state=DeliveryState.DEAD, done_at=at, reason=reason[:500]):
        return False
    _note_failure(delivery.connection_id, at, reason)
    let_pass(delivery, at)
    tell(delivery, "delivery.dead", by=SYSTEM, at=at, reason=reason[:500])
    return True


@transaction.atomic
def doubt(delivery: Delivery, *, at: datetime, reason: str, attempt: Tried) -> bool:
    """It may have arrived, and sending it twice would be seen: a person looks, and sends again or skips."""
    lock_case(delivery)
    _keep(delivery, attempt)
    told = f"{reason} Look there whether it arrived: send it again if not, skip it if it did."
    if not _release(delivery, state=DeliveryState.UNCERTAIN, done_at=at, reason=told[:500]):
        return False
    _note_failure(delivery.connection_id, at, reason)
    let_pass(delivery, at)
    tell(delivery, "delivery.uncertain", by=SYSTEM, at=at, reason=reason[:500])
    return True


@transaction.atomic
def supersede(delivery: Delivery, *, at: datetime, reason: str) -> bool:
    """There is nothing to tell any more; say why."""
    if not _release(delivery, state=DeliveryState.SUPERSEDED, done_at=at, reason=reason[:500]):
        return False
    let_pass(delivery, at)
    announce(delivery.case_id)
    return True


def pause(delivery: Delivery) -> timedelta:
    """From a second doubling to an hour, spread so that what failed together does not return together."""
    doubled = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(delivery.attempts - 1, 0), 20))
    spread = delivery.pk.int // (delivery.attempts + 1) % 1001 / 1000
    paused: timedelta = doubled * (0.75 + spread / 2)
    return paused


def tried_since(delivery: Delivery, at: datetime) -> datetime:
    """When it was first tried. Not when it was owed: an outage of our own uses up nobody's patience."""
    tries = delivery.tries.filter(at__gte=delivery.owed_at).aggregate(first=Min("at"))
    first: datetime | None = tries["first"]
    return first or at


def lock_case(delivery: Delivery) -> None:
    """The chain of entries needs it. Always before any delivery, as everywhere, so that nobody deadlocks."""
    with_case = Delivery.objects.select_related("case").select_for_update(of=("case",), no_key=True)
    with_case.get(pk=delivery.pk)


def _keep(delivery: Delivery, tried: Tried) -> None:
    kept = asdict(tried) | {"url": tried.url[:500], "verdict": tried.verdict[:500]}
    Attempt.objects.create(delivery=delivery, **kept)


def _release(delivery: Delivery, **changes: object) -> bool:
    """Give it back if we still hold it."""
    ours = Delivery.objects.filter(
        pk=delivery.pk, token=delivery.token, state=DeliveryState.SENDING
    )
    return bool(ours.update(**changes))


def later(delivery: Delivery, state: DeliveryState) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        case=delivery.case_id,
        connection=delivery.connection_id,
        position__gt=delivery.position,
        state=state,
    )


def behind(delivery: Delivery) -> QuerySet[Delivery]:
    return later(delivery, DeliveryState.WAITING)


def let_pass(delivery: Delivery, at: datetime) -> None:
    """Without a record there is nothing to update or close; otherwise the next in line may go."""
    if delivery.operation == Operation.CREATE:
        lost = {"state": DeliveryState.SUPERSEDED, "done_at": at, "reason": NO_RECORD}
        behind(delivery).exclude(operation=Operation.CREATE).update(**lost)
    behind(delivery).filter(due_at__gt=at).update(due_at=at)


def _note_success(connection: Connection, at: datetime) -> None:
    """Every ten seconds is enough for a row that all workers write, and no news need not be asked for."""
    fresh = at - timedelta(seconds=10)
    if connection.succeeded_at and connection.succeeded_at >= fresh and not connection.last_error:
        return
    stale = Q(succeeded_at=None) | Q(succeeded_at__lt=fresh)
    Connection.objects.filter(stale | ~Q(last_error=""), pk=connection.pk).update(
        succeeded_at=at, last_error=""
    )


def _note_failure(connection_id: int, at: datetime, error: str) -> None:
    Connection.objects.filter(pk=connection_id).update(failed_at=at, last_error=error[:500])


def tell(delivery: Delivery, verb: str, *, by: Actor, at: datetime, **data: str) -> None:
    about = {
        "platform": delivery.connection.platform,
        "connection": delivery.connection.name,
        "operation": delivery.operation,
    }
    record(delivery.case_id, verb, by=by, at=at, data=about | data)
