"""The stretch of days a report is about, the one before it, and its ISO weeks; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
#: Longer is refused: a report reads every case of its period, and of the one before.
MOST_DAYS = 53 * 7
WORDS = {1: "week", 2: "two weeks", 4: "four weeks", 8: "eight weeks"}


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def calendar_spans(today: date) -> Iterator[tuple[str, date, date]]:
    """The month and the quarter of a day, and those before: name, first and last day."""
    for name, length in (("month", 1), ("quarter", 3)):
        first = today.replace(day=1, month=today.month - (today.month - 1) % length)
        after = (first + length * 31 * DAY).replace(day=1)
        before = (first - length * 28 * DAY).replace(day=1)
        yield f"This {name}", first, after - DAY
        yield f"Last {name}", before, first - DAY


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included, as they begin and end in ``zone``."""

    first: date
    last: date
    zone: ZoneInfo

    @classmethod
    def weeks_up_to(cls, at: datetime, zone: ZoneInfo, number: int) -> "Period":
        """So many ISO weeks, the current one included and not over yet."""
        current = monday(at.astimezone(zone).date())
        return cls(current - (number - 1) * WEEK, current + 6 * DAY, zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return self.midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self.midnight(self.last + DAY)

    @property
    def before(self) -> datetime:
        """Where the equally long period before it starts."""
        return self.midnight(self.first - self.days * DAY)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def mondays(self, *, at: datetime) -> list[date]:
        """The first day of each ISO week that has begun by then."""
        until = min(self.last, at.astimezone(self.zone).date())
        start = monday(self.first)
        return [start + n * WEEK for n in range((until - start).days // 7 + 1)]

    def week(self, start: date) -> "Period":
        """What of the ISO week from that Monday on belongs to the period."""
        return Period(max(start, self.first), min(start + 6 * DAY, self.last), self.zone)

    @property
    def words(self) -> str:
        """From when to when, as a person says it: 28 Sep to 22 Nov 2026."""
        if self.first == self.last:
            return shown(self.first, year=True)
        other_year = self.first.year != self.last.year
        return f"{shown(self.first, year=other_year)} to {shown(self.last, year=True)}"

    @property
    def length_words(self) -> str:
        """How long it is: eight weeks, 31 days."""
        weeks, rest = divmod(self.days, 7)
        if rest:
            return f"{self.days} days" if self.days > 1 else "day"
        return WORDS.get(weeks, f"{weeks} weeks")


def shown(day: date, *, year: bool = False) -> str:
    return f"{day.day} {day:%b}" + (f" {day.year}" if year else "")
