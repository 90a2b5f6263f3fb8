"""Rules about vehicle deals: the handover late, or about to be (T1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Late
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


@dataclass(frozen=True, kw_only=True)
class Unready(Common):
    """The promise is near and a milestone that must come before it has not."""

    parameters: ClassVar[Mapping[str, str]] = {
        "ahead": "How long before the promise everything should be ready"
    }

    needs: tuple[str, ...]
    ahead: timedelta
    unless: str

    def when(self, facts: Facts) -> datetime | None:
        promised = facts.promised_at
        if promised is None or facts.ended_at is not None or facts.reached(self.unless):
            return None
        if all(facts.reached(name) for name in self.needs):
            return None
        said = facts.revisions[-1].said_at
        return max(promised - self.ahead, said)


RULES = (
    Late(
        slug="deal.delivery_late",
        kind=SubjectKind.DEAL,
        exception_type=ExceptionType.DELIVERY_LATE,
        milestone="handed_over",
        by_promise=True,
        grace=timedelta(minutes=30),
        title="Delivery of {name} to {customer} is late",
        team="sales",
        severity=Severity.HIGH,
        about="delivery",
    ),
    Unready(
        slug="deal.delivery_at_risk",
        kind=SubjectKind.DEAL,
        exception_type=ExceptionType.DELIVERY_AT_RISK,
        needs=("arrived", "prepared"),
        ahead=timedelta(hours=24),
        unless="handed_over",
        title="Delivery of {name} to {customer} is at risk",
        team="sales",
        severity=Severity.MEDIUM,
        about="delivery",
    ),
)
