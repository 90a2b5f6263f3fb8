"""How much a finding matters, from 0 to 100, and what that is made of: not only late or not late; pure (S6).

Under the threshold a finding is watched; it becomes a case when its score rises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import Severity

if TYPE_CHECKING:
    from exceptions_app.detection.rules.base import Finding

THRESHOLD = 30
MOST = 100

SEVERITIES: Mapping[Severity, int] = {
    Severity.CRITICAL: 75,
    Severity.HIGH: 60,
    Severity.MEDIUM: 45,
    Severity.LOW: 35,
}
TIERS: Mapping[str, int] = {"gold": 10, "silver": 5}
VALUES = ((Decimal(5000), 15), (Decimal(500), 10))
DAY = timedelta(days=1)
#: A promise further away than this matters a little less.
FAR, LESS = 2 * DAY, -5
EACH_DAY, MOST_DAYS = 3, 5
EACH_REPEAT, MOST_REPEATS = 4, 4
#: Off what may yet settle by itself.
MAY_SETTLE = -30
#: What each part is called where a person reads it.
LABELS: Mapping[str, str] = {
    "severity": "severity",
    "time": "time over, or left, to the promise",
    "tier": "customer tier",
    "value": "value",
    "repeats": "asked and moved before",
    "kind": "how much such a thing matters",
    "settles": "may yet settle by itself",
}


def weighed(finding: "Finding", facts: Facts, at: datetime) -> "Finding":
    """The finding, or the graver one once that has come, with its score as of an instant and its parts."""
    if finding.graver is not None and finding.graver.since <= at:
        finding = finding.graver
    parts = parts_of(finding, facts, at)
    told = {**finding.evidence, "score": total(parts), "parts": parts}
    return replace(finding, score=total(parts), parts=parts, evidence=told)


def total(parts: Mapping[str, int]) -> int:
    return max(0, min(MOST, sum(parts.values())))


def parts_of(finding: "Finding", facts: Facts, at: datetime) -> dict[str, int]:
    settles = finding.settles_at is not None and at < finding.settles_at
    parts = {
        "severity": SEVERITIES[finding.severity],
        "time": pressing(finding, facts, at),
        "tier": TIERS.get(facts.tier, 0),
        "value": next((points for least, points in VALUES if (facts.value or 0) >= least), 0),
        "repeats": EACH_REPEAT * min(repeats(facts), MOST_REPEATS),
        "kind": finding.points,
        "settles": MAY_SETTLE if settles else 0,
    }
    return {name: points for name, points in parts.items() if points}


def pressing(finding: "Finding", facts: Facts, at: datetime) -> int:
    """More with each day over the promise, or without one since it holds; a little less while that is far."""
    promised = facts.promised_at
    if promised is not None and promised - at > FAR:
        return LESS
    days = (at - (promised or finding.since)) // DAY
    return EACH_DAY * max(0, min(days, MOST_DAYS))


def repeats(facts: Facts) -> int:
    """How often the customer asked again, and how often the promise was moved."""
    asked = facts.reports.get("asked")
    return (asked.times - 1 if asked else 0) + max(len(facts.revisions) - 1, 0)


def rises_at(finding: "Finding", facts: Facts, after: datetime, threshold: int) -> datetime | None:
    """When a watched finding comes to matter enough for a case, if nothing is heard until then."""
    comings = sorted(at for at in changes(finding, facts) if at > after)
    return next((at for at in comings if total(parts_of(finding, facts, at)) >= threshold), None)


def changes(finding: "Finding", facts: Facts) -> Iterator[datetime]:
    """The instants at which the score changes by itself."""
    if finding.settles_at is not None:
        yield finding.settles_at
    if facts.promised_at is not None:
        yield facts.promised_at - FAR
    begins = facts.promised_at or finding.since
    yield from (begins + days * DAY for days in range(1, MOST_DAYS + 1))
