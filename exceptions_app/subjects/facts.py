"""What is known about one subject, frozen for rules; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as last reported."""

    expected_at: datetime | None
    actual_at: datetime | None
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A watched word that a source said about the subject: when it happened, and how often by now."""

    at: datetime
    times: int = 1
    note: str = ""
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A promise as the customer was told it."""

    promised_at: datetime
    said_at: datetime
    reason: str = ""


def revisions(promises: Iterable[Told]) -> tuple[Told, ...]:
    """Those that promise something else than the one before."""
    return tuple(next(same) for _, same in groupby(promises, key=lambda told: told.promised_at))


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a rule may look at.

    ``promises`` are all that were said, in that order; ``said_at`` tells when a fact was said that a later
    signal may say otherwise.
    """

    kind: SubjectKind
    reference: str
    label: str = ""
    customer: Mapping[str, str] = field(default_factory=dict)
    tier: str = ""
    value: Decimal | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    milestones: Mapping[str, Step] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    promises: tuple[Told, ...] = ()
    said_at: Mapping[str, datetime] = field(default_factory=dict)

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

    def having(self, **changes: Any) -> "Facts":
        return replace(self, **changes)
