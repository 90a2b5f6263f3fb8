"""Counting in the opening hours of a subject's site; round the clock where none are known; pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from exceptions_app.sla.hours import ALWAYS, DAY, Hours
from exceptions_app.sla.working_time import NeverOpens, advance
from exceptions_app.subjects.facts import Facts

UTC = ZoneInfo("UTC")
#: Nobody waits longer for the next working day.
LONGEST_REST = 30


def hours_of(facts: Facts) -> Hours:
    return facts.hours or ALWAYS(UTC)


def later(facts: Facts, start: datetime, working: timedelta) -> datetime | None:
    """When so much working time has passed; never at a site that never opens."""
    try:
        return advance(start, working, hours_of(facts))
    except NeverOpens:
        return None


def after_next_working_day(facts: Facts, since: datetime) -> datetime:
    """The close of the first day after that one on which the site works."""
    hours = hours_of(facts)
    today = since.astimezone(hours.zone).date()
    days = (today + number * DAY for number in range(1, LONGEST_REST))
    day = next((day for day in days if hours.opens_on(day)), today + DAY)
    ends = [span.end for span in hours.spans(day) if span.counted]
    return max(ends, default=since + DAY)


def lasting(length: timedelta) -> str:
    """“48 hours”, “15 minutes”, “3 days”."""
    seconds = round(length.total_seconds())
    for unit, size, least in (("day", 86_400, 3), ("hour", 3_600, 1), ("minute", 60, 1)):
        if seconds >= least * size and seconds % size == 0:
            return f"{seconds // size:,} {unit}{'' if seconds == size else 's'}"
    return f"{seconds / 60:,.0f} minutes" if seconds >= 60 else f"{seconds} seconds"
