"""Rules about sales contracts: what two systems say of the same one, and its papers (T2, T12)."""

from exceptions_app.detection.rules import documents
from exceptions_app.detection.rules.base import Rule
from exceptions_app.detection.rules.mismatch import BetweenSources
from exceptions_app.vocabulary import ExceptionType, SubjectKind

RULES: tuple[Rule, ...] = (
    BetweenSources(
        slug="contract.mismatch",
        kind=SubjectKind.CONTRACT,
        exception_type=ExceptionType.CONTRACT_MISMATCH,
        fields=("vin", "price", "trade_in", "deposit", "rate", "months", "buyer", "value"),
        unless=("cancelled",),
        title="Contract {name}: {what}",
        team="sales",
        about="mismatch",
    ),
    *documents.rules(
        SubjectKind.CONTRACT,
        noun="Contract",
        required=("contract", "identity", "driving_licence"),
        after="signed",
        team="sales",
    ),
)
