"""One row of somebody's table and how its cells are read: texts, times, numbers; pure (I4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours
from exceptions_app.sla.working_time import Length, due

Row = Mapping[str, str]

#: The format of a time that counts seconds since 1970.
UNIX = "unix"
REMEMBERED = 10_000
LARGEST_WHOLE = 10**15
YES = frozenset({"1", "true", "t", "yes", "y", "ja", "sí", "si", "sim", "x"})
NO = frozenset({"0", "false", "f", "no", "n", "nein", "não", "nao"})


def refused(column: str, sentence: str, reason: str) -> Refused:
    return Refused(sentence, {column: reason})


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
        return (self.row.get(column) or "").strip()

    def at(self, column: str) -> datetime | None:
        """The instant of a local time, or of one that names its zone; None where the column is empty."""
        value = self.text(column)
        if not value:
            return None
        at = self.understood(value)
        if at is None:
            shown = " or ".join(self.formats) or "2018-02-28 23:57:18"
            raise refused(column, f"“{value}” is no time.", f"Must be a time such as {shown}.")
        if at.tzinfo is None:
            at = at.replace(tzinfo=self.zone)
        return at.astimezone(UTC)

    def understood(self, value: str) -> datetime | None:
        try:
            if not self.formats:
                return datetime.fromisoformat(value)
        except ValueError:
            return None
        tried = (timed(value, shape) for shape in self.formats)
        return next((at for at in tried if at is not None), None)

    def end_of_day(self, column: str) -> datetime | None:
        """The last second of a local date: kept is what comes on that day."""
        day = self.at(column)
        if day is None:
            return None
        local = day.astimezone(self.zone)
        return datetime.combine(local.date(), time(23, 59, 59), self.zone).astimezone(UTC)

    def number(self, column: str) -> str:
        """A number as the API takes it; one that is none is left for the API to refuse."""
        value = self.text(column)
        if self.decimal == ".":
            return value
        return value.replace(".", "").replace("\u00a0", "").replace(self.decimal, ".")

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
        raise refused(column, f"“{value}” is no whole number.", "Must be a whole number.")

    def truth(self, column: str) -> bool | None:
        value = self.text(column).lower()
        if not value:
            return None
        if value not in YES | NO:
            raise refused(column, f"“{value}” is neither yes nor no.", "Must be yes or no.")
        return value in YES


def timed(value: str, shape: str) -> datetime | None:
    try:
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
