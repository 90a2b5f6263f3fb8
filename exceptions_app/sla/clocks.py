"""Starting clocks and letting them follow a case's timeline (S1, S3, S4)."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exceptions_app.errors import DeskError
from exceptions_app.people.access import CLOCK
from exceptions_app.people.models import Site
from exceptions_app.sla.calendars import hours_by_clock
from exceptions_app.sla.clockwork import History, Reading, proof, reckon
from exceptions_app.sla.history import BREACHED, TELLING, WARNED, Event, history
from exceptions_app.sla.hours import Hours, Span
from exceptions_app.sla.models import Clock, Target, length_of
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import Severity, TargetKind
from exceptions_app.writing import update

log = logging.getLogger(__name__)

#: When a clock that cannot be read is tried again: what is wrong with its hours may have been mended.
AGAIN = timedelta(minutes=10)

STORED = (
    "due_at",
    "warn_at",
    "paused",
    "stopped_at",
    "warned_at",
    "breached_at",
    "next_at",
)


@dataclass(frozen=True)
class Match:
    """What a target is chosen by."""

    exception_type: str
    severity: Severity
    tier: str
    site_id: int


@dataclass(frozen=True)
class Starting:
    """A case whose clocks are to start."""

    case_id: int
    match: Match
    opened_at: datetime


@dataclass(frozen=True)
class Standing:
    """What the clocks of a case say together: when the next one is due, and whether one was missed."""

    due_at: datetime | None
    breached: bool


def start_many(starting: Sequence[Starting]) -> None:
    """Give each case the clocks of its targets."""
    targets = list(Target.objects.all())
    calendars = calendars_of({one.match.site_id for one in starting})
    Clock.objects.bulk_create(
        clock_for(one, target, calendars[one.match.site_id])
        for one in starting
        for target in matching(targets, one.match).values()
    )


def calendars_of(site_ids: Iterable[int]) -> dict[int, int | None]:
    return dict(Site.objects.filter(pk__in=site_ids).values_list("pk", "calendar"))


def clock_for(one: Starting, target: Target, calendar_id: int | None) -> Clock:
    clock: Clock = Clock(
        case_id=one.case_id, kind=target.kind, calendar_id=calendar_id, started_at=one.opened_at
    )
    aim(clock, target)
    return clock


def aim(clock: Clock, target: Target) -> None:
    clock.length_kind, clock.amount = target.length_kind, target.amount
    clock.warn_percent = target.warn_at


def matching(targets: Iterable[Target], match: Match) -> dict[str, Target]:
    """The most specific target of each kind; a site outweighs a tier, a tier a severity, that a type."""
    best: dict[str, tuple[int, Target]] = {}
    for target in targets:
        asked = (
            (target.exception_type or None, match.exception_type),
            (target.severity, match.severity),
            (target.tier or None, match.tier),
            (target.site_id, match.site_id),
        )
        if any(wanted is not None and wanted != got for wanted, got in asked):
            continue
        weight = sum(1 << place for place, (wanted, _) in enumerate(asked) if wanted is not None)
        if target.kind not in best or weight > best[target.kind][0]:
            best[target.kind] = (weight, target)
    return {kind: target for kind, (_, target) in best.items()}


def retarget(one: Starting) -> None:
    retarget_many([one])


def retarget_many(starting: Sequence[Starting]) -> None:
    """Give running clocks the lengths that match now, and start those that a case lacks (S6).

    All count from the opening on as before. A clock for which no target is left runs on as it was.
    """
    targets = list(Target.objects.all())
    wanted = {one.case_id: matching(targets, one.match) for one in starting}
    aimed = []
    for clock in Clock.objects.filter(case__in=wanted):
        target = wanted[clock.case_id].pop(clock.kind, None)
        if target and clock.stopped_at is None:
            aim(clock, target)
            aimed.append(clock)
    update(aimed, ("length_kind", "amount", "warn_percent"))
    if any(wanted.values()):
        calendars = calendars_of({one.match.site_id for one in starting})
        Clock.objects.bulk_create(
            clock_for(one, new, calendars[one.match.site_id])
            for one in starting
            for new in wanted[one.case_id].values()
        )


def follow(case_id: int, *, at: datetime) -> Standing:
    """Bring one case's clocks up to its timeline; records warnings and breaches that have come."""
    return follow_many([case_id], at=at)[case_id]


def follow_many(case_ids: Sequence[int], *, at: datetime) -> dict[int, Standing]:
    """The same for many cases, in a constant number of statements. The cases must be locked.

    A clock that cannot be read keeps what is stored of it, and the others run on.
    """
    clocks = list(Clock.objects.filter(case__in=case_ids).order_by("case_id", "id"))
    events = events_of({clock.case_id for clock in clocks})
    hours = hours_by_clock(clocks)
    changed, news = [], []
    for clock in clocks:
        try:
            reading = read(clock, events[clock.case_id], hours[clock.pk], at)
        except DeskError as problem:
            log.warning("%s cannot be read: %s", clock, problem)
            clock.next_at = at + AGAIN
            changed.append(clock)
            continue
        news += told(clock, reading, at)
        if keep(clock, reading):
            changed.append(clock)
    update(changed, STORED)
    record_many(news)
    return standings(case_ids, clocks)


def events_of(case_ids: Iterable[int]) -> Mapping[int, list[Event]]:
    """What the timelines say that matters to clocks."""
    found: dict[int, list[Event]] = defaultdict(list)
    rows = Entry.objects.filter(case__in=set(case_ids), verb__in=TELLING).order_by("case_id", "seq")
    said = ("data__waiting_for", "data__target", "data__due_at")
    for case_id, at, verb, kind, why, target, due in rows.values_list(
        "case_id", "at", "verb", "actor_kind", *said
    ):
        due_at = datetime.fromisoformat(due) if due else None
        found[case_id].append(Event(at, verb, kind, why or "", target or "", due_at))
    return found


def history_of(clock: Clock, events: Iterable[Event]) -> History:
    return history(TargetKind(clock.kind), clock.started_at, events)


def read(clock: Clock, events: Iterable[Event], hours: Hours, at: datetime) -> Reading:
    return reckon(history_of(clock, events), length_of(clock), hours, at, clock.warn_percent / 100)


def told(clock: Clock, reading: Reading, at: datetime) -> list[New]:
    """The entry that this reading owes the timeline: a breach, or else a warning while it can help."""
    if reading.breached_at and clock.breached_at is None:
        return [new_entry(clock, BREACHED, reading.breached_at, at)]
    useful = reading.stopped_at is None and reading.breached_at is None
    if reading.warned_at and clock.warned_at is None and reading.due_at and useful:
        return [new_entry(clock, WARNED, reading.due_at, at)]
    return []


def new_entry(clock: Clock, verb: str, due_at: datetime, at: datetime) -> New:
    data = {"target": clock.kind, "due_at": due_at.isoformat()}
    return New(clock.case_id, verb, CLOCK, at, data)


def keep(clock: Clock, reading: Reading) -> bool:
    """Store the reading on the row; whether anything changed."""
    before = tuple(getattr(clock, name) for name in STORED)
    for name in STORED:
        setattr(clock, name, getattr(reading, name))
    return before != tuple(getattr(clock, name) for name in STORED)


def standings(case_ids: Iterable[int], clocks: Iterable[Clock]) -> dict[int, Standing]:
    due: dict[int, list[datetime]] = defaultdict(list)
    breached = set()
    for clock in clocks:
        if clock.due_at and clock.stopped_at is None:
            due[clock.case_id].append(clock.due_at)
        if clock.breached_at:
            breached.add(clock.case_id)
    return {pk: Standing(min(due[pk], default=None), pk in breached) for pk in case_ids}


def proof_of(clock: Clock, *, at: datetime) -> list[Span]:
    """Every interval of a clock, counted or not, and why."""
    hours = hours_by_clock([clock])[clock.pk]
    return proof(
        history_of(clock, events_of([clock.case_id])[clock.case_id]),
        length_of(clock),
        hours,
        at,
    )
