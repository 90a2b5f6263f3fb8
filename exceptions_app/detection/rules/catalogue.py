"""Every rule there is."""

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
    predicted,
    questions,
    returns,
    stock,
)
from exceptions_app.detection.rules.base import Rule

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
    *predicted.RULES,
)
