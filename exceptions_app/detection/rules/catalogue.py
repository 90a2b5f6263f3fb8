"""Every rule, by the kind of subject it looks at."""

from collections.abc import Mapping

from exceptions_app.detection.rules import (
    appointments,
    behind,
    complaints,
    contracts,
    deals,
    deliveries,
    leads,
    orders,
    payments,
    questions,
    returns,
    stock,
)
from exceptions_app.detection.rules.base import Rule
from exceptions_app.vocabulary import SubjectKind

RULES: tuple[Rule, ...] = (
    *deals.RULES,
    *deliveries.RULES,
    *contracts.RULES,
    *orders.RULES,
    *returns.RULES,
    *appointments.RULES,
    *payments.RULES,
    *leads.RULES,
    *stock.RULES,
    *complaints.RULES,
    *questions.RULES,
    *behind.RULES,
)
OF_KIND: Mapping[SubjectKind, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if rule.kind == kind) for kind in SubjectKind
}
