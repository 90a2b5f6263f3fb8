"""Rules about vehicle deals: late, at risk, moved too often, told differently by two systems (T1, T2, T8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Late, Parameters
from exceptions_app.detection.rules.mismatch import BetweenSources
from exceptions_app.detection.rules.repeated import Moved
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


@dataclass(frozen=True, kw_only=True)
class Unready(Common):
    """The promise is near and a milestone that must come before it has not."""

    needs: tuple[str, ...]
    ahead: timedelta
    unless: str

    parameters: ClassVar[Parameters] = {
        "ahead": ("Ahead of the promise", "So long before it everything must be ready"),
    }

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
        counts_from="promise",
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
    BetweenSources(
        slug="deal.mismatch",
        kind=SubjectKind.DEAL,
        exception_type=ExceptionType.CONTRACT_MISMATCH,
        fields=("vin", "stock_number", "value"),
        unless=("cancelled",),
        title="Deal {name}: {what}",
        team="sales",
        about="mismatch",
    ),
    Moved(
        slug="deal.moved_too_often",
        kind=SubjectKind.DEAL,
        exception_type=ExceptionType.MOVED_TOO_OFTEN,
        more_than=2,
        further=timedelta(days=14),
        title="Delivery of {name} to {customer} was {what}",
        team="sales",
        about="moved",
    ),
)
