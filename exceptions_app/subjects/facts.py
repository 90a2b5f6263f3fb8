"""What is known about one subject, frozen for rules; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from exceptions_app.vocabulary import SubjectKind

if TYPE_CHECKING:
    from exceptions_app.sla.hours import Hours

#: So many instants of a word, and plans of a visit, are remembered: the newest.
REMEMBERED = 20
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Stamp(NamedTuple):
    """When something was said, and the signal that said it: of two of one instant always the same holds."""

    at: datetime
    by: str = ""


class Step(NamedTuple):
    """A milestone as last reported; its plan and its fact were each said at a time of their own."""

    expected_at: datetime | None
    actual_at: datetime | None
    reported_at: datetime
    planned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A watched word that a source said about the subject: when it happened, and how often by now.

    ``before`` is the start that held until then, ``recent`` the newest instants of the word in their order.
    """

    at: datetime
    times: int = 1
    note: str = ""
    before: datetime | None = None
    recent: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """When a visit was to start: the job itself, and the window that the customer was told."""

    said_at: datetime
    starts_at: datetime | None = None
    window_starts_at: datetime | None = None
    window_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as last reported; ``states`` are attributes of the subject as the document has them."""

    said_at: datetime
    received_at: datetime | None = None
    expires_on: date | None = None
    number: str = ""
    states: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A part of an order that travels by itself, waited for once it is sent unless it is cancelled."""

    said_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether its order is there only with it; one that was cancelled may be sent again."""
        if self.delivered_at or not self.sent_at:
            return self.delivered_at is not None
        return self.cancelled_at is None or self.sent_at > self.cancelled_at


class Told(NamedTuple):
    """A promise as the customer was told it."""

    promised_at: datetime
    said_at: datetime
    reason: str = ""


def revisions(promises: Iterable[Told]) -> tuple[Told, ...]:
    """Those that promise something else than the one before."""
    return tuple(next(same) for _, same in groupby(promises, key=lambda told: told.promised_at))


class Facts(NamedTuple):
    """Everything a rule may look at.

    ``promises`` are all that were said, in that order; ``said_at`` tells when a fact was said that a later
    signal may say otherwise. ``said_by`` keeps apart what each source said of the attributes that its
    journey compares; when that was, ``said_at`` has under ``<source>:<attribute>``. ``whole`` is what
    was told of the arrival of an order as such, once ``parcels`` of it are known.
    """

    kind: SubjectKind
    reference: str
    label: str = ""
    customer: Mapping[str, str] = NOTHING
    tier: str = ""
    value: Decimal | None = None
    attributes: Mapping[str, Any] = NOTHING
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    milestones: Mapping[str, Step] = NOTHING
    reports: Mapping[str, Report] = NOTHING
    promises: tuple[Told, ...] = ()
    said_at: Mapping[str, Stamp] = NOTHING
    said_by: Mapping[str, Mapping[str, Any]] = NOTHING
    plans: tuple[Plan, ...] = ()
    documents: Mapping[str, Document] = NOTHING
    parcels: Mapping[str, Parcel] = NOTHING
    whole: Step | None = None
    hours: "Hours | None" = None

    @property
    def promised_at(self) -> datetime | None:
        return self.promises[-1].promised_at if self.promises else None

    @property
    def revisions(self) -> tuple[Told, ...]:
        """The promises without repetitions of the one that held."""
        return revisions(self.promises)

    @property
    def customer_name(self) -> str:
        return str(self.customer.get("name", ""))

    @property
    def name(self) -> str:
        return self.label or self.reference

    def reached(self, milestone: str) -> datetime | None:
        step = self.milestones.get(milestone)
        return step.actual_at if step else None

    def expected(self, milestone: str) -> datetime | None:
        step = self.milestones.get(milestone)
        return step.expected_at if step else None

    def reported(self, word: str) -> datetime | None:
        report = self.reports.get(word)
        return report.at if report else None

    def heard(self, name: str) -> datetime | None:
        """When a milestone was reached or a word reported, whichever the name is."""
        step, report = self.milestones.get(name), self.reports.get(name)
        return (step and step.actual_at) or (report.at if report else None)

    def planned(self, part: str) -> datetime | None:
        """A part of the plan that holds: starts_at, window_starts_at or window_ends_at."""
        told = (getattr(plan, part) for plan in reversed(self.plans))
        return next((at for at in told if at), None)

    def having(self, **changes: Any) -> "Facts":
        return self._replace(**changes)
