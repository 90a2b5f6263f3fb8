"""Column mappings: which signals a row of somebody's table stands for; values, made from documents (I4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property

from exceptions_app.intake.reading import Cell, Reader, Row, When, refused

#: A part of a subject or an attribute, and as what its column is read.
Typed = tuple[Cell, str]


@dataclass(frozen=True, slots=True)
class RowSignal:
    """One signal that a row may stand for.

    It is left out where its time or its type is empty, or a column named in ``only`` has another value.
    """

    type: Cell
    occurred_at: When
    needed: bool = False
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    external_id: Cell | None = None
    subject: Mapping[str, Typed] = field(default_factory=dict)
    customer: Mapping[str, Typed] = field(default_factory=dict)
    attributes: Mapping[str, Typed] = field(default_factory=dict)
    milestones: Mapping[str, Mapping[str, When]] = field(default_factory=dict)
    promised_at: When | None = None
    reason: Cell | None = None
    note: Cell | None = None

    def read(self, read: Reader, reference: str, source: str) -> dict[str, Any] | None:
        type_ = self.type.read(read)
        if not type_ or any(read.text(column) not in said for column, said in self.only.items()):
            return None
        at = self.occurred_at.read(read)
        if at is None:
            if self.needed:
                column = self.occurred_at.columns[0]
                raise refused(column, f"A row needs {column}.", "Must not be empty.")
            return None
        name = self.external_id.read(read) if self.external_id else reference
        made: dict[str, Any] = {
            "source": source,
            "external_id": f"{name}:{type_}",
            "type": type_,
            "occurred_at": at.isoformat(),
            "subject": self.about(read, reference),
        }
        return made | self.told(read)

    def fields(self) -> dict[str, tuple[str, ...]]:
        """The columns that each of its fields is read from."""
        cells = {"type": self.type, "promise.reason": self.reason, "note": self.note}
        times = {"occurred_at": self.occurred_at, "promise.promised_at": self.promised_at}
        parts = {"": self.subject, "customer.": self.customer, "attributes.": self.attributes}
        typed = {
            f"subject.{part}{name}": cell.columns
            for part, typed in parts.items()
            for name, (cell, _) in typed.items()
        }
        read = {name: one.columns for name, one in {**cells, **times}.items() if one}
        return read | typed

    def about(self, read: Reader, reference: str) -> dict[str, Any]:
        subject: dict[str, Any] = {"reference": reference, **given(read, self.subject)}
        for name, part in (("customer", self.customer), ("attributes", self.attributes)):
            if values := given(read, part):
                subject[name] = values
        return subject

    def told(self, read: Reader) -> dict[str, Any]:
        """What the row says of milestones and promise."""
        told: dict[str, Any] = {}
        steps = {name: instants(read, step) for name, step in self.milestones.items()}
        if steps := {name: step for name, step in steps.items() if step}:
            told["milestones"] = steps
        if self.promised_at and (promised := self.promised_at.read(read)):
            told["promise"] = {"promised_at": promised.isoformat()}
            if self.reason and (reason := self.reason.read(read)):
                told["promise"]["reason"] = reason
        if self.note and (note := self.note.read(read)):
            told["note"] = note
        return told


def given(read: Reader, part: Mapping[str, Typed]) -> dict[str, Any]:
    """The values of those columns that are not empty."""
    values = {name: typed(read, cell, as_) for name, (cell, as_) in part.items()}
    return {name: value for name, value in values.items() if value not in ("", None)}


def typed(read: Reader, cell: Cell, as_: str) -> Any:
    if as_ == "text" or not cell.columns:
        return cell.read(read)
    readers = {"number": read.number, "whole": read.whole, "truth": read.truth}
    return readers[as_](cell.columns[0])


def instants(read: Reader, step: Mapping[str, When]) -> dict[str, str]:
    found = {name: when.read(read) for name, when in step.items()}
    return {name: at.isoformat() for name, at in found.items() if at}


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """The column that tells in the end whether a promise was missed; for judging, never for deciding."""

    column: str
    missed: frozenset[str]
    kept: frozenset[str]
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def read(self, read: Reader) -> bool | None:
        """True if missed, False if kept, None where this row does not tell."""
        if any(read.text(column) not in said for column, said in self.only.items()):
            return None
        value = read.text(self.column)
        return value in self.missed if value in self.missed | self.kept else None


@dataclass(frozen=True)
class ColumnMapping:
    """Which columns a file must have, in which zone its times are, and the signals of a row."""

    name: str
    title: str
    source: str
    site: str
    zone: str
    reference: Cell
    row_signals: tuple[RowSignal, ...]
    columns: frozenset[str]
    kind: str = ""
    outcome: KnownOutcome | None = None
    formats: tuple[str, ...] = ()
    decimal: str = "."
    document: Mapping[str, Any] = field(default_factory=dict)

    def reader(self, row: Row) -> Reader:
        return Reader(row, ZoneInfo(self.zone), self.formats, self.decimal)

    def subject(self, read: Reader) -> str:
        """The reference of what the row is about."""
        reference = self.reference.read(read)
        if not reference:
            column = self.reference.columns[0]
            raise refused(column, f"A row needs {column}.", "Must not be empty.")
        return reference

    def signals(self, read: Reader) -> Iterator[dict[str, Any]]:
        """What the API would be sent for this row; refuses a row that makes no sense."""
        read.insist_on_cells()
        reference = self.subject(read)
        for one in self.row_signals:
            if made := one.read(read, reference, self.source):
                yield made

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The column that each field of a signal is read from, as far as it is one."""
        found = {"subject.reference": self.reference.columns}
        for one in reversed(self.row_signals):
            found |= one.fields()
        return {name: columns[0] for name, columns in found.items() if columns}

    def missed(self, read: Reader) -> bool | None:
        """Whether the promise was missed, as far as this row tells; only for judging afterwards."""
        return self.outcome.read(read) if self.outcome else None
