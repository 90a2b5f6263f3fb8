"""What each kind of subject goes through, and which attributes and reports it may carry; data, not tables."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True)
class OrderAttributes:
    carrier: str | None = None
    tracking_number: str | None = None
    tracked: bool | None = None
    seller: str | None = None
    category: str | None = None
    items: int | None = None
    destination: str | None = None


@dataclass(frozen=True)
class DealAttributes:
    vin: str | None = None
    stock_number: str | None = None
    vehicle: str | None = None
    salesperson: str | None = None
    lender: str | None = None


@dataclass(frozen=True)
class AppointmentAttributes:
    technician: str | None = None
    service: str | None = None
    address: str | None = None
    equipment: str | None = None


@dataclass(frozen=True)
class PaymentAttributes:
    method: str | None = None
    order: str | None = None
    deal: str | None = None
    lender: str | None = None


@dataclass(frozen=True)
class Journey:
    """The milestones of a kind in their order, its last ones, and the words a source may report.

    ``ends`` are the milestones and reports after which nothing more is expected; ``keeps`` is the milestone
    that a promise is about.
    """

    milestones: Mapping[str, str]
    reports: Mapping[str, str]
    ends: frozenset[str]
    keeps: str
    attributes: type


JOURNEYS: Mapping[SubjectKind, Journey] = {
    SubjectKind.ORDER: Journey(
        milestones={
            "placed": "placed",
            "paid": "paid",
            "packed": "packed",
            "shipped": "handed to the carrier",
            "delivered": "delivered",
        },
        reports={
            "scanned": "scanned on the way",
            "cancelled": "cancelled",
            "unavailable": "unavailable",
            "returned": "returned",
        },
        ends=frozenset({"delivered", "cancelled", "unavailable", "returned"}),
        keeps="delivered",
        attributes=OrderAttributes,
    ),
    SubjectKind.DEAL: Journey(
        milestones={
            "sold": "sold",
            "financed": "finance approved",
            "arrived": "vehicle arrived",
            "prepared": "vehicle prepared",
            "registered": "registered",
            "handed_over": "handed over",
        },
        reports={"cancelled": "cancelled"},
        ends=frozenset({"handed_over", "cancelled"}),
        keeps="handed_over",
        attributes=DealAttributes,
    ),
    SubjectKind.APPOINTMENT: Journey(
        milestones={
            "booked": "booked",
            "dispatched": "technician on the way",
            "checked_in": "technician checked in",
            "finished": "finished",
        },
        reports={
            "cancelled_by_customer": "cancelled by the customer",
            "cancelled": "cancelled",
            "rescheduled": "rescheduled",
            "no_show": "no show",
            "on_hold": "on hold",
        },
        ends=frozenset({"finished", "cancelled_by_customer", "cancelled", "no_show"}),
        keeps="checked_in",
        attributes=AppointmentAttributes,
    ),
    SubjectKind.PAYMENT: Journey(
        milestones={
            "requested": "requested",
            "submitted": "sent to the lender",
            "answered": "lender answered",
            "paid": "paid",
        },
        reports={
            "failed": "payment failed",
            "declined": "finance declined",
            "refunded": "refunded",
        },
        ends=frozenset({"paid", "refunded"}),
        keeps="paid",
        attributes=PaymentAttributes,
    ),
}


def problems(kind: SubjectKind, attributes: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the attributes of a signal, by attribute."""
    shape = JOURNEYS[kind].attributes
    known = get_type_hints(shape)
    wrong = {}
    for name, value in attributes.items():
        if name not in known:
            wrong[name] = (
                f"Unknown attribute. Use one of {', '.join(f.name for f in fields(shape))}."
            )
        elif value is not None and type(value) not in get_args(known[name]):
            wrong[name] = f"Must be {expected(known[name])}."
    return wrong


def expected(hint: Any) -> str:
    words = {str: "text", bool: "true or false", int: "a whole number"}
    return next(words[kind] for kind in get_args(hint) if kind in words)
