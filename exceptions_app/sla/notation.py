"""Hours, lengths and instants as people write and read them."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import Interval
from exceptions_app.sla.working_time import Kind, Length

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_LENGTH = re.compile(r"(\d{1,6})\s+(working|elapsed|business|calendar)\s+(minute|hour|day)s?")
_DAYS: Mapping[str, Kind] = {"business": "business_days", "calendar": "calendar_days"}
_TIMES: Mapping[str, Kind] = {"working": "working", "elapsed": "elapsed"}


def read_length(text: str) -> Length:
    """``1 business day``, ``120 calendar days``, ``8 working hours``, ``30 elapsed minutes``."""
    if found := _LENGTH.fullmatch(text.strip().lower()):
        number, measure, unit = int(found[1]), found[2], found[3]
        if unit == "day" and measure in _DAYS:
            return Length(_DAYS[measure], number)
        if unit != "day" and measure in _TIMES:
            return Length(_TIMES[measure], timedelta(**{f"{unit}s": number}))
    raise Refused(
        f"“{text}” is no length. Write 1 business day, 120 calendar days, 8 working hours "
        "or 30 elapsed minutes."
    )


def length_words(length: Length) -> str:
    if isinstance(length.amount, int):
        unit = length.kind.removesuffix("s").replace("_", " ")
        return f"{length.amount} {unit}" if length.amount == 1 else f"{length.amount} {unit}s"
    return f"{hours_words(length.amount)} of {length.kind} time"


def length_text(length: Length) -> str:
    """A length as ``read_length`` takes it."""
    if isinstance(length.amount, int):
        return length_words(length)
    minutes = round(length.amount.total_seconds() / 60)
    number, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {length.kind} {unit}{'' if number == 1 else 's'}"


def read_week(text: str) -> dict[int, tuple[Interval, ...]]:
    """``mon-fri 08:30-12:00 13:00-17:00; sat 10:00-14:00``: days left out are closed."""
    week: dict[int, tuple[Interval, ...]] = {}
    for part in filter(None, map(str.strip, text.lower().split(";"))):
        days, *openings = part.split()
        intervals = tuple(read_interval(*opening.partition("-")[::2]) for opening in openings)
        week |= dict.fromkeys(_weekdays(days), intervals)
    if not any(week.values()):
        raise Refused(f"“{text}” opens on no day. Write for example mon-fri 08:30-17:00.")
    return week


def read_interval(opens: str, closes: str) -> Interval:
    """An opening from two wall times; it may close at 24:00."""
    try:
        return Interval(_wall(opens), None if closes == "24:00" else _wall(closes))
    except ValueError as error:
        raise Refused(
            f"“{opens}-{closes}” is no opening. Write two times, for example 08:30-17:00."
        ) from error


def hours_words(duration: timedelta) -> str:
    """Hours, minutes and seconds; hours go on past 24, for a working day has fewer."""
    minutes, seconds = divmod(round(abs(duration).total_seconds()), 60)
    return f"{'-' if duration < timedelta(0) else ''}{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}"


def _weekdays(text: str) -> range:
    first, _, last = text.partition("-")
    if first in WEEKDAYS and (last or first) in WEEKDAYS:
        days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
        if days:
            return days
    raise Refused(f"“{text}” is no weekday or range of them. Write for example sat, or mon-fri.")


def _wall(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))
