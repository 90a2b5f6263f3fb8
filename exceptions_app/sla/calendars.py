"""Business calendars as working hours: rows in, pure ``Hours`` out (S2)."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours, Interval, Version
from exceptions_app.sla.models import Calendar, CalendarVersion, Clock
from exceptions_app.sla.notation import WEEKDAYS, read_interval
from exceptions_app.sla.public_holidays import public_holidays

#: Holidays are listed from a version's first year to this many years after it.
YEARS_AHEAD = 15


def hours_by_clock(clocks: Collection[Clock]) -> dict[int, Hours]:
    """The hours each clock runs by: its calendar's, or else round the clock where the case's site is."""
    calendars = hours_of(one.calendar_id for one in clocks if one.calendar_id is not None)
    zones = zones_of([one.pk for one in clocks if one.calendar_id is None])
    return {
        one.pk: ALWAYS(ZoneInfo(zones[one.pk]))
        if one.calendar_id is None
        else calendars[one.calendar_id]
        for one in clocks
    }


def zones_of(clock_ids: Collection[int]) -> dict[int, str]:
    if not clock_ids:
        return {}
    return dict(Clock.objects.filter(pk__in=clock_ids).values_list("pk", "case__site__time_zone"))


def hours_of(calendar_ids: Iterable[int]) -> dict[int, Hours]:
    """The hours of each calendar. Two queries, however many."""
    ids, found = set(calendar_ids), dict[int, Hours]()
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
    years = range(since.year, since.year + YEARS_AHEAD)
    public = public_holidays(region, years) if region else {}
    return Version(
        since=since,
        week={weekday(day): openings(spans) for day, spans in json.loads(weekly).items()},
        holidays=public | {date.fromisoformat(day): name for day, name in json.loads(own).items()},
        exceptions={
            date.fromisoformat(day): openings(spans)
            for day, spans in json.loads(exceptions).items()
        },
    )


def weekday(day: str) -> int:
    if day not in WEEKDAYS:
        raise Refused(f"“{day}” is no day. Write {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(day)


def openings(spans: Iterable[tuple[str, str]]) -> tuple[Interval, ...]:
    return tuple(read_interval(*span) for span in spans)
