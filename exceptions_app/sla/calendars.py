"""Business calendars as working hours: rows in, pure ``Hours`` out (S2)."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours, Interval, Version
from exceptions_app.sla.models import Calendar, CalendarVersion

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Holidays are listed from a version's first year to this many years after it.
YEARS_AHEAD = 15


def hours_of(calendar_ids: Iterable[int | None]) -> dict[int | None, Hours]:
    """The hours of each calendar; of ``None``, round the clock. Two queries, however many."""
    ids = {pk for pk in calendar_ids if pk is not None}
    found: dict[int | None, Hours] = {None: ALWAYS(ZoneInfo("UTC"))}
    if not ids:
        return found
    versions: dict[int, list[CalendarVersion]] = defaultdict(list)
    for version in CalendarVersion.objects.filter(calendar__in=ids).order_by("since"):
        versions[version.calendar_id].append(version)
    for calendar in Calendar.objects.filter(pk__in=ids):
        found[calendar.pk] = hours_from(calendar.time_zone, tuple(versions[calendar.pk]))
    return found


def hours_from(zone: str, versions: Iterable[CalendarVersion]) -> Hours:
    """Pure hours from version rows; without any version the calendar never closes."""
    rows = tuple(
        (
            v.since,
            json.dumps(v.weekly),
            v.holiday_region,
            json.dumps(v.holidays),
            json.dumps(v.exceptions),
        )
        for v in versions
    )
    return built(zone, rows)


@lru_cache(maxsize=256)
def built(zone: str, rows: tuple[tuple[date, str, str, str, str], ...]) -> Hours:
    if not rows:
        return ALWAYS(ZoneInfo(zone))
    return Hours(ZoneInfo(zone), tuple(version(*row) for row in rows))


def version(since: date, weekly: str, region: str, own: str, exceptions: str) -> Version:
    week = {DAYS.index(day): intervals(spans) for day, spans in json.loads(weekly).items()}
    closed = holidays_of(region, since) | {
        date.fromisoformat(d): n for d, n in json.loads(own).items()
    }
    other = {date.fromisoformat(d): intervals(spans) for d, spans in json.loads(exceptions).items()}
    return Version(since=since, week=week, holidays=closed, exceptions=other)


def intervals(spans: Iterable[Iterable[str]]) -> tuple[Interval, ...]:
    """``"24:00"`` is the end of the day, which ``time`` cannot say."""
    return tuple(
        Interval(
            time.fromisoformat(opens), None if closes == "24:00" else time.fromisoformat(closes)
        )
        for opens, closes in spans
    )


def holidays_of(region: str, since: date) -> dict[date, str]:
    """Public holidays of ``DE`` or ``US-MA``; empty without a region."""
    if not region:
        return {}
    country, _, subdivision = region.partition("-")
    years = range(since.year, since.year + YEARS_AHEAD)
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=years))
    except NotImplementedError as unknown:
        raise Refused(
            f"No holidays are known for “{region}”.", {"holiday_region": str(unknown)}
        ) from unknown
