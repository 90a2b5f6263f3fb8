"""Reading the fields of a posted signal: text, times, sections; or what is wrong with one of them; pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

FIELDS = frozenset(
    {"source", "external_id", "type", "occurred_at", "subject"}
    | {"milestones", "promise", "window", "documents", "parcels", "note"}
)
SUBJECT_FIELDS = frozenset(
    {"kind", "reference", "site", "team", "label", "customer", "tier", "value", "attributes"}
)
CUSTOMER_FIELDS = frozenset({"name", "email", "phone"})
PROMISE_FIELDS = frozenset({"promised_at", "reason"})
WINDOW_FIELDS = frozenset({"starts_at", "ends_at"})
STEP_FIELDS = frozenset({"expected_at", "actual_at"})
DOCUMENT_FIELDS = frozenset({"received_at", "expires_on", "number", "states"})
PARCEL_FIELDS = frozenset({"sent_at", "delivered_at", "cancelled_at"})
#: Where a field belongs that was sent in another place.
HOMES = {
    name: place
    for place, names in {
        "documents.<name>": DOCUMENT_FIELDS,
        "parcels.<number>": PARCEL_FIELDS,
        "milestones.<name>": STEP_FIELDS,
        "window": WINDOW_FIELDS,
        "promise": PROMISE_FIELDS,
        "subject.customer": CUSTOMER_FIELDS,
        "subject": SUBJECT_FIELDS,
        "": FIELDS,
    }.items()
    for name in names
}
#: Near the ends of the calendar, adding hours to a time overflows.
YEARS = range(1970, 2200)


#: Python reads no longer number.
MOST_DIGITS = 4_300


def whole(digits: str) -> int:
    """A whole number of a JSON document."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS:,} digits; send it as text")
    return int(digits)


class Wrong(Exception):
    """What is wrong with one field; never leaves the intake's reading."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def insist_known(given: Mapping[str, Any], known: frozenset[str], within: str = "") -> None:
    if not known.issuperset(given):
        name = next(name for name in given if name not in known)
        raise Wrong(within + name, unknown(name, known))


def unknown(name: str, known: frozenset[str]) -> str:
    """What may stand here; or where it belongs, if it is a field of another place."""
    home = HOMES.get(name)
    if home is None:
        return f"Unknown field. Use {', '.join(sorted(known))}."
    where = f"{home}: send it as {home}.{name}" if home else "the signal itself"
    return f"Unknown field. “{name}” belongs to {where}."


def text(
    item: Mapping[str, Any],
    name: str,
    longest: int,
    *,
    needed: bool = True,
    within: str = "",
) -> str:
    value = item.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise Wrong(
            within + name,
            "Must be text." if value is not None else "This field is required.",
        )
    if len(value) > longest:
        raise Wrong(within + name, f"Must be at most {longest} characters.")
    if "\x00" in value:
        raise Wrong(within + name, "Must not contain a NUL character.")
    return value.strip()


def instant(value: Any, name: str) -> datetime:
    """An ISO 8601 time with its zone, in UTC."""
    if not isinstance(value, str):
        raise Wrong(
            name,
            "This field is required." if value is None else "Must be an ISO 8601 time, as text.",
        )
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(name, "Must be an ISO 8601 time such as 2026-11-21T09:30:00+01:00.") from None
    if at.tzinfo is None:
        raise Wrong(name, "Must say its time zone, such as …+01:00 or …Z.")
    if at.year not in YEARS:
        raise Wrong(name, f"Must be a year from {YEARS[0]} to {YEARS[-1]}.")
    return at.astimezone(UTC)


def section(
    item: Mapping[str, Any], name: str, known: frozenset[str], *, within: str = ""
) -> dict[str, Any]:
    value = item.get(name)
    if not isinstance(value, dict):
        missing = value is None and (name not in item or not within)
        reason = "This field is required." if missing else "Must be a JSON object, such as {}."
        raise Wrong(within + name, reason)
    insist_known(value, known, f"{within}{name}.")
    return value


def optional(times: Mapping[str, Any], part: str, name: str) -> datetime | None:
    return None if times.get(part) is None else instant(times[part], name)


def day(value: Any, name: str) -> date:
    """A date of the calendar, which has no zone."""
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Wrong(name, "Must be a date such as 2026-11-21.") from None
    if found.year not in YEARS:
        raise Wrong(name, f"Must be a year from {YEARS[0]} to {YEARS[-1]}.")
    return found
