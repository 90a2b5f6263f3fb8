"""Rules about appointments: not checked in, running over, cancelled, moved, a watched status (T9-T11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Late, Parameters, Reported
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

NOTICE = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class MovedLate(Common):
    """Rescheduled by the customer when the start that held until then was less than the notice away."""

    notice: timedelta

    parameters: ClassVar[Parameters] = {
        "notice": ("Notice period", "Moving it later than so long before the start is late"),
    }

    def when(self, facts: Facts) -> datetime | None:
        report = facts.reports.get("rescheduled")
        if report is None or report.before is None or facts.reached("checked_in"):
            return None
        return report.at if timedelta(0) <= report.before - report.at < self.notice else None


@dataclass(frozen=True, kw_only=True)
class CalledOff(Reported):
    """Cancelled by the customer: inside the notice period somebody stands idle, outside it is routine."""

    notice: timedelta

    parameters: ClassVar[Parameters] = {
        "notice": ("Notice period", "Cancelling later than so long before the start is late"),
    }

    def grade(self, facts: Facts) -> Severity:
        ahead = self.ahead(facts)
        if ahead is None:
            return super().grade(facts)
        return Severity.HIGH if ahead < self.notice else Severity.LOW

    def what(self, facts: Facts) -> str:
        ahead = self.ahead(facts)
        return " at short notice" if ahead is not None and ahead < self.notice else ""

    def ahead(self, facts: Facts) -> timedelta | None:
        """How long before the start it was said."""
        said = max(at for word in self.words if (at := facts.reported(word)))
        starts_at = start_of(facts)
        return None if starts_at is None else starts_at - said


@dataclass(frozen=True, kw_only=True)
class RunningOver(Late):
    """A visit that has begun and is not finished when it should be."""

    def when(self, facts: Facts) -> datetime | None:
        return super().when(facts) if facts.reached("checked_in") else None


def start_of(facts: Facts) -> datetime | None:
    """When the visit is to begin: the job itself, or the window that the customer was told."""
    return facts.expected("checked_in") or facts.planned("window_starts_at")


RULES = (
    Late(
        slug="appointment.not_checked_in",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.NOT_CHECKED_IN,
        milestone="checked_in",
        grace=timedelta(minutes=15),
        title="Technician not checked in for {name}",
        team="dispatch",
        severity=Severity.HIGH,
    ),
    RunningOver(
        slug="appointment.running_over",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_AT_RISK,
        milestone="finished",
        grace=timedelta(minutes=15),
        title="The visit {name} takes longer than planned",
        team="dispatch",
        severity=Severity.LOW,
        points=-40,
        spreads="technician",
    ),
    CalledOff(
        slug="appointment.cancelled_by_customer",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_CANCELLED,
        words=("cancelled_by_customer",),
        notice=NOTICE,
        title="{customer} cancelled {name}{what}",
        team="dispatch",
        about="cancelled",
    ),
    MovedLate(
        slug="appointment.moved_late",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_MOVED,
        notice=NOTICE,
        title="{customer} moved {name} at short notice",
        team="dispatch",
    ),
    Reported(
        slug="appointment.no_show",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.NO_SHOW,
        words=("no_show",),
        unless=("checked_in",),
        title="No show: {name}",
        team="dispatch",
        severity=Severity.HIGH,
    ),
    Reported(
        slug="appointment.cancelled",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_CANCELLED,
        words=("cancelled", "on_hold"),
        unless=("checked_in",),
        title="{name} was cancelled or put on hold by scheduling",
        team="dispatch",
        about="cancelled",
    ),
)

#: By the rule that finds somebody running over, what holds of those who wait for them.
SPREADS = {
    "appointment.running_over": Common(
        slug="appointment.technician_delayed",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_AT_RISK,
        title="The technician for {name} is held up at another visit",
        team="dispatch",
    )
}
