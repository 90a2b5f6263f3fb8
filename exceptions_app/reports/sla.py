"""SLA compliance, times and volumes of a period's cases, each number with the filter that opens them (R1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.reports import measuring
from exceptions_app.reports.doors import MET, MISSED, RUNNING, Door, Doors, Number
from exceptions_app.reports.groupings import Grouping, groups
from exceptions_app.reports.measuring import (
    PER_KEY,
    PER_PLACE,
    PER_WEEK,
    WHOLE,
    At,
    Measured,
    Spread,
)
from exceptions_app.reports.outliers import Side, outlier
from exceptions_app.reports.periods import Period, shown
from exceptions_app.vocabulary import TargetKind


@dataclass(frozen=True)
class Asked:
    """What a report is about; ``narrowed`` says in the board's parameters what ``cases`` are narrowed by."""

    cases: QuerySet[Case]
    period: Period
    grouping: Grouping = Grouping.SITE
    narrowed: Door = field(default_factory=dict)


@dataclass(frozen=True)
class TargetLine:
    """How one target was kept. What still runs is neither met nor missed, and no part of the share."""

    kind: TargetKind
    cases: Number
    met: Number
    missed: Number
    running: Number
    decided: Number
    before: float | None

    @property
    def share(self) -> float | None:
        """Met of those decided, from 0 to 1."""
        return self.met.value / self.decided.value if self.decided.value else None

    @property
    def change(self) -> float | None:
        """How much better than in the period before; negative is worse."""
        return None if self.share is None or self.before is None else self.share - self.before


@dataclass(frozen=True)
class TimeLine:
    """How long something took, elapsed on the wall clock, whatever the opening hours."""

    cases: Number
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class Line:
    """The figures of the whole, of one group or of one week."""

    label: str
    opened: Number
    resolved: Number
    open: Number
    targets: Mapping[str, TargetLine]
    to_acknowledge: TimeLine
    to_resolve: TimeLine


@dataclass(frozen=True)
class Outlier:
    """The team whose share is furthest below what the others would make likely."""

    label: str
    target: TargetLine


@dataclass(frozen=True)
class Report:
    """What a page, a file or the API shows."""

    period: Period
    grouping: Grouping
    at: datetime
    total: Line
    lines: tuple[Line, ...]
    weeks: tuple[Line, ...]
    outlier: Outlier | None
    teams: int

    @property
    def told(self) -> Period:
        """The days of it that there were; those still to come have nothing to report."""
        today = self.today
        first, last = self.period.first, self.period.last
        return Period(first, max(first, min(last, today)), self.period.zone)

    @property
    def today(self) -> date:
        return self.at.astimezone(self.period.zone).date()

    @property
    def running(self) -> bool:
        """Whether the last week is not over yet."""
        return self.today <= self.period.last

    @property
    def words(self) -> str:
        return self.told.words

    @property
    def has_before(self) -> bool:
        """Whether anything was decided in the period before, to compare with."""
        return any(target.before is not None for target in self.total.targets.values())

    @property
    def empty(self) -> bool:
        return not (self.total.opened.value or self.total.resolved.value)


def compliance(asked: Asked, *, by: Actor, at: datetime) -> Report:
    """The report of what the actor may see, in a constant number of statements."""
    cases = access.visible(asked.cases, by, verb="see_reports")
    reading = Reading(asked, measuring.measured(cases, asked.grouping, asked.period))
    weeks = tuple(reading.week(start) for start in asked.period.mondays(at=at))
    by_week = asked.grouping == Grouping.WEEK
    total = reading.line("All", At(WHOLE), reading.doors)
    lines = weeks if by_week else tuple(reading.groups())
    sites = lines if asked.grouping == Grouping.SITE else ()
    first = headline_kind(total)
    kinds = (first, *(kind for kind in TargetKind if kind != first))
    return Report(
        period=asked.period,
        grouping=asked.grouping,
        at=at,
        total=total,
        lines=lines,
        weeks=weeks,
        outlier=reading.worst(kinds) or worst_of(sites, kinds),
        teams=len(
            {at.key for at, _ in reading.found.clocks if at.part == PER_PLACE and at.present}
        ),
    )


def worst_of(lines: Sequence[Line], kinds: Iterable[TargetKind]) -> Outlier | None:
    """The same of lines, where their teams are too small for it one by one."""
    for kind in kinds:
        targets = {line.label: line.targets[kind] for line in lines}
        key = outlier(
            {
                label: Side(t.met.value, t.missed.value)
                for label, t in targets.items()
                if t.decided.value
            }
        )
        if key is not None:
            return Outlier(key, targets[key])
    return None


def newest_opening(cases: QuerySet[Case], *, by: Actor) -> datetime | None:
    """When the newest case opened, to say where there is something to see."""
    seen = access.visible(cases, by, verb="see_reports").order_by("-opened_at")
    return seen.values_list("opened_at", flat=True).first()


def headline_kind(total: Line) -> TargetKind:
    """The first target of which anything is decided."""
    return next(
        (kind for kind in TargetKind if total.targets[kind].decided.value), TargetKind.ACKNOWLEDGE
    )


@dataclass(frozen=True)
class Reading:
    """From what was counted to lines with doors."""

    asked: Asked
    found: Measured

    @property
    def doors(self) -> Doors:
        return Doors(self.asked.narrowed, self.asked.period.start, self.asked.period.end)

    def groups(self) -> Iterable[Line]:
        counted = (self.found.opened, self.found.resolved, self.found.open)
        keys = {at.key for rows in counted for at in rows if at.part == PER_KEY and at.present}
        named = groups(self.asked.grouping, keys)
        for key in sorted(named.keys() & keys, key=lambda key: named[key].order):
            yield self.line(named[key].label, At(PER_KEY, key), self.doors.into(named[key].door))

    def week(self, start: date) -> Line:
        week = self.asked.period.week(start)
        doors = self.doors.during(week.start, week.end)
        label = f"{shown(week.first)} to {shown(week.last)}" if week.days > 1 else shown(week.first)
        return self.line(label, At(PER_WEEK, start.isoformat()), doors)

    def line(self, label: str, at: At, doors: Doors) -> Line:
        opened = self.found.opened.get(at, measuring.Opened())
        still_open = self.found.open.get(at, 0)
        return Line(
            label=label,
            opened=doors.opened(opened.cases),
            resolved=doors.resolved(self.found.resolved.get(at, 0)),
            open=doors.still_open(still_open)
            if at.part == PER_WEEK
            else doors.open_now(still_open),
            targets={kind: self.target(kind, at, doors) for kind in TargetKind},
            to_acknowledge=times(opened.acknowledged, doors, "acknowledged"),
            to_resolve=times(opened.resolved, doors, "resolved"),
        )

    def target(self, kind: TargetKind, at: At, doors: Doors) -> TargetLine:
        now = self.found.clocks.get((at, kind), measuring.Kept())
        before = self.found.clocks.get((at._replace(present=False), kind), measuring.Kept())
        decided = before.met + before.missed
        return TargetLine(
            kind,
            cases=doors.target(sum(now), kind, MET, MISSED, RUNNING),
            met=doors.target(now.met, kind, MET),
            missed=doors.target(now.missed, kind, MISSED),
            running=doors.target(now.running, kind, RUNNING),
            decided=doors.target(now.met + now.missed, kind, MET, MISSED),
            before=before.met / decided if decided and at.part != PER_WEEK else None,
        )

    def worst(self, kinds: Iterable[TargetKind]) -> Outlier | None:
        """The team that stands out by the first of these targets by which one does."""
        return next(filter(None, map(self.outlier, kinds)), None)

    def outlier(self, kind: TargetKind) -> Outlier | None:
        sides = {
            at.key: Side(kept.met, kept.missed)
            for (at, of), kept in self.found.clocks.items()
            if at.part == PER_PLACE and at.present and of == kind
        }
        key = outlier(sides)
        if key is None:
            return None
        group = groups(Grouping.TEAM, [key])[key]
        return Outlier(
            group.label, self.target(kind, At(PER_PLACE, key), self.doors.into(group.door))
        )


def times(spread: Spread, doors: Doors, what: str) -> TimeLine:
    number = doors.opened(spread.cases, **{what: ("true",)})
    return TimeLine(number, lasting(spread.median), lasting(spread.p90))


def lasting(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
