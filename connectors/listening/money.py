"""Amounts as Stripe counts them: in the smallest unit of their currency, or what it takes for that."""

from decimal import Decimal
from typing import Any

#: Currencies that have no smaller unit, and those that have a thousand of them. Shillings of Uganda and
#: crowns of Iceland have none and are counted in hundredths all the same.
WHOLE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
THOUSANDTHS = "bhd jod kwd omr tnd"


def amount(smallest: Any, currency: str) -> str:
    """In the unit that people speak of; what is no amount is nothing."""
    places = 0 if currency in WHOLE.split() else 3 if currency in THOUSANDTHS.split() else 2
    return str(Decimal(smallest).scaleb(-places)) if isinstance(smallest, int) else ""
