"""When a source has to speak next, by the rhythm it keeps; pure arithmetic."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from exceptions_app.sla.hours import DAY, Hours, instant
from exceptions_app.sla.working_time import CLOSED_FOR_GOOD, NeverOpens, advance
from exceptions_app.vocabulary import Rhythm

HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Beat:
    """A rhythm with the hours it is kept by: round the clock for elapsed, opening days for daily."""

    rhythm: Rhythm
    hours: Hours
    every: timedelta = timedelta(0)
    by: time = time(0)

    def after(self, heard: datetime) -> datetime:
        """By when the next word is due, one having been heard then."""
        if self.rhythm == Rhythm.DAILY:
            # A word counts for the nearest evening: at two it is the night's, early or late.
            return self.next_by(heard + HALF_A_DAY)
        return advance(heard, self.every, self.hours)

    def heard_at_latest(self, at: datetime) -> datetime:
        """When it must have been heard, if nobody waited for it before ``at``."""
        return at - HALF_A_DAY if self.rhythm == Rhythm.DAILY else at

    def next_by(self, at: datetime) -> datetime:
        """The first instant after ``at`` that has the time of day, on a day that opens at all."""
        day = at.astimezone(self.hours.zone).date()
        last = day + CLOSED_FOR_GOOD
        while day <= last:
            due = instant(day, self.by, self.hours.zone)
            if due > at and self.hours.opens_on(day):
                return due
            day += DAY
        raise NeverOpens("These hours do not open any more, so nothing can be due in them.")
