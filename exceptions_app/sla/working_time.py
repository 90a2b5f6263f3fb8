"""Working time as pure arithmetic: what counts between two instants, and when a target runs out.

Instants are aware, in any zone; results are in UTC. The cost grows with the days walked over only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, takewhile
from typing import Literal, get_args

from exceptions_app.errors import DeskError, Refused
from exceptions_app.sla.hours import ALWAYS, DAY, Hours, Span, instant

Kind = Literal["working", "elapsed", "business_days", "calendar_days"]

NO_TIME = timedelta(0)
LONGEST = timedelta(days=3660)
#: Whoever has not opened for this long is closed for good.
CLOSED_FOR_GOOD = timedelta(days=731)


class NeverOpens(DeskError):
    """The hours have no opening, so no working time ever passes."""

    code = "never_opens"


@dataclass(frozen=True)
class Length:
    """How long a target is: a ``timedelta`` of working or elapsed time, or a number of days."""

    kind: Kind
    amount: timedelta | int

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise Refused(f"A length is {', '.join(get_args(Kind))}; not {self.kind!r}.")
        if self.kind.endswith("_days") is isinstance(self.amount, timedelta):
            raise Refused("Working and elapsed time need a duration, days need a whole number.")
        if not NO_TIME < self.span <= LONGEST:
            raise Refused(f"A length is more than nothing and at most {LONGEST.days} days.")

    @property
    def span(self) -> timedelta:
        if isinstance(self.amount, timedelta):
            return self.amount
        return min(self.amount, LONGEST.days + 1) * DAY  # some numbers are too large for any span

    def measure(self, hours: Hours) -> Hours:
        """The hours by which time spent on such a target is counted."""
        return hours if self.kind in {"working", "business_days"} else ALWAYS(hours.zone)


def due(start: datetime, length: Length, hours: Hours) -> datetime:
    """When a target of this length runs out, counted from ``start``.

    Calendar days keep the wall time. Business days keep it too, even where the last day has other
    hours; a start outside the hours is a start at the next opening.
    """
    if isinstance(length.amount, timedelta):
        return advance(start, length.amount, length.measure(hours))
    if length.kind == "calendar_days":
        wall = _utc(start).astimezone(hours.zone)
        return instant(wall.date() + length.span, wall.time(), hours.zone)
    wall = next_opening(start, hours).astimezone(hours.zone)
    return instant(_business_day(wall.date(), length.amount, hours), wall.time(), hours.zone)


def next_opening(start: datetime, hours: Hours) -> datetime:
    """``start`` itself when open then, else the next instant that is."""
    return next(_counted(_utc(start), hours)).start


def advance(start: datetime, working: timedelta, hours: Hours) -> datetime:
    """The first instant by which so much working time has passed since ``start``."""
    at = _utc(start)
    day = last_open = at.astimezone(hours.zone).date()
    open_for = sum((span.length for span in _counted_on(day, at, hours)), NO_TIME)
    while open_for < working:
        last_open = day if open_for else last_open
        if day - last_open > CLOSED_FOR_GOOD:
            raise _never_opens(last_open)
        working, day = working - open_for, day + DAY
        open_for = hours.open_on(day)
    for span in _counted_on(day, at, hours):
        if working <= NO_TIME:
            break
        at, working = span.start + min(working, span.length), working - span.length
    return at


def worked(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """The working time between two instants; none if the end comes first."""
    start, end = _utc(start), _utc(end)
    first, last = (at.astimezone(hours.zone).date() for at in (start, end))
    days = (first + DAY * count for count in range(1, (last - first).days))
    whole = sum((hours.open_on(day) for day in days), NO_TIME)
    edges = chain(hours.spans(first), hours.spans(last) if first < last else ())
    lengths = (min(span.end, end) - max(span.start, start) for span in edges if span.counted)
    return whole + sum((length for length in lengths if length > NO_TIME), NO_TIME)


def ledger(start: datetime, end: datetime, hours: Hours) -> list[Span]:
    """Every stretch between two instants, without gap or overlap, counted or not and why."""
    entries: list[Span] = []
    for span in _within(start, end, hours):
        same = entries and entries[-1][2:] == span[2:]
        entries.append(span._replace(start=entries.pop().start) if same else span)
    return entries


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Refused(f"An instant needs a time zone; {at} has none.")
    return at.astimezone(UTC)


def _from(start: datetime, hours: Hours) -> Iterator[Span]:
    """The spans from an instant on, without end."""
    day = start.astimezone(hours.zone).date()
    while True:
        for span in hours.spans(day):
            if span.end > start:
                yield span._replace(start=max(span.start, start))
        day += DAY


def _counted_on(day: date, start: datetime, hours: Hours) -> list[Span]:
    """What counts of a day from an instant on."""
    counted = (span for span in hours.spans(day) if span.counted and span.end > start)
    return [span._replace(start=max(span.start, start)) for span in counted]


def _within(start: datetime, end: datetime, hours: Hours) -> Iterator[Span]:
    start, end = _utc(start), _utc(end)
    for span in takewhile(lambda span: span.start < end, _from(start, hours)):
        yield span._replace(end=min(span.end, end))


def _counted(start: datetime, hours: Hours) -> Iterator[Span]:
    last_open = start
    for span in _from(start, hours):  # pragma: no branch - the spans never end
        if span.counted:
            last_open = span.end
            yield span
        elif span.end - last_open > CLOSED_FOR_GOOD:
            raise _never_opens(last_open.date())


def _business_day(day: date, count: int, hours: Hours) -> date:
    """The day on which the hours have opened so many more times."""
    last_open = day
    while count:
        day += DAY
        if hours.opens_on(day):
            last_open, count = day, count - 1
        elif day - last_open > CLOSED_FOR_GOOD:
            raise _never_opens(last_open)
    return day


def _never_opens(since: date) -> NeverOpens:
    return NeverOpens(
        f"These hours have no opening in the two years after {since}. Give the calendar hours."
    )
