"""Rules about orders: late against the promise, at risk of it, gone quiet on the way (T13, T14)."""

from datetime import timedelta
from decimal import Decimal

from exceptions_app.detection.rules.base import Late, Silent, worth
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

VALUABLE = Decimal(500)
MODEST = Decimal(50)


def by_tier_and_value(facts: Facts) -> Severity:
    """A gold customer or a valuable order weighs more; both together are critical, a trifle is low."""
    gold, valuable = facts.tier == "gold", worth(facts) >= VALUABLE
    if gold and valuable:
        return Severity.CRITICAL
    if gold or valuable:
        return Severity.HIGH
    return Severity.LOW if facts.value is not None and worth(facts) < MODEST else Severity.MEDIUM


def is_tracked(facts: Facts) -> bool:
    """Silence says something only about a parcel that is scanned; most untracked ones simply arrive."""
    return bool(facts.attributes.get("tracked")) or facts.reported("scanned") is not None


RULES = (
    Late(
        slug="order.late",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.ORDER_LATE,
        milestone="delivered",
        by_promise=True,
        title="Order {name} is late",
        team="support",
        severity=by_tier_and_value,
    ),
    Silent(
        slug="order.scan_gap",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.SCAN_GAP,
        after="shipped",
        heard=("scanned",),
        until=("delivered",),
        silence=timedelta(hours=48),
        needs=is_tracked,
        title="Order {name}: no scan for two days",
        team="support",
        severity=by_tier_and_value,
    ),
)
