"""What each kind of subject goes through, and which words may be reported of it; data, not tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args, get_type_hints

from exceptions_app.subjects.attributes import (
    AppointmentAttributes,
    ComplaintAttributes,
    ContractAttributes,
    DealAttributes,
    DeliveryAttributes,
    FinanceAttributes,
    LeadTaskAttributes,
    OrderAttributes,
    PaymentAttributes,
    RequestAttributes,
    ReturnAttributes,
    StockAttributes,
)
from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True)
class Journey:
    """The milestones of a kind in their order, its last ones, and the words a source may report.

    ``ends`` are the milestones and reports after which nothing more is expected; ``keeps`` is the milestone
    that a promise is about. What ``resumes`` says of an end takes it back if it is said later: a no show that
    was given another day is watched again. A ``planned`` kind has a start and a time window, whose revisions
    are kept; of a ``reminded`` one the customer keeps it or not, and may be reminded;
    ``compared`` are the attributes of which is kept what each source says; a ``parcelled`` kind may travel in
    several parcels, and is there when all of them are; by which words each of them moves.
    """

    milestones: Mapping[str, str]
    reports: Mapping[str, str]
    ends: frozenset[str]
    keeps: str
    attributes: type
    documents: Mapping[str, str] = field(default_factory=dict)
    compared: frozenset[str] = frozenset()
    planned: bool = False
    resumes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reminded: bool = False
    parcelled: Mapping[str, str] = field(default_factory=dict)


def after(ends: str, words: str) -> dict[str, frozenset[str]]:
    """The words that take back each of these ends."""
    return dict.fromkeys(ends.split(), frozenset(words.split()))


CONTRACT = {"contract": "signed contract"}
PERSON = {"identity": "proof of identity", "driving_licence": "driving licence"}
VEHICLE = {
    "title": "vehicle title",
    "registration": "registration papers",
    "insurance": "proof of insurance",
}


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
            "short": "short of stock",
            "restocked": "in stock again",
            "address_failed": "address not valid",
            "address_mended": "address mended",
            "damaged": "damaged on the way",
            "lost": "lost by the carrier",
            "returned_to_sender": "going back to the sender",
            "customs": "held in customs",
            "weather": "held up by weather",
            "asked": "asked about",
        },
        ends=frozenset({"delivered", "cancelled", "unavailable", "returned"}),
        keeps="delivered",
        attributes=OrderAttributes,
        resumes=after("unavailable", "restocked") | after("cancelled", "placed"),
        parcelled={
            "shipped": "sent_at",
            "scanned": "sent_at",
            "delivered": "delivered_at",
            "lost": "cancelled_at",
            "returned_to_sender": "cancelled_at",
        },
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
        reports={"cancelled": "cancelled", "asked": "asked about"},
        ends=frozenset({"handed_over", "cancelled"}),
        keeps="handed_over",
        attributes=DealAttributes,
        resumes=after("cancelled", "sold"),
        documents=CONTRACT | PERSON | VEHICLE,
        compared=frozenset({"vin", "stock_number", "value"}),
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
            "asked": "asked about",
        },
        ends=frozenset({"finished", "cancelled_by_customer", "cancelled", "no_show"}),
        keeps="checked_in",
        attributes=AppointmentAttributes,
        planned=True,
        resumes=after(
            "cancelled_by_customer cancelled no_show", "rescheduled booked dispatched checked_in"
        ),
        reminded=True,
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
            "asked": "asked about",
        },
        ends=frozenset({"paid", "refunded"}),
        keeps="paid",
        attributes=PaymentAttributes,
    ),
    SubjectKind.DELIVERY: Journey(
        milestones={
            "scheduled": "scheduled",
            "confirmed": "confirmed by the customer",
            "prepared": "vehicle prepared",
            "departed": "on the way",
            "handed_over": "handed over",
        },
        reports={
            "rescheduled": "rescheduled",
            "cancelled": "cancelled",
            "no_show": "no show",
            "asked": "asked about",
        },
        ends=frozenset({"handed_over", "cancelled", "no_show"}),
        keeps="handed_over",
        attributes=DeliveryAttributes,
        documents=PERSON | VEHICLE,
        planned=True,
        resumes=after("cancelled no_show", "rescheduled scheduled departed"),
    ),
    SubjectKind.FINANCE: Journey(
        milestones={
            "sold": "vehicle sold",
            "submitted": "sent to the lender",
            "answered": "lender answered",
            "funded": "funded",
        },
        reports={"declined": "declined", "withdrawn": "withdrawn", "asked": "asked about"},
        ends=frozenset({"funded", "withdrawn"}),
        keeps="funded",
        attributes=FinanceAttributes,
        documents=CONTRACT | PERSON | {"income": "proof of income"},
        resumes=after("withdrawn", "submitted"),
    ),
    SubjectKind.CONTRACT: Journey(
        milestones={
            "drafted": "drafted",
            "signed": "signed",
            "booked": "booked",
            "filed": "filed",
        },
        reports={"cancelled": "cancelled", "asked": "asked about"},
        ends=frozenset({"filed", "cancelled"}),
        keeps="filed",
        attributes=ContractAttributes,
        resumes=after("cancelled", "drafted signed"),
        documents=CONTRACT | PERSON | VEHICLE,
        compared=frozenset(
            {"vin", "price", "trade_in", "deposit", "rate", "months", "buyer", "value"}
        ),
    ),
    SubjectKind.LEAD_TASK: Journey(
        milestones={"created": "created", "assigned": "taken by somebody", "done": "done"},
        reports={"cancelled": "cancelled"},
        ends=frozenset({"done", "cancelled"}),
        keeps="done",
        attributes=LeadTaskAttributes,
        resumes=after("cancelled", "created assigned"),
    ),
    SubjectKind.RETURN: Journey(
        milestones={
            "requested": "requested",
            "sent": "sent back",
            "received": "received",
            "inspected": "inspected",
            "refunded": "refunded",
        },
        reports={"rejected": "rejected", "cancelled": "cancelled", "asked": "asked about"},
        ends=frozenset({"refunded", "rejected", "cancelled"}),
        keeps="refunded",
        attributes=ReturnAttributes,
        resumes=after("cancelled", "requested sent received") | after("rejected", "requested"),
    ),
    SubjectKind.STOCK: Journey(
        milestones={"booked": "booked", "counted": "counted", "adjusted": "adjusted"},
        reports={},
        ends=frozenset(),
        keeps="counted",
        attributes=StockAttributes,
    ),
    SubjectKind.COMPLAINT: Journey(
        milestones={"received": "received", "answered": "answered", "settled": "settled"},
        reports={"repeated": "complained again", "withdrawn": "withdrawn"},
        ends=frozenset({"settled", "withdrawn"}),
        keeps="settled",
        attributes=ComplaintAttributes,
        resumes=after("settled withdrawn", "repeated"),
    ),
    SubjectKind.REQUEST: Journey(
        milestones={"opened": "opened", "resolved": "resolved", "closed": "closed"},
        reports={
            "waiting": "waiting for somebody else",
            "withdrawn": "withdrawn",
            "asked": "asked about",
        },
        ends=frozenset({"closed", "withdrawn"}),
        keeps="closed",
        attributes=RequestAttributes,
        resumes=after("withdrawn", "opened"),
    ),
}


#: An attribute is a name or a number; only what a customer wrote is longer.
LONGEST, LONG = 500, {"text": 20_000}


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
        elif isinstance(value, str) and len(value) > (longest := LONG.get(name, LONGEST)):
            wrong[name] = f"Must be at most {longest:,} characters."
    return wrong


def expected(hint: Any) -> str:
    words = {str: "text", bool: "true or false", int: "a whole number"}
    return next(words[kind] for kind in get_args(hint) if kind in words)
