"""Rules about payments and finance applications: failed, declined, unanswered (T7)."""

from datetime import timedelta

from exceptions_app.detection.rules.base import Reported, Silent, worth
from exceptions_app.detection.rules.orders import VALUABLE
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def by_value(facts: Facts) -> Severity:
    return Severity.HIGH if worth(facts) >= VALUABLE else Severity.MEDIUM


RULES = (
    Reported(
        slug="payment.failed",
        kind=SubjectKind.PAYMENT,
        exception_type=ExceptionType.PAYMENT_FAILED,
        words=("failed",),
        unless=("paid",),
        title="Payment {name} of {customer} failed",
        team="finance",
        severity=by_value,
    ),
    Reported(
        slug="payment.finance_declined",
        kind=SubjectKind.PAYMENT,
        exception_type=ExceptionType.FINANCE_DECLINED,
        words=("declined",),
        unless=("paid",),
        title="Finance for {customer} was declined ({name})",
        team="finance",
        severity=Severity.HIGH,
        about="finance",
    ),
    Silent(
        slug="payment.finance_unanswered",
        kind=SubjectKind.PAYMENT,
        exception_type=ExceptionType.FINANCE_UNANSWERED,
        after="submitted",
        until=("answered", "declined", "paid"),
        silence=timedelta(hours=4),
        title="No answer from the lender for {customer} ({name})",
        team="finance",
        about="finance",
    ),
)
