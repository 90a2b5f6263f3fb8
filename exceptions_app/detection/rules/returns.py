"""Rules about returns: stuck on the way back, at inspection, or before the refund (T18)."""

from datetime import timedelta
from typing import Any

from exceptions_app.detection.rules.base import Late, Silent
from exceptions_app.detection.rules.payments import by_value
from exceptions_app.vocabulary import ExceptionType, SubjectKind

STUCK: dict[str, Any] = {
    "kind": SubjectKind.RETURN,
    "exception_type": ExceptionType.RETURN_STUCK,
    "team": "support",
    "severity": by_value,
    "about": "stuck",
}
RULES = (
    Silent(
        slug="return.not_received",
        after=("sent",),
        until=("received", "inspected"),
        silence=timedelta(days=10),
        title="Return {name} of {customer} has not come back",
        **STUCK,
    ),
    Silent(
        slug="return.not_inspected",
        after=("received",),
        until=("inspected",),
        silence=timedelta(days=3),
        title="Return {name} of {customer} waits to be inspected",
        **STUCK,
    ),
    Silent(
        slug="return.not_refunded",
        after=("inspected",),
        until=(),
        silence=timedelta(days=5),
        title="Return {name}: {customer} waits for the refund",
        **STUCK,
    ),
    Late(
        slug="return.refund_late",
        milestone="refunded",
        counts_from="promise",
        title="Return {name}: the refund promised to {customer} is late",
        **STUCK,
    ),
)
