"""What would become of signals if they were sent now, and how each field is understood; stores nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from exceptions_app.intake import storing
from exceptions_app.intake.accept import unseen
from exceptions_app.intake.items import Item
from exceptions_app.intake.placing import Places
from exceptions_app.people.access import Actor
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import Outcome, SubjectKind

TIMES = ("occurred_at", "promised_at", "expected_at", "actual_at")
#: What each outcome of a trial is called; nothing is stored yet.
WORDS = {
    Outcome.STORED: "would be taken",
    Outcome.DUPLICATE: "is here already",
    Outcome.CONFLICT: "is here with other content",
    Outcome.REFUSED: "would be refused",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a signal: what was read, as what it is understood, and what is wrong with it."""

    name: str
    read: Any
    meant: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One signal and what would become of it."""

    item: Item
    fields: tuple[Field, ...]

    @property
    def outcome(self) -> Outcome:
        return self.item.outcome

    @property
    def words(self) -> str:
        return WORDS[self.item.outcome]

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong that stands at none of the fields."""
        shown = {field.name for field in self.fields}
        return {name: why for name, why in self.item.errors.items() if name not in shown}


def tried(items: Sequence[Any], *, by: Actor, zone: str, at: datetime) -> list[Tried]:
    """Understand, place and compare the signals as a post would, and stop there."""
    taken = [Item(index, sent) for index, sent in enumerate(items)]
    for item in taken:
        item.insist_happened(at)
    placed = Places(by).find(taken)
    unseen(placed, storing.digests(placed)[0] if placed else {})
    return [Tried(item, tuple(fields(item, ZoneInfo(zone)))) for item in taken]


def fields(item: Item, zone: ZoneInfo) -> Iterator[Field]:
    for name, read in leaves(item.sent):
        wrong = item.errors.get(name, "")
        yield Field(name, read, "" if wrong else meant(name, read, zone), wrong)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every field with its path; an empty part is a field of its own."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def meant(name: str, read: Any, zone: ZoneInfo) -> str:
    """The value in plain words, where it is not its own."""
    if name == "type" and isinstance(read, str):
        return of_type(read)
    if name.rpartition(".")[2] in TIMES and isinstance(read, str):
        return of_time(read, zone)
    return "" if read is None or isinstance(read, dict | list) else str(read)


def of_type(type_: str) -> str:
    before, _, word = type_.partition(".")
    if before not in SubjectKind.values:
        return ""
    kind = SubjectKind(before)
    journey = JOURNEYS[kind]
    if word in journey.milestones:
        return f"{kind.label}: {journey.milestones[word]} (a milestone)"
    return f"{kind.label}: {journey.reports.get(word, word)}"


def of_time(value: str, zone: ZoneInfo) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %Z}" if at.tzinfo else ""
