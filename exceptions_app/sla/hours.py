"""Opening hours as values: dated versions, holidays, exceptions, and each day cut into spans.

Openings are wall-clock times in the zone of the hours. Two rules make every wall time exactly one
instant: a time that happens twice means the first of the two, and a time that the clocks skip means
the instant at which they jump. So a later wall time of a day never comes before an earlier one, and
the spans of a day tile it whatever the season does to it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused

MIDNIGHT = time(0)
DAY = timedelta(days=1)


class Interval(NamedTuple):
    """One opening of a day; ``closes=None`` is 24:00, which ``time`` cannot say."""

    opens: time
    closes: time | None


WHOLE_DAY = (Interval(MIDNIGHT, None),)


class Span(NamedTuple):
    """A stretch of time, whether it counts, and why."""

    start: datetime
    end: datetime
    counted: bool
    reason: str

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Version:
    """Hours that hold from a date on; weekdays count from Monday, 0.

    An exception says what is open on its date, whatever the week and the holidays say.
    """

    since: date
    week: Mapping[int, tuple[Interval, ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for openings in (*self.week.values(), *self.exceptions.values()):
            _refuse_disorder(openings)

    @property
    def never_closes(self) -> bool:
        all_week = all(self.week.get(weekday) == WHOLE_DAY for weekday in range(7))
        return all_week and not self.holidays and not self.exceptions

    def openings(self, day: date) -> tuple[Interval, ...]:
        if day in self.exceptions:
            return self.exceptions[day]
        return () if day in self.holidays else self.week.get(day.weekday(), ())

    def reasons(self, day: date) -> tuple[str, str]:
        """Why time counts on this day while open, and why it does not while closed."""
        if day in self.exceptions:
            return "open that day (exception)", "closed that day (exception)"
        if day in self.holidays:
            return "open hours", f"holiday: {self.holidays[day]}"
        return ("round the clock" if self.never_closes else "open hours"), "closed"


@dataclass(frozen=True)
class Hours:
    """When somebody works: dated versions in one zone. The first also holds before its own date."""

    zone: ZoneInfo
    versions: tuple[Version, ...]
    _spans: dict[date, tuple[Span, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _lengths: dict[date, timedelta] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if not self.versions:
            raise Refused("Hours need at least one version.")
        if any(later.since <= earlier.since for earlier, later in pairwise(self.versions)):
            raise Refused("Versions of hours must be in the order of their dates, each date once.")

    def version_on(self, day: date) -> Version:
        return self.versions[max(0, bisect_right(self.versions, day, key=lambda v: v.since) - 1)]

    def opens_on(self, day: date) -> bool:
        return bool(self.version_on(day).openings(day))

    def spans(self, day: date) -> tuple[Span, ...]:
        """The day from midnight to midnight, cut where counting begins or ends."""
        if day not in self._spans:  # remembered: many cases ask for the same few days
            self._spans[day] = tuple(span for span in _cut(self, day) if span.start < span.end)
        return self._spans[day]

    def open_on(self, day: date) -> timedelta:
        """How much of the day counts."""
        if day not in self._lengths:
            lengths = (span.length for span in self.spans(day) if span.counted)
            self._lengths[day] = sum(lengths, timedelta(0))
        return self._lengths[day]


@cache
def ALWAYS(zone: ZoneInfo) -> Hours:  # noqa: N802 - a constant, one per zone
    """Round the clock, every day."""
    return Hours(zone, (Version(date.min, dict.fromkeys(range(7), WHOLE_DAY)),))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The one instant that a wall time means; see the two rules at the top."""
    wall = datetime.combine(day, at.replace(fold=0), zone)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return first if first <= second else _jump(second, first, zone)


def missing_years(hours: Hours, first: date, last: date) -> list[int]:
    """The years from one date to another in which the hours may close, yet no holiday is known."""
    known = {day.year for v in hours.versions for day in v.holidays if hours.version_on(day) is v}
    years = range(first.year, last.year + 1)
    return [year for year in years if year not in known and _may_close(hours, year)]


def _may_close(hours: Hours, year: int) -> bool:
    new = (version for version in hours.versions if version.since.year == year)
    return not all(v.never_closes for v in (hours.version_on(date(year, 1, 1)), *new))


def _refuse_disorder(openings: tuple[Interval, ...]) -> None:
    edges = [(opens, closes or time.max) for opens, closes in openings]
    empty = any(opens >= closes for opens, closes in edges)
    if empty or any(later[0] < earlier[1] for earlier, later in pairwise(edges)):
        raise Refused(
            "The openings of a day must be in order and apart, each closing after it opens; "
            "a night shift is one opening until 24:00 and one from 00:00 on the next day."
        )


def _cut(hours: Hours, day: date) -> Iterator[Span]:
    version, zone = hours.version_on(day), hours.zone
    while_open, while_closed = version.reasons(day)
    at, end = instant(day, MIDNIGHT, zone), instant(day + DAY, MIDNIGHT, zone)
    for opens, closes in version.openings(day):
        opened = instant(day, opens, zone)
        closed = end if closes is None else instant(day, closes, zone)
        yield Span(at, opened, counted=False, reason=while_closed)
        yield Span(opened, closed, counted=True, reason=while_open)
        at = closed
    yield Span(at, end, counted=False, reason=while_closed)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant, between these two, at which the clocks of the zone go forward."""
    first, offset = before.replace(microsecond=0), after.astimezone(zone).utcoffset()

    def has_jumped(second: int) -> bool:
        return (first + timedelta(seconds=second)).astimezone(zone).utcoffset() == offset

    seconds = range(int((after - first).total_seconds()) + 1)
    return first + timedelta(seconds=bisect_left(seconds, 1, key=has_jumped))
