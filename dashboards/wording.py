"""How times and lengths read: "18 min left", "paused since Tue 14:10". ``time.js`` says the same."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from exceptions_app.cases.rows import ClockFace, Row

MINUTE, HOUR, DAY = 60, 3600, 86400
#: How the timeline keeps an instant within a sentence.
KEPT_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC")
TO_DO = {
    "acknowledge": "to acknowledge",
    "first_update": "to first update",
    "resolve": "to resolve",
}


class Looking(Protocol):
    """When somebody looks, and where."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def own(self) -> ZoneInfo: ...


@dataclass(frozen=True, slots=True)
class ClockWords:
    """A clock in words, and its mood: fine, soon, over, paused, kept or none."""

    text: str
    mood: str
    what: str = ""


def length(seconds: int) -> str:
    """A length as a person says it, never longer than two units."""
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02}"
    days, hours = seconds // DAY, seconds % DAY // HOUR
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"


def between(start: datetime, end: datetime) -> str:
    return length(abs(int((end - start).total_seconds())))


def clock_words(
    clock: ClockFace, *, now: datetime, zone: ZoneInfo, own: ZoneInfo | None = None
) -> ClockWords:
    """What a board says about a clock at this instant."""
    what = TO_DO[clock.kind]
    if clock.stopped_at:
        missed = clock.breached_at is not None
        return ClockWords("missed" if missed else "kept", "over" if missed else "kept", what)
    if clock.paused or clock.due_at is None:
        since = ""
        if at := clock.paused_since:
            since = f" since {weekday_time(at, zone)}{named(at, zone=zone, own=own or zone)}"
        return ClockWords(f"paused{since}", "paused", what)
    return running_words(clock.due_at, clock.warn_at, now=now, what=what)


def running_words(
    due_at: datetime, warn_at: datetime | None, *, now: datetime, what: str = ""
) -> ClockWords:
    left = (due_at - now).total_seconds()
    if left <= 0:
        return ClockWords(f"{length(int(-left))} over", "over", what)
    mood = "soon" if warn_at and warn_at <= now else "fine"
    return ClockWords(f"{length(int(left))} left", mood, what)


def settled_words(row: Row) -> ClockWords:
    """What stands in place of a clock on a case that needs none."""
    return ClockWords("no target" if row.is_open else str(row.status.label), "none")


def weekday_time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %H:%M}"


def shown(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """An instant as short as it can be understood: today 17:00, Tue 14:10, Sun 15 Nov 01:35, 3 Nov 14:10."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    if near:
        return f"{near} {local:%H:%M}"
    if 0 < days <= 6:
        return f"{local:%a %H:%M}"
    if -6 <= days < 0:  # a weekday alone reads as one to come
        return f"{local:%a} {local.day} {local:%b} {local:%H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


def named(at: datetime, *, zone: ZoneInfo, own: ZoneInfo) -> str:
    """The name of a zone that shows another time than the reader's own, to be put after it."""
    there = at.astimezone(zone)
    return f" {there.tzname()}" if there.utcoffset() != at.astimezone(own).utcoffset() else ""


def whole(at: datetime, *, zone: ZoneInfo, own: ZoneInfo, site: ZoneInfo | None = None) -> str:
    """An instant in full with its zone, and in the reader's own and the site's where they differ."""
    local = at.astimezone(zone)
    text = f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M:%S} {local.tzname()}"
    for whose, other in (("for you", own), ("at the site", site or zone)):
        there = at.astimezone(other)
        if there.utcoffset() != local.utcoffset():
            text += f" · {whose} {there:%a %H:%M} {there.tzname()}"
    return text


def local_times(text: str, seen: "Looking") -> str:
    """A sentence that was kept with times in UTC, told as they are where its reader looks."""

    def told(found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
        local = shown(at, now=seen.now, zone=seen.zone)
        return local + named(at, zone=seen.zone, own=seen.own)

    return KEPT_TIME.sub(told, text)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def late_by(expected: datetime, actual: datetime) -> str:
    """How far the actual was from the plan; up to a minute is on time."""
    apart = actual - expected
    if abs(apart) <= timedelta(minutes=1):
        return "on time"
    return f"{between(expected, actual)} {'late' if apart > timedelta(0) else 'early'}"
