"""Taking in what a vendor's webhook says: read by its format, given to the intake, held until its subject
is known.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from connectors.errors import UNREADABLE
from connectors.listening.kit import MOST_ID, Call, SaysNothing, Sought, moment_of, named
from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG
from exceptions_app.errors import DeskError, Refused
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.refusing import keep_unread
from exceptions_app.models import Receipt, RefusedSignal, Signal, Source
from exceptions_app.subjects.listening import speaking
from exceptions_app.subjects.resolving import Known, orders_with, sites_of, subjects_of

WORDS = {
    "stored": "stored",
    "duplicate": "known already",
    "conflict": "left as it was first said",
    "refused": "refused",
}
REASONS_SHOWN = 3
#: More signals than any call of the size that is taken can hold.
MOST_TOLD = 12 * MOST

log = logging.getLogger(__name__)


def take(call: HookCall, source: Source) -> None:
    """Have the call say what became of it, unsaved."""
    now = timezone.now()
    try:
        call.insist_it_ends()
        with transaction.atomic():
            heard(call, source, now)
    except SaysNothing as reason:
        settle(call, HookCall.State.NOTHING, str(reason))
    except DeskError as refusal:
        refuse(call, source, str(refusal), now)
    except OperationalError:
        raise  # a deadlock, a lost connection: it waits, and is taken in when that is over
    except (*UNREADABLE, DatabaseError) as fault:
        refuse(call, source, unreadable(fault, source), now)


def refuse(call: HookCall, source: Source, why: str, now: datetime) -> None:
    """Keep it among what was refused, to be mended there and read again."""
    settle(call, HookCall.State.CONFLICT, why)
    keep_unread(source, call.body, name=call.event_id, why=why, at=now)


def unreadable(fault: Exception, source: Source) -> str:
    log.error("a call to %s could not be read", source, exc_info=fault)
    return f"It could not be read ({type(fault).__name__}); it is logged."


def signals_of(row: RefusedSignal, text: str) -> list[Any]:
    """What a call says that was refused, in this text: as it was sent, or mended."""
    source = Source.objects.select_related("site").filter(slug=row.source).first()
    if source is None:
        raise Refused(f"There is no source “{row.source}” any more.")
    sent = HookCall.objects.filter(source=source, event_id__startswith=row.external_id)
    first = sent.exclude(state=HookCall.State.REFUSED).first()
    call = HookCall(body=text, at=row.received_at, headers=first.headers if first else {})
    try:
        with transaction.atomic():
            said = list(islice(read(call, source), MOST_TOLD))
            return signals_in(said, known(said, source), source)
    except SaysNothing as reason:
        raise Refused(str(reason)) from None
    except OperationalError:
        raise
    except (*UNREADABLE, DatabaseError) as fault:
        raise Refused(unreadable(fault, source)) from fault


def heard(call: HookCall, source: Source, now: datetime) -> None:
    said = list(islice(read(call, source), MOST_TOLD + 1))
    if len(said) > MOST_TOLD:
        raise Refused(
            f"It tells more than {MOST_TOLD:,} things; nothing was taken. Send fewer at once."
        )
    subjects = known(said, source)
    unknown = [one for one in sought_in(said) if one not in subjects]
    if waits := [one for one in unknown if call.at + one.patience > now]:
        return hold(call, waits[0])
    signals = signals_in(said, subjects, source)
    receipts = [
        accept(signals[start : start + MOST], by=speaking(source), at=max(call.at, now))
        for start in range(0, len(signals), MOST)
    ]
    left = (one for one in receipts if one.refused or one.conflict)
    call.receipt = next(left, receipts[-1])
    taken = any(one.stored or one.duplicate for one in receipts)
    state = HookCall.State.DONE if taken else HookCall.State.CONFLICT
    return settle(call, state, outcome(receipts))


def signals_in(
    said: Iterable[Any], subjects: Mapping[Sought, Sequence[Known]], source: Source
) -> list[Any]:
    return newest_first(one for signal in said for one in resolved(signal, subjects, source))


def newest_first(signals: Iterable[Any]) -> list[Any]:
    """So that what was over long ago when we heard of it raises nothing on the way to how things stand."""
    last_said_first = [*signals][::-1]
    return sorted(last_said_first, key=occurred, reverse=True)


def occurred(signal: Any) -> datetime:
    return moment_of(signal.get("occurred_at") if isinstance(signal, dict) else None)


def read(call: HookCall, source: Source) -> Iterator[Any]:
    """The signals in it, some of which may be about what is yet to be found."""
    sent = Call("", call.body.encode(), call.at, "POST", call.headers, source.zone)
    if call.body or not sent.header("ce-type"):  # an event in binary mode may carry nothing
        insist_json(call.body)
    if source.format not in BY_SLUG:
        raise SaysNothing("Nobody's webhooks are taken for this source any more.")
    form = BY_SLUG[source.format]
    found = False
    for signal in form.read(sent, form.config.read(source.settings)):
        found = True
        yield signal
    if not found:
        raise SaysNothing("It says nothing that matters here.")


def insist_json(body: str) -> None:
    """What is no JSON at all says nothing by mistake only."""
    try:
        json.loads(body)
    except ValueError as problem:
        raise Refused(f"This is not JSON: {problem}.") from problem


def settle(call: HookCall, state: HookCall.State, what: str) -> None:
    call.state, call.outcome = state, what[:500]


def outcome(receipts: Sequence[Receipt]) -> str:
    """In words: how many of what, why some were refused, and which cases this touched."""
    counts = [(sum(getattr(one, name) for one in receipts), word) for name, word in WORDS.items()]
    parts = [", ".join(f"{count} {word}" for count, word in counts if count) + "."]
    items = [item for one in receipts for item in one.items]
    reasons = {
        f"{name}: {why}" if name else why
        for item in items
        for name, why in (item.get("errors") or {}).items()
    }
    cases = {f"{one[:1].upper()}{one[1:]}." for item in items for one in item.get("cases") or ()}
    return " ".join([*parts, *sorted(reasons)[:REASONS_SHOWN], *sorted(cases)])


# --- Whom it is about ------------------------------------------------------------------------


def sought_in(said: Iterable[Any]) -> list[Sought]:
    found = (reference_of(signal) for signal in said)
    return list(dict.fromkeys(one for one in found if isinstance(one, Sought)))


def reference_of(signal: Any) -> Any:
    subject = signal.get("subject") if isinstance(signal, dict) else None
    return subject.get("reference") if isinstance(subject, dict) else None


def known(said: Iterable[Any], source: Source) -> dict[Sought, list[Known]]:
    """Those of which the desk knows what they are, in one query for each way to know it."""
    sought = sought_in(said)
    parcels, signals = {one.parcel for one in sought} - {""}, {one.signal for one in sought} - {""}
    orders = orders_with(parcels, source) if parcels else {}
    others = subjects_of(signals, source) if signals else {}
    found = {one: orders.get(one.parcel) or others.get(one.signal) or [] for one in sought}
    return {one: subjects for one, subjects in found.items() if subjects}


def resolved(
    signal: Any, subjects: Mapping[Sought, Sequence[Known]], source: Source
) -> Iterator[Any]:
    """The signal as the API takes it, once for each order that shares a parcel."""
    sought = reference_of(signal)
    if not isinstance(signal, dict):
        yield {"source": source.slug, "signal": signal}  # refused, and known to be of this source
    elif not isinstance(sought, Sought):
        yield {**signal, "source": source.slug}
    elif sought not in subjects:
        yield about(signal, source, reference=sought.alone)
    else:
        for one in subjects[sought]:
            name = f"{signal['external_id']}:{one.reference}" if sought.parcel else ""
            told = {**signal, "external_id": named(name)} if name else signal
            yield about(told, source, reference=one.reference, site=one.site)


def about(signal: Mapping[str, Any], source: Source, **subject: str) -> dict[str, Any]:
    return {**signal, "source": source.slug, "subject": {**signal["subject"], **subject}}


def hold(call: HookCall, sought: Sought) -> None:
    """Keep it until what it is about is known; the signal that says so may be on its way."""
    call.parcel, call.follows = sought.parcel[:MOST_ID], sought.signal[:MOST_ID]
    call.due_at = call.at + sought.patience
    whom = f"an order with parcel {sought.parcel}" if sought.parcel else "what it follows"
    settle(
        call, HookCall.State.HELD, f"It waits for {whom} until {call.due_at:%Y-%m-%d %H:%M} UTC."
    )


def wake(at: datetime) -> int:
    """Let those go on whose subject has become known, or for which nobody would wait any longer."""
    held = HookCall.objects.filter(state=HookCall.State.HELD)
    parcels = held.exclude(parcel="").filter(source__isnull=False)
    rows: list[tuple[int, str, int | None]] = list(
        parcels.values_list("pk", "parcel", "source__site")
    )
    there = sites_of({number for _, number, _ in rows}) if rows else set()
    anywhere = {number for number, _ in there}
    known = [
        pk
        for pk, number, site in rows
        if (number, site) in there or (site is None and number in anywhere)
    ]
    signals = Signal.objects.filter(
        source=OuterRef("source"), external_id=OuterRef("follows"), subject__isnull=False
    )
    free = Q(due_at__lte=at) | Q(pk__in=known) | Q(Exists(signals), source__isnull=False)
    return held.filter(free).update(state=HookCall.State.WAITING)
