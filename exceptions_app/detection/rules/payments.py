"""Rules about payments and finance applications: failed, declined, unanswered, not funded (T7)."""

from datetime import timedelta
from typing import Any

from exceptions_app.detection.rules.base import Reported, Silent, worth
from exceptions_app.detection.rules.orders import VALUABLE
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def by_value(facts: Facts) -> Severity:
    return Severity.HIGH if worth(facts) >= VALUABLE else Severity.MEDIUM


FINANCE: dict[str, Any] = {"kind": SubjectKind.FINANCE, "team": "finance"}
#: From the sale, where it is known, until the lender's money is there.
FUNDING: dict[str, Any] = {
    **FINANCE,
    "exception_type": ExceptionType.FINANCE_UNANSWERED,
    "after": ("sold", "submitted"),
    "until": ("funded", "declined"),
    "about": "funding",
}
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
        after=("submitted",),
        until=("answered", "declined", "paid"),
        silence=timedelta(hours=4),
        title="No answer from the lender for {customer} ({name})",
        team="finance",
        about="finance",
    ),
    Reported(
        slug="finance.declined",
        exception_type=ExceptionType.FINANCE_DECLINED,
        words=("declined",),
        unless=("submitted", "funded"),
        while_open=True,
        title="Finance for {customer} was declined ({name})",
        severity=Severity.HIGH,
        about="answer",
        **FINANCE,
    ),
    Silent(
        slug="finance.unanswered",
        exception_type=ExceptionType.FINANCE_UNANSWERED,
        after=("submitted",),
        until=("answered", "declined", "funded"),
        silence=timedelta(hours=4),
        working=True,
        title="No answer from the lender for {customer} ({name})",
        about="answer",
        **FINANCE,
    ),
    Silent(
        slug="finance.funding_slow",
        silence=timedelta(days=10),
        title="Funding for {customer} is slower than usual ({name})",
        severity=Severity.LOW,
        points=-40,
        **FUNDING,
    ),
    Silent(
        slug="finance.funding_late",
        silence=timedelta(days=12),
        title="Funding for {customer} has not come ({name})",
        severity=Severity.HIGH,
        **FUNDING,
    ),
)
