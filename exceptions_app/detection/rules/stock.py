"""Rules about stock: what was counted is not what is booked (T4)."""

from decimal import Decimal

from exceptions_app.detection.rules.mismatch import Counted
from exceptions_app.vocabulary import ExceptionType, SubjectKind

RULES = (
    Counted(
        slug="stock.mismatch",
        kind=SubjectKind.STOCK,
        exception_type=ExceptionType.STOCK_MISMATCH,
        pieces=2,
        money=Decimal(100),
        unless=("adjusted",),
        title="Stock of {name}: {what}",
        team="parts",
    ),
)
