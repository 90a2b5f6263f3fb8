"""One row of somebody's table and how its cells are read: texts, times, numbers; pure (I4)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours
from exceptions_app.sla.working_time import Length, due

Row = Mapping[str, str]

#: What a time looks like, to show how one is written.
EXAMPLE = datetime(2018, 2, 28, 23, 57, 18, tzinfo=UTC)
#: What keeps a spreadsheet from running a cell, and is no part of it.
HARMLESS = ("'=", "'+", "'-", "'@")
#: The format of a time that counts seconds since 1970.
UNIX = "unix"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
REMEMBERED = 10_000
LARGEST_WHOLE = 10**15
YES = frozenset({"1", "true", "t", "yes", "y", "ja", "sí", "si", "sim", "x"})
NO = frozenset({"0", "false", "f", "no", "n", "nein", "não", "nao"})


def refused(column: str, sentence: str, reason: str) -> Refused:
    return Refused(sentence, {column: reason})


def unlike(column: str, value: str, what: str, example: str) -> Refused:
    """What was found in the column, and how it should have been written."""
    sentence = f"“{value[:40]}” is no {what}; write one such as {example}."
    return refused(column, sentence, sentence)


def written(shape: str) -> str:
    """A time in this format."""
    return str(int(EXAMPLE.timestamp())) if shape == UNIX else f"{EXAMPLE:{shape}}"


@dataclass(frozen=True, slots=True)
class Reader:
    """One row, its wall-clock times read in the mapping's zone.

    ``formats`` are strptime's; without any, times are ISO 8601. ``decimal`` is the mark of the numbers.
    """

    row: Row
    zone: ZoneInfo
    formats: tuple[str, ...] = ()
    decimal: str = "."

    def text(self, column: str) -> str:
        value = (self.row.get(column) or "").strip()
        return value[1:] if value.startswith(HARMLESS) else value

    def at(self, column: str) -> datetime | None:
        """The instant of a local time, or of one that names its zone; None where the column is empty."""
        value = self.text(column)
        if not value:
            return None
        at = self.understood(value)
        if at is None:
            shown = " or ".join(map(written, self.formats)) or f"{EXAMPLE:%Y-%m-%d %H:%M:%S}"
            raise unlike(column, value, "time", shown)
        if at.tzinfo is None:
            at = at.replace(tzinfo=self.zone)
        return at.astimezone(UTC)

    def understood(self, value: str) -> datetime | None:
        tried = (timed(value, shape) for shape in self.formats or ("",))
        return next((at for at in tried if at is not None), None)

    def insist_on_cells(self) -> None:
        """Refuse a row that has more or fewer cells than the head: its values are in wrong columns."""
        given: Mapping[Any, Any] = self.row
        more = len(given.get(None) or ())
        fewer = sum(value is None for value in given.values())
        if more or fewer:
            count = f"{more} cells more" if more else f"{fewer} cells fewer"
            sentence = f"The row has {count} than the head has columns."
            raise refused("the whole row", sentence, sentence)

    def end_of_day(self, column: str) -> datetime | None:
        """The last second of a local date: kept is what comes on that day."""
        day = self.at(column)
        if day is None:
            return None
        local = day.astimezone(self.zone)
        return datetime.combine(local.date(), time(23, 59, 59), self.zone).astimezone(UTC)

    def number(self, column: str) -> str:
        """A number as the API takes it."""
        value = given = self.text(column)
        if self.decimal == ",":
            value = given.replace(".", "").replace("\u00a0", "").replace(",", ".")
        if value and not NUMBER.fullmatch(value):
            raise unlike(column, given, "number", "1.234,56" if self.decimal == "," else "1234.56")
        return value

    def whole(self, column: str) -> int | None:
        value = self.number(column)
        if not value:
            return None
        try:
            number = Decimal(value)
            if abs(number) < LARGEST_WHOLE and number == int(number):
                return int(number)
        except (InvalidOperation, ValueError, OverflowError):
            pass
        raise unlike(column, value, "whole number", "12")

    def truth(self, column: str) -> bool | None:
        value = self.text(column).lower()
        if not value:
            return None
        if value not in YES | NO:
            raise unlike(column, value, "yes or no", "yes")
        return value in YES


def timed(value: str, shape: str) -> datetime | None:
    """The time that is written in this format; none says ISO 8601."""
    try:
        if not shape:
            return datetime.fromisoformat(value)
        if shape == UNIX:
            return datetime.fromtimestamp(float(value), UTC)
        return datetime.strptime(value, shape)  # noqa: DTZ007 - the reader adds the mapping's zone
    except (ValueError, OverflowError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class Cell:
    """A text: of a column (or several, joined), cut, translated and put into words; or a constant."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    first: int | None = None
    values: Mapping[str, str] | None = None
    otherwise: str = ""
    words: str = ""

    def read(self, read: Reader) -> str:
        if not self.columns:
            return self.constant
        text = ":".join(filter(None, map(read.text, self.columns)))[: self.first]
        if self.values is not None:
            text = self.values.get(text, self.otherwise)
        return self.words.replace("{}", text) if self.words and text else text


@dataclass(frozen=True, slots=True)
class Later:
    """So much later: a length, or one for each value of a column, counted in some hours."""

    length: Length | None
    column: str = ""
    lengths: Mapping[str, Length] | None = None
    hours: Hours | None = None
    _known: dict[tuple[datetime, Length], datetime] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def read(self, read: Reader, start: datetime) -> datetime | None:
        length = self.length if self.lengths is None else self.lengths.get(read.text(self.column))
        if length is None:
            return None
        found = self._known.get((start, length))
        if found is None:  # remembered: an event log asks for the same start row by row
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            found = due(start, length, self.hours or ALWAYS(read.zone))
            self._known[start, length] = found
        return found


@dataclass(frozen=True, slots=True)
class When:
    """An instant: of a column, or the latest of several; at the end of its day; and so much later."""

    columns: tuple[str, ...]
    end_of_day: bool = False
    plus: Later | None = None

    def read(self, read: Reader) -> datetime | None:
        of = read.end_of_day if self.end_of_day else read.at
        at = max(filter(None, map(of, self.columns)), default=None)
        return self.plus.read(read, at) if self.plus and at else at
