"""How a connection stands, in words that say what to do; and how fast it may be used."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.registry import BY_SLUG, rate_of
from dashboards.wording import shown
from exceptions_app.outbox.connections import ConnectionRow

SPANS = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


@dataclass(frozen=True, slots=True)
class Health:
    """A mood (kept, soon, failed, off, none), the words for it, and what a person can do about it."""

    mood: str
    words: str
    advice: str = ""


def health(row: ConnectionRow, *, now: datetime, zone: ZoneInfo) -> Health:
    """The worst that is known of it."""
    if not row.enabled:
        waits = f"; {deliveries(row.waiting)} for it" if row.waiting else ""
        return Health(
            "off", f"disconnected{waits}", "Nothing is sent until it is switched on again."
        )
    if row.opened_at is not None:
        since = shown(row.opened_at, now=now, zone=zone)
        words = f"does not answer since {since}; {next_probe(row, now=now, zone=zone)}"
        return Health("failed", words, "What waits goes by itself as soon as one try succeeds.")
    if row.held_until is not None and row.held_until > now:
        until = shown(row.held_until, now=now, zone=zone)
        return Health("soon", f"asked to be left alone until {until}", "It goes on by itself then.")
    return used(row)


def used(row: ConnectionRow) -> Health:
    if stuck := row.dead + row.uncertain:
        words = f"{stuck} {'delivery needs' if stuck == 1 else 'deliveries need'} a decision"
        return Health("failed", words, "Open them, mend the reason, then resend or skip each.")
    if row.failed_last:
        return Health(
            "soon",
            "the last try failed",
            ("What waits is tried again by itself. " if row.in_line else "")
            + "Test says whether it is mended.",
        )
    if row.succeeded_at is not None:
        return Health("kept", "works")
    return Health("none", "not tried yet", "Test it, then let a playbook push cases to it.")


def is_failing(row: ConnectionRow, *, now: datetime) -> bool:
    """Whether somebody should look at it; one that is switched off is meant to be."""
    stands = health(row, now=now, zone=ZoneInfo("UTC"))
    return stands.mood == "failed" or (row.enabled and row.failed_last)


def deliveries(count: int) -> str:
    return "1 delivery waits" if count == 1 else f"{count} deliveries wait"


def next_probe(row: ConnectionRow, *, now: datetime, zone: ZoneInfo) -> str:
    if row.held_until is None or row.held_until <= now:
        return "next probe with the next delivery"
    return f"next probe {shown(row.held_until, now=now, zone=zone)}"


def circuit(row: ConnectionRow, *, now: datetime, zone: ZoneInfo) -> str:
    if row.opened_at is None:
        return "closed"
    since = shown(row.opened_at, now=now, zone=zone)
    return f"open since {since}; {next_probe(row, now=now, zone=zone)}"


def pace(platform: str) -> str:
    """Requests that the platform bears, such as: 120 per minute."""
    rate = rate_of(platform)
    span = f"per {SPANS[rate.seconds]}" if rate.seconds in SPANS else f"in {rate.seconds} s"
    return f"{rate.requests} {span}"


def budget(row: ConnectionRow, *, now: datetime, zone: ZoneInfo) -> str:
    """Whether the next request may go now."""
    if row.free_at is None or row.free_at <= now:
        return "free now"
    return f"used up until {row.free_at.astimezone(zone):%H:%M:%S}"


def platform_name(slug: str) -> str:
    return BY_SLUG[slug].name if slug in BY_SLUG else slug
