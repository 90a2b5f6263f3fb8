"""Rules about vehicle deliveries: late, unready, moved too often, missed, papers (T1, T8, T11, T12)."""

from datetime import timedelta

from exceptions_app.detection.rules import documents
from exceptions_app.detection.rules.base import Late, Reported, Rule
from exceptions_app.detection.rules.deals import Unready
from exceptions_app.detection.rules.repeated import Moved
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

RULES: tuple[Rule, ...] = (
    Late(
        slug="delivery.late",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.DELIVERY_LATE,
        milestone="handed_over",
        counts_from="promise",
        grace=timedelta(minutes=30),
        title="Delivery {name} to {customer} is late",
        team="sales",
        severity=Severity.HIGH,
        about="delivery",
    ),
    Unready(
        slug="delivery.at_risk",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.DELIVERY_AT_RISK,
        needs=("prepared",),
        ahead=timedelta(hours=4),
        unless="handed_over",
        title="Delivery {name} to {customer} is at risk",
        team="sales",
        about="delivery",
    ),
    Moved(
        slug="delivery.moved_too_often",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.MOVED_TOO_OFTEN,
        more_than=2,
        further=timedelta(days=7),
        title="Delivery {name} to {customer} was {what}",
        team="sales",
        about="moved",
    ),
    Reported(
        slug="delivery.no_show",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.NO_SHOW,
        words=("no_show",),
        unless=("handed_over", "rescheduled"),
        title="{customer} did not come for delivery {name}",
        team="sales",
        severity=Severity.HIGH,
    ),
    Reported(
        slug="delivery.cancelled",
        kind=SubjectKind.DELIVERY,
        exception_type=ExceptionType.APPOINTMENT_CANCELLED,
        words=("cancelled",),
        unless=("handed_over",),
        title="Delivery {name} to {customer} was cancelled",
        team="sales",
    ),
    *documents.rules(
        SubjectKind.DELIVERY,
        noun="Delivery",
        required=("title", "registration", "insurance", "driving_licence"),
        after="prepared",
        team="sales",
    ),
)
