"""Rules about appointments: nobody checked in, cancelled or moved late, a watched status (T9, T10, T11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Late, Reported
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


@dataclass(frozen=True, kw_only=True)
class MovedLate(Common):
    """Rescheduled by the customer when the start that held until then was less than the notice away."""

    parameters: ClassVar[Mapping[str, str]] = {
        "notice": "A move with less notice than this is one at short notice"
    }

    notice: timedelta

    def when(self, facts: Facts) -> datetime | None:
        report = facts.reports.get("rescheduled")
        if report is None or report.before is None or facts.reached("checked_in"):
            return None
        return report.at if timedelta(0) <= report.before - report.at < self.notice else None


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
    Reported(
        slug="appointment.cancelled_by_customer",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_CANCELLED,
        words=("cancelled_by_customer",),
        title="{customer} cancelled {name}",
        team="dispatch",
        about="cancelled",
    ),
    MovedLate(
        slug="appointment.moved_late",
        kind=SubjectKind.APPOINTMENT,
        exception_type=ExceptionType.APPOINTMENT_MOVED,
        notice=timedelta(hours=24),
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
