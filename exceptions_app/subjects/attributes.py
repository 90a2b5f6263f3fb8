"""Which attributes a subject of each kind may carry, by name and type; data, not tables."""

from dataclasses import dataclass

#: By these a subject is known as well as by its reference; each has an index (``Subject.Meta``).
IDENTIFYING = ("vin", "stock_number", "tracking_number")


#: Letters of a parcel's number.
MOST_NUMBER = 80


def one_spelling(number: str) -> str:
    """Of a parcel's number, which some write in groups, or small."""
    return "".join(number.split()).upper()


@dataclass(frozen=True)
class OrderAttributes:
    carrier: str | None = None
    tracking_number: str | None = None
    tracked: bool | None = None
    seller: str | None = None
    category: str | None = None
    items: int | None = None
    destination: str | None = None
    origin: str | None = None
    freight: str | None = None
    weight: int | None = None
    installments: int | None = None
    method: str | None = None


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
class DeliveryAttributes:
    deal: str | None = None
    vin: str | None = None
    vehicle: str | None = None
    salesperson: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class FinanceAttributes:
    deal: str | None = None
    lender: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class ContractAttributes:
    """What two systems may say of the same contract, each in its own signals."""

    deal: str | None = None
    vin: str | None = None
    price: str | None = None
    trade_in: str | None = None
    deposit: str | None = None
    rate: str | None = None
    months: int | None = None
    buyer: str | None = None


@dataclass(frozen=True)
class LeadTaskAttributes:
    lead: str | None = None
    owner: str | None = None
    channel: str | None = None
    vehicle: str | None = None


@dataclass(frozen=True)
class ReturnAttributes:
    order: str | None = None
    reason: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True)
class StockAttributes:
    """Quantities are whole pieces; ``unit_value`` is a decimal number as text."""

    part: str | None = None
    bin: str | None = None
    booked: int | None = None
    counted: int | None = None
    unit_value: str | None = None


@dataclass(frozen=True)
class ComplaintAttributes:
    channel: str | None = None
    about: str | None = None
    text: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class RequestAttributes:
    """``handovers``, ``reopened`` and ``changes`` count what happened to it so far."""

    severity: str | None = None
    channel: str | None = None
    place: str | None = None
    category: str | None = None
    subcategory: str | None = None
    group: str | None = None
    assignee: str | None = None
    state: str | None = None
    handovers: int | None = None
    reopened: int | None = None
    changes: int | None = None


@dataclass(frozen=True)
class PaymentAttributes:
    method: str | None = None
    order: str | None = None
    deal: str | None = None
    lender: str | None = None
