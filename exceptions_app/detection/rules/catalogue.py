"""Every rule, by the kind of subject it looks at."""

from collections.abc import Mapping

from exceptions_app.detection.rules import appointments, complaints, deals, orders, payments
from exceptions_app.detection.rules.base import Rule
from exceptions_app.vocabulary import SubjectKind

RULES: tuple[Rule, ...] = (
    *deals.RULES,
    *orders.RULES,
    *appointments.RULES,
    *payments.RULES,
    *complaints.RULES,
)
OF_KIND: Mapping[SubjectKind, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind) for kind in SubjectKind
}
