"""Rules about orders: late, gone quiet, short of stock, undeliverable, the carrier's exceptions (T13-T17)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from exceptions_app.detection.rules.base import Late, Reported, Silent, worth
from exceptions_app.detection.rules.hours import after_next_working_day
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
    return Severity.LOW if is_trifle(facts) else Severity.MEDIUM


def is_trifle(facts: Facts) -> bool:
    return facts.value is not None and worth(facts) < MODEST


def at_least_medium(facts: Facts) -> Severity:
    return min(by_tier_and_value(facts), Severity.MEDIUM)


def at_least_high(facts: Facts) -> Severity:
    return min(by_tier_and_value(facts), Severity.HIGH)


def settles(facts: Facts, since: datetime) -> datetime | None:
    """A trifle of nobody in particular that is late mostly comes by the next working day."""
    if facts.tier or not is_trifle(facts):
        return None
    return after_next_working_day(facts, since)


def is_tracked(facts: Facts) -> bool:
    """Silence says something only about a parcel that is scanned; most untracked ones simply arrive."""
    tracked = facts.attributes.get("tracked")
    return facts.reported("scanned") is not None if tracked is None else bool(tracked)


#: What the carrier says about a parcel is one thing to see to, however it says it.
CARRIER: dict[str, Any] = {
    "kind": SubjectKind.ORDER,
    "exception_type": ExceptionType.CARRIER_EXCEPTION,
    "team": "support",
    "about": "carrier",
    "while_open": True,
}
RULES = (
    Late(
        slug="order.late",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.ORDER_LATE,
        milestone="delivered",
        counts_from="promise",
        title="Order {name} is late",
        team="support",
        severity=by_tier_and_value,
        settles=settles,
    ),
    Silent(
        slug="order.scan_gap",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.SCAN_GAP,
        after=("shipped",),
        heard=("scanned", "customs", "weather", "damaged", "address_failed"),
        until=("delivered", "returned_to_sender"),
        rests=("lost",),
        silence=timedelta(hours=48),
        needs=is_tracked,
        title="Order {name}: no scan for {what}",
        team="support",
        severity=by_tier_and_value,
    ),
    Reported(
        slug="order.short",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.STOCK_SHORT,
        words=("short",),
        unless=("restocked", "packed", "shipped"),
        while_open=True,
        title="Order {name} is short of stock",
        team="support",
        severity=by_tier_and_value,
    ),
    Reported(
        slug="order.address_problem",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.ADDRESS_PROBLEM,
        words=("address_failed",),
        unless=("address_mended",),
        while_open=True,
        title="Order {name}: the address does not work",
        team="support",
        severity=at_least_medium,
    ),
    Reported(
        slug="order.lost",
        words=("lost",),
        unless=("scanned",),
        title="Order {name} was lost by the carrier",
        severity=at_least_high,
        **CARRIER,
    ),
    Reported(
        slug="order.damaged",
        words=("damaged",),
        title="Order {name} was damaged on the way",
        severity=at_least_high,
        **CARRIER,
    ),
    Reported(
        slug="order.returned_to_sender",
        words=("returned_to_sender",),
        title="Order {name} is going back to the sender",
        severity=at_least_medium,
        **CARRIER,
    ),
    Reported(
        slug="order.customs",
        words=("customs",),
        unless=("scanned",),
        title="Order {name} is held in customs",
        severity=by_tier_and_value,
        **CARRIER,
    ),
    Reported(
        slug="order.weather",
        words=("weather",),
        unless=("scanned",),
        title="Order {name} is held up by weather",
        severity=Severity.LOW,
        points=-15,
        **CARRIER,
    ),
)
