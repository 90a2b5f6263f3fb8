"""Reading the tables of a mapping document: cells, times and lengths, and what is wrong by field; pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.intake.reading import Cell, Later, When
from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_length, read_week
from exceptions_app.sla.working_time import Length

T = TypeVar("T")

SHORT = re.compile(r"(\d{1,9})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
CELL = "Must be the name of a column, a list of them, or {column = …}."


class Part:
    """A table of the document; what is wrong anywhere in it is gathered in one place."""

    def __init__(self, given: Any, where: str, wrong: dict[str, str], zone: ZoneInfo) -> None:
        self.where, self.wrong, self.zone = where, wrong, zone
        self.left: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {}
        if not isinstance(given, Mapping):
            wrong[where] = "Must be a table."

    def path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def blame(self, name: str, reason: str) -> None:
        self.wrong.setdefault(self.path(name), reason)

    def take(self, name: str, of: type[T], default: T, *, needed: bool = False) -> T:
        value = self.left.pop(name, None)
        if value is None:
            if needed:
                self.blame(name, "This is required.")
            return default
        if not isinstance(value, of) or (isinstance(value, bool) and of is not bool):
            self.blame(name, f"Must be {KINDS[of]}.")
            return default
        return value

    def flag(self, name: str) -> bool:
        return self.take(name, bool, default=False)

    def strings(self, name: str) -> tuple[str, ...]:
        """A text, or a list of texts."""
        value = self.left.pop(name, None)
        found = [value] if isinstance(value, str) else value if value is not None else []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self.blame(name, "Must be a text or a list of texts.")
            return ()
        return tuple(found)

    def parts(self, name: str) -> Iterator[tuple[str, "Part"]]:
        for key, value in self.take(name, Mapping, {}).items():  # type: ignore[type-abstract]  # only asked of values
            yield key, Part(value, self.path(f"{name}.{key}"), self.wrong, self.zone)

    def inner(self, name: str) -> "Part | None":
        if name not in self.left:
            return None
        return Part(self.left.pop(name), self.path(name), self.wrong, self.zone)

    def done(self) -> None:
        for name in self.left:
            self.blame(name, "Unknown here.")


KINDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    Mapping: "a table",
}


def optional(part: Part, name: str) -> Cell | None:
    return cell(part, name) if name in part.left else None


def cell(part: Part, name: str, *, needed: bool = False, constant: bool = False) -> Cell:
    """A column by its name, several as a list, or a table that says more; a type may be a plain text."""
    value = part.left.get(name)
    if isinstance(value, Mapping):
        inner = Part(part.left.pop(name), part.path(name), part.wrong, part.zone)
        values = inner.take("values", Mapping, {}) if "values" in inner.left else None  # type: ignore[type-abstract]  # only asked of values
        made = Cell(
            columns=inner.strings("column"),
            constant=inner.take("text", str, ""),
            first=inner.take("first", int, 0) or None,
            values={str(key): str(each) for key, each in values.items()}
            if values is not None
            else None,
            otherwise=inner.take("otherwise", str, ""),
            words=inner.take("words", str, ""),
        )
        inner.done()
    else:
        names = part.strings(name)
        plain = constant and len(names) == 1
        made = Cell(constant=names[0]) if plain else Cell(columns=names)
    if not made.columns and not made.constant and (needed or value is not None):
        part.blame(name, CELL if value is not None else "This is required.")
    return made


def when(part: Part, name: str, *, needed: bool = False) -> When:
    """A time by its column, or a table that says more."""
    value = part.left.get(name)
    if not isinstance(value, Mapping):
        columns = part.strings(name)
        if not columns:
            part.blame(name, "This is required." if needed and value is None else CELL)
        return When(columns)
    inner = Part(part.left.pop(name), part.path(name), part.wrong, part.zone)
    columns = inner.strings("column") or inner.strings("latest")
    if not columns:
        inner.blame("column", "This is required.")
    made = When(columns, inner.flag("end_of_day"), later(inner))
    inner.done()
    return made


def later(part: Part) -> Later | None:
    """How much later: a length, or one for each value of a column."""
    if not isinstance(part.left.get("plus"), Mapping):
        text = part.take("plus", str, "")
        return Later(length(part, "plus", text)) if text else None
    inner = Part(part.left.pop("plus"), part.path("plus"), part.wrong, part.zone)
    values = inner.take("values", Mapping, {}, needed=True)  # type: ignore[type-abstract]  # only asked of values
    made = Later(
        length=None,
        column=inner.take("column", str, "", needed=True),
        lengths={
            str(key): found
            for key, text in values.items()
            if (found := length(inner, str(key), str(text)))
        },
        hours=hours(inner),
    )
    inner.done()
    return made


def length(part: Part, name: str, text: str) -> Length | None:
    try:
        if found := SHORT.fullmatch(text):
            return Length("elapsed", timedelta(**{UNITS[found[2]]: int(found[1])}))
        return read_length(text)
    except Refused as refusal:
        part.blame(name, str(refusal))
        return None


def hours(part: Part) -> Hours | None:
    """The week in which working time is counted."""
    text = part.take("hours", str, "")
    if not text:
        return None
    try:
        return Hours(part.zone, (Version(date.min, read_week(text)),))
    except Refused as refusal:
        part.blame("hours", str(refusal))
        return None
