"""What the columns of a file probably mean, and how its times and numbers are written."""

import re
from collections.abc import Iterable, Mapping, Sequence

from exceptions_app.intake.reading import UNIX, Row, timed

#: Other words for our names, as exports head their columns.
ALIKE: Mapping[str, str] = {
    "reference": "id number no nr ref order_no order_number order_id vin auftrag auftragsnr bestellnr pedido",
    "placed": "ordered order_date created created_at booked_on bestellt bestelldatum",
    "booked": "created ordered",
    "paid": "payment_date payment",
    "shipped": "dispatched sent despatched",
    "delivered": "arrived received_by_customer geliefert entregue",
    "handed_over": "handover delivered übergeben übergabe",
    "promised": "due due_date expected eta promise delivery_date liefertermin zugesagt versprochen termin",
    "name": "customer client buyer kunde cliente",
    "email": "mail customer_email",
    "phone": "telephone mobile tel customer_phone",
    "value": "total amount price sum betrag summe preis wert valor",
    "label": "title description product item fahrzeug vehicle artikel produto",
    "tier": "level segment",
    "city": "town",
    "items": "quantity qty pieces",
}
#: What follows the word for a moment, in some languages.
ENDS = ("at", "date", "on", "am", "em", "datum")
#: A decimal comma; points and spaces may part the thousands.
COMMA = re.compile(r"-?\d{1,3}([. \u00a0]?\d{3})*,\d+")
TIME_MARKS = re.compile(r"[-./:]")


def guess(name: str, columns: Iterable[str]) -> str:
    """The column that is probably meant: named like it or a word for it, or at least with its word in it."""
    plain = {column: "_".join(re.findall(r"\w+", column.lower())) for column in columns}
    for word in (name, *ALIKE.get(name, "").split()):
        named = (word, *(f"{word}_{end}" for end in ENDS))
        if found := next((column for column, words in plain.items() if words in named), ""):
            return found
    return next((column for column, words in plain.items() if name in words.split("_")), "")


def guessed_times(rows: Sequence[Row], formats: Iterable[str]) -> str:
    """The format in which most columns are times; of two that fit as well the first."""
    columns = list(filter(None, map(filled, by_column(rows))))
    marked = [values for values in columns if all(map(TIME_MARKS.search, values))]
    fitting = {
        shape: sum(all(timed(value, shape) for value in values) for values in marked)
        for shape in formats
        if shape != UNIX
    }
    return max(fitting, key=lambda shape: fitting[shape], default="")


def is_day(value: str) -> bool:
    """Whether a time is a day without an hour."""
    return bool(TIME_MARKS.search(value)) and ":" not in value


def tells_days(value: str, shape: str) -> bool:
    """Whether a column holds days without an hour; if none is known, whether all times of the file do."""
    return is_day(value) if value else "%d" in shape and "%M" not in shape


def guessed_decimal(rows: Sequence[Row]) -> str:
    values = (value for column in by_column(rows) for value in filled(column))
    return "," if any(map(COMMA.fullmatch, values)) else "."


def samples(rows: Sequence[Row]) -> dict[str, str]:
    """The first value of each column."""
    names = list(rows[0]) if rows else []
    return {
        name: next(iter(filled([row.get(name, "") for row in rows])), "") for name in names if name
    }


def by_column(rows: Sequence[Row]) -> list[list[str]]:
    return [[row.get(name, "") for row in rows] for name in (rows[0] if rows else {}) if name]


def filled(values: Iterable[str | None]) -> list[str]:
    return [value.strip() for value in values if value and value.strip()]
