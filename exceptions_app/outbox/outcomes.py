"""What became of a delivery: its attempt, link, connection and timeline, all in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Min, QuerySet

from exceptions_app.asking import asked, ids, together
from exceptions_app.outbox import gates
from exceptions_app.outbox.models import Attempt, Connection, Delivery, Link
from exceptions_app.people.access import SYSTEM, Actor
from exceptions_app.timeline.entries import New, announce, record, record_many
from exceptions_app.vocabulary import DeliveryState, Operation
from exceptions_app.writing import dumped, insert

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(hours=1)
LONGEST_OBEYED = timedelta(hours=6)
PATIENCE = timedelta(hours=48)
#: What a case's timeline is told when it succeeds; the rest is in the delivery log.
TOLD = (Operation.CREATE, Operation.CLOSE, Operation.REOPEN)
# Whose case another transaction has in hand is left out instead of waited for, so that nobody deadlocks.
FREE = "SELECT id FROM exceptions_app_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
SENT = """
    UPDATE exceptions_app_delivery d
    SET state = 'sent', done_at = (one->>2)::timestamptz, reason = '', text = one->>3
    FROM jsonb_array_elements(%s::jsonb) one
    WHERE d.id = (one->>0)::uuid AND d.token = (one->>1)::int AND d.state = 'sending'
    RETURNING d.id, d.token
"""
NEXT_IN_LINE = """
    UPDATE exceptions_app_delivery d SET due_at = sent.done_at
    FROM exceptions_app_delivery sent
    WHERE sent.id = ANY(%s) AND d.case_id = sent.case_id AND d.connection_id = sent.connection_id
      AND d.position > sent.position AND d.state = 'waiting' AND d.due_at > sent.done_at
"""
# Whoever has the row in hand has news of it, too.
HEALTHY = """
    UPDATE exceptions_app_connection SET succeeded_at = %(at)s, last_error = ''
    WHERE id IN (
        SELECT id FROM exceptions_app_connection
        WHERE id = ANY(%(connections)s)
          AND (succeeded_at IS NULL OR succeeded_at < %(fresh)s OR last_error <> '')
        ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
"""
COUNTERPART = ("case", "connection", "external_id", "url", "status", "linked_at")
SAME_LINK = """(case_id, connection_id) DO UPDATE
    SET external_id = EXCLUDED.external_id, url = EXCLUDED.url, status = EXCLUDED.status"""
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


TRY = ("delivery", *(part.name for part in fields(Tried)))


@dataclass(frozen=True)
class Linked:
    """The counterpart over there, and what it was last told."""

    external_id: str
    url: str = ""
    status: str = ""


@dataclass(frozen=True)
class Taken:
    """A delivery that its platform has taken, and what is to be written down of it."""

    delivery: Delivery
    at: datetime
    attempt: Tried
    link: Linked | None = None


@transaction.atomic
def succeed(
    delivery: Delivery, *, at: datetime, attempt: Tried, link: Linked | None = None
) -> bool:
    """The platform has taken it. False if the lease was over and somebody else has it now."""
    lock_case(delivery)
    return bool(_succeed([Taken(delivery, at, attempt, link)]))


@transaction.atomic
def succeed_together(taken: Sequence[Taken]) -> set[UUID]:
    """Write down several answers in one go; gives which: not those whose case somebody has in hand."""
    free = {pk for (pk,) in asked(FREE, [ids(one.delivery.case_id for one in taken)])}
    written = [one for one in taken if one.delivery.case_id in free]
    if written:
        _succeed(written)
        gates.note_answer(*{one.delivery.connection_id for one in written})
    return {one.delivery.pk for one in written}


def _succeed(taken: Sequence[Taken]) -> list[Taken]:
    """Each statement is for all of them; what is not ours any more keeps only its attempt."""
    held = {(str(one.delivery.pk), one.delivery.token): one for one in taken}
    rows = [[*key, one.at.isoformat(), one.delivery.text] for key, one in held.items()]
    with together():
        insert([_kept(one.delivery, one.attempt) for one in taken], TRY, returning="")
        ours = [held[str(pk), token] for pk, token in asked(SENT, [dumped(rows)])]
    if not ours:
        return ours
    with together():
        asked(NEXT_IN_LINE, [[one.delivery.pk for one in ours]], answers=False)
        keep_links([link_of(one.delivery, one.link, one.at) for one in ours if one.link])
        _note_success({one.delivery.connection for one in ours}, max(one.at for one in ours))
        announce(*{one.delivery.case_id for one in ours if one.delivery.operation not in TOLD})
    record_many(
        New(one.delivery.case_id, "delivery.sent", SYSTEM, one.at, about(one.delivery, one.link))
        for one in ours
        if one.delivery.operation in TOLD
    )
    return ours


def keep_links(links: Sequence[Link]) -> None:
    """One statement, where update_or_create takes six for each."""
    insert(links, COUNTERPART, conflict=SAME_LINK, returning="")


def link_of(delivery: Delivery, link: Linked, at: datetime) -> Link:
    where = {"case_id": delivery.case_id, "connection_id": delivery.connection_id}
    return Link(**where, linked_at=at, **asdict(link))


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
    _kept(delivery, attempt).save()
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
    _kept(delivery, attempt).save()
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
    _kept(delivery, attempt).save()
    told = f"{reason} Look there whether it arrived: say so if it did, send it again if not."
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


def _kept(delivery: Delivery, tried: Tried) -> Attempt:
    kept = asdict(tried) | {"url": tried.url[:500], "verdict": tried.verdict[:500]}
    return Attempt(delivery=delivery, **kept)


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


def _note_success(connections: Iterable[Connection], at: datetime) -> None:
    """Every ten seconds is enough for a row that all workers write, and no news need not be asked for."""
    fresh = at - timedelta(seconds=10)
    news = [
        one.pk
        for one in connections
        if one.last_error or one.succeeded_at is None or one.succeeded_at < fresh
    ]
    if news:
        asked(HEALTHY, {"at": at, "fresh": fresh, "connections": news}, answers=False)


def _note_failure(connection_id: int, at: datetime, error: str) -> None:
    Connection.objects.filter(pk=connection_id).update(failed_at=at, last_error=error[:500])


def tell(delivery: Delivery, verb: str, *, by: Actor, at: datetime, **data: str) -> None:
    record(delivery.case_id, verb, by=by, at=at, data=about(delivery) | data)


def about(delivery: Delivery, link: Linked | None = None) -> dict[str, str]:
    """What every entry says of a delivery, and where its record is."""
    told = {
        "platform": delivery.connection.platform,
        "connection": delivery.connection.name,
        "operation": delivery.operation,
    }
    return told | ({"url": link.url, "external_id": link.external_id} if link else {})
