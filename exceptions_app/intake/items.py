"""One posted signal on its way through the intake, and where it belongs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.vocabulary import Outcome

SubjectKey = tuple[int, str, str]


#: Clocks go wrong, and zones are mistaken, by less.
AHEAD = timedelta(days=1)


class Item:
    """What was sent, what it was understood as, and what became of it."""

    def __init__(self, index: int, sent: Any) -> None:
        understood = parse(sent)
        self.index, self.sent = index, sent
        self.signal = understood if isinstance(understood, NewSignal) else None
        self.outcome = Outcome.REFUSED
        self.errors: Mapping[str, str] = understood if isinstance(understood, dict) else {}
        self.cases: list[str] = []
        self.found: list[dict[str, str]] = []

    def insist_happened(self, at: datetime) -> None:
        """What is said to have happened days from now would be believed until then, whatever is told."""
        if self.signal and (wrong := yet_to_come(self.signal, at + AHEAD)):
            self.signal, self.errors = None, wrong

    def settle(self, outcome: Outcome, errors: Mapping[str, str] | None = None) -> None:
        self.outcome, self.errors = outcome, errors or {}

    def line(self) -> dict[str, Any]:
        """Its line on the receipt."""
        external_id = self.sent.get("external_id") if isinstance(self.sent, dict) else None
        row: dict[str, Any] = {
            "index": self.index,
            "external_id": kept(external_id, 120) if isinstance(external_id, str) else None,
            "outcome": self.outcome.value,
        }
        if self.errors:
            row["errors"] = {kept(name, 120): kept(why, 500) for name, why in self.errors.items()}
        if self.cases:
            row["cases"] = self.cases
        if self.found:
            row["found"] = self.found
        return row


def kept(text: str, longest: int) -> str:
    """Text from outside that may be anything, as a receipt can keep it."""
    return text.encode(errors="replace").decode().replace("\x00", "?")[:longest]


def yet_to_come(signal: NewSignal, latest: datetime) -> dict[str, str]:
    """Its times that lie after that, by field; what is promised or expected may."""
    if signal.occurred_at > latest:
        return {"occurred_at": not_yet(signal.occurred_at)}
    return {
        f"milestones.{name}.actual_at": not_yet(step.actual_at)
        for name, step in signal.milestones.items()
        if step.actual_at and step.actual_at > latest
    }


def not_yet(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC is still to come. Send what has happened, when it has."


#: Words that say nothing about how far the subject is.
QUESTIONS = frozenset({"asked"})


def tells(signal: NewSignal) -> frozenset[str]:
    """The milestones and words it tells, such as order.packed; a question tells nothing."""
    reached = {name for name, step in signal.milestones.items() if step.actual_at}
    words = {signal.word} - QUESTIONS if signal.report else set()
    return frozenset(f"{signal.kind}.{name}" for name in reached | words)


@dataclass(frozen=True, slots=True)
class Place:
    source_id: int
    site_id: int
    team_id: int | None


@dataclass(slots=True)
class Placed:
    """An understood signal and the place it belongs to."""

    item: Item
    signal: NewSignal
    place: Place
    subject_id: int = 0
    key: SubjectKey = field(init=False)
    name: tuple[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.key = (self.place.site_id, self.signal.kind, self.signal.reference)
        self.name = (self.place.source_id, self.signal.external_id)
