"""Milestones planned against actual on one time axis: places in per cent, for an SVG that needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboards import wording
from exceptions_app.cases.detail import MilestoneLine, SubjectLine

STEPS = tuple(
    timedelta(hours=hours)
    for hours in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720, 2160, 8760, 43800)
)
MOST_TICKS = 6
EDGE = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Track:
    """One milestone: where it was planned, where it happened, and how that reads."""

    label: str
    expected_at: datetime | None
    actual_at: datetime | None
    planned_x: float | None
    actual_x: float | None
    late: bool
    words: str

    @property
    def bar(self) -> tuple[float, float] | None:
        """From the plan to the fact, where they differ."""
        if self.planned_x is None or self.actual_x is None:
            return None
        start, end = sorted((self.planned_x, self.actual_x))
        return (start, end - start)


@dataclass(frozen=True)
class Axis:
    """The whole picture; ``now_x`` and ``promised_x`` are the upright lines."""

    ticks: tuple[Tick, ...]
    tracks: tuple[Track, ...]
    now_x: float | None
    promised_x: float | None


@dataclass(frozen=True)
class Scale:
    """From an instant to a place between the edges."""

    start: datetime
    end: datetime

    def place(self, at: datetime) -> float:
        share = (at - self.start) / (self.end - self.start)
        return round(EDGE + share * (100 - 2 * EDGE), 2)


def axis(subject: SubjectLine, *, now: datetime, zone: ZoneInfo, live: bool) -> Axis | None:
    """The axis of what is known about a subject; none while nothing has a time."""
    promised = subject.promises[-1].promised_at if subject.promises else None
    times = [at for line in subject.milestones for at in (line.expected_at, line.actual_at) if at]
    if not times:
        return None
    times += [at for at in (promised, now if live else None) if at]
    scale = Scale(*spread(times))
    return Axis(
        ticks=tuple(ticks(scale, zone)),
        tracks=tuple(track(line, scale, now=now, live=live) for line in subject.milestones),
        now_x=scale.place(now) if live else None,
        promised_x=scale.place(promised) if promised else None,
    )


def spread(times: Sequence[datetime]) -> tuple[datetime, datetime]:
    """From the first to the last, and never nothing."""
    start, end = min(times), max(times)
    return (
        (start, end)
        if end - start >= timedelta(minutes=30)
        else (start - timedelta(hours=1), end + timedelta(hours=1))
    )


def ticks(scale: Scale, zone: ZoneInfo) -> list[Tick]:
    """Round local times along the axis, few enough to read."""
    length = scale.end - scale.start
    step = next((step for step in STEPS if length / step <= MOST_TICKS), STEPS[-1])
    at = scale.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    shape = (
        "%H:%M" if step < timedelta(days=1) else "%d %b" if step < timedelta(days=90) else "%b %Y"
    )
    found = []
    while at <= scale.end:
        if at >= scale.start:
            label = f"{at:%a}" if shape == "%H:%M" and at.hour == 0 else f"{at:{shape}}".lstrip("0")
            found.append(Tick(scale.place(at), label))
        at += step
    return found


def track(line: MilestoneLine, scale: Scale, *, now: datetime, live: bool) -> Track:
    expected, actual = line.expected_at, line.actual_at
    overdue = live and expected is not None and actual is None and expected < now
    late = overdue or (
        expected is not None and actual is not None and actual - expected > timedelta(minutes=1)
    )
    return Track(
        label=line.label,
        expected_at=expected,
        actual_at=actual,
        planned_x=scale.place(expected) if expected else None,
        actual_x=scale.place(actual) if actual else None,
        late=late,
        words=words(expected, actual, now=now, overdue=overdue, live=live),
    )


def words(
    expected: datetime | None,
    actual: datetime | None,
    *,
    now: datetime,
    overdue: bool,
    live: bool,
) -> str:
    if expected and actual:
        return wording.late_by(expected, actual)
    if overdue and expected:
        return f"{wording.between(expected, now)} late so far"
    if actual:
        return "done"
    return "to come" if live else "no word of it"
