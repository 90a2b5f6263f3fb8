"""Rules about journeys: a milestone that outlived its allowed duration, and the next working day after it.

The durations are those of the journey, which staff edit; milestones that a rule of their own watches are
left to it. Most are shipped for staff to switch on: how strictly a desk goes by its journeys is its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Parameters
from exceptions_app.detection.rules.hours import after_next_working_day
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


@dataclass(frozen=True, kw_only=True)
class Behind(Common):
    """A milestone has not come within the time that the journey allows; a case after the next working day.

    What the journey allows time for need not concern every subject: ``only`` says which milestones do.
    """

    milestones: tuple[str, ...]
    grace: timedelta = timedelta(0)
    only: Callable[[Facts, str], bool] = lambda _, __: True

    parameters: ClassVar[Parameters] = {
        "grace": ("Grace", "How long after its time a milestone is late"),
    }

    @property
    def awaits(self) -> tuple[str, ...]:
        return self.milestones

    def overdue(self, facts: Facts) -> list[tuple[datetime, str]]:
        """What is expected and has not come, the longest overdue first."""
        expected = (
            (at + self.grace, name)
            for name in self.milestones
            if facts.reached(name) is None
            and (at := facts.expected(name))
            and self.only(facts, name)
        )
        return sorted(expected)

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None:
            return None
        return next((at for at, _ in self.overdue(facts)), None)

    def what(self, facts: Facts) -> str:
        first = next((name for _, name in self.overdue(facts)), "")
        return JOURNEYS[self.kind].milestones.get(first, first)


def settles(facts: Facts, since: datetime) -> datetime:
    return after_next_working_day(facts, since)


def unless_paid_in_cash(facts: Facts, milestone: str) -> bool:
    """Nobody approves the finance of a deal without a lender."""
    return milestone != "financed" or bool(facts.attributes.get("lender"))


RULES = (
    Behind(
        slug="order.behind",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.ORDER_AT_RISK,
        milestones=("paid", "packed", "shipped"),
        title="Order {name}: not yet {what}",
        team="support",
        severity=Severity.LOW,
        settles=settles,
        off=True,
    ),
    Behind(
        slug="deal.behind",
        kind=SubjectKind.DEAL,
        exception_type=ExceptionType.DELIVERY_AT_RISK,
        milestones=("financed", "registered"),
        only=unless_paid_in_cash,
        title="{name} for {customer}: not yet {what}",
        team="sales",
        settles=settles,
    ),
    Behind(
        slug="contract.behind",
        kind=SubjectKind.CONTRACT,
        exception_type=ExceptionType.DOCUMENT_MISSING,
        milestones=("signed", "booked", "filed"),
        title="Contract {name} of {customer}: not yet {what}",
        team="sales",
        settles=settles,
        off=True,
    ),
    Behind(
        slug="lead_task.behind",
        kind=SubjectKind.LEAD_TASK,
        exception_type=ExceptionType.LEAD_UNOWNED,
        milestones=("done",),
        title="{name} of {customer}: not yet {what}",
        team="sales",
        settles=settles,
        off=True,
    ),
    Behind(
        slug="delivery.behind",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.DELIVERY_AT_RISK,
        milestones=("confirmed", "prepared", "departed"),
        title="Delivery of {name} to {customer}: not yet {what}",
        team="sales",
        settles=settles,
        off=True,
    ),
    Behind(
        slug="return.behind",
        kind=SubjectKind.RETURN,
        exception_type=ExceptionType.RETURN_STUCK,
        milestones=("sent",),
        title="Return {name} of {customer}: not yet {what}",
        team="support",
        severity=Severity.LOW,
        settles=settles,
        off=True,
    ),
    Behind(
        slug="payment.behind",
        kind=SubjectKind.PAYMENT,
        exception_type=ExceptionType.OTHER,
        milestones=("paid",),
        title="Payment {name} of {customer}: not yet {what}",
        team="finance",
        settles=settles,
        off=True,
    ),
    Behind(
        slug="stock.behind",
        kind=SubjectKind.STOCK,
        exception_type=ExceptionType.STOCK_MISMATCH,
        milestones=("counted", "adjusted"),
        title="Stock of {name}: not yet {what}",
        team="parts",
        severity=Severity.LOW,
        settles=settles,
        off=True,
    ),
)
