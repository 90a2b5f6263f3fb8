"""Learning as history goes by: each fact when it became known, each row once its outcome has; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from exceptions_app.detection.risk.logistic import Row
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import (
    AGE,
    AHEAD,
    DAY,
    PATHS,
    SECOND,
    Look,
    keys,
    shape_of,
)
from exceptions_app.subjects.facts import Facts

#: Half of what a row weighs is gone after so many days.
HALF_LIFE = 120.0


class Weigher(Protocol):
    """What turns the numbers of a look into a chance, and learns from rows as they become known."""

    def chance(self, x: list[float]) -> float: ...
    def learn(self, rows: list[Row], *, keeping: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Pending:
    """How a subject stood; whether the promise was missed is known at ``due``."""

    due: datetime
    reference: str
    look: Look
    numbers: list[float]


@dataclass
class Learner:
    """Feeds a model, and the weighers of other models that learn from the same rows."""

    model: Model
    others: list[Mapping[Look, Weigher]] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    promises: int = 0

    def heard(self, before: Facts | None, after: Facts) -> None:
        """Take in how long a step took, once it is reached."""
        path, shape = PATHS[after.kind], shape_of(after.kind)
        if self.model.ages:
            self.model.ages.heard(before, after)
        handed, begun = after.reached(path.before), began(after)
        if handed and begun and newly(path.before, before):
            self.model.first.took(keys(after, shape.first), days(begun, handed))
        kept = after.reached(path.keeps)
        if kept and handed and newly(path.keeps, before):
            self.model.last.took(keys(after, shape.last), days(handed, kept))

    def looked(self, facts: Facts, at: datetime, look: Look) -> None:
        """Remember how it stands, to learn from it once it is known what came of it."""
        shape = shape_of(facts.kind)
        if look == (AHEAD, 0):
            self.came_due(facts)
        if self.model.ages and not self.others:
            return  # nobody would learn from it
        if facts.ended_at is not None or facts.promised_at is None or at < (facts.opened_at or at):
            return
        for taught in shape.taught_by(look):
            # A look comes a second after the promise's end: who is marked as missed then was not called off.
            due = facts.promised_at if look[0] == AGE else at + taught[1] * DAY - SECOND
            numbers = self.model.numbers(facts, at, taught) if due > at else None
            if numbers is not None:
                self.pending.append(Pending(due, facts.reference, taught, numbers))

    def came_due(self, facts: Facts) -> None:
        """Its promise has passed: kept or missed counts among the recent, once."""
        missed = missed_by(facts, facts.promised_at) if facts.promised_at else None
        if missed is not None and facts.reference not in self.settled:
            self.settled.add(facts.reference)
            self.promises += 1
            self.model.missed.due(keys(facts, shape_of(facts.kind).rates), missed=missed)

    def refit(self, at: datetime, known: Mapping[str, Facts], passed: timedelta) -> None:
        """Learn from every row whose outcome is known by now."""
        rows = self.decided(at, known)
        for weighing in (*self.others, self.model.weighing):
            for look, new in rows.items():
                # where it goes by the pace of steps, their own chance holds as it is
                if self.model.ages and weighing is self.model.weighing:
                    continue
                weighing[look].learn(new, keeping=0.5 ** (passed / DAY / HALF_LIFE))
        path = PATHS[self.model.kind]
        lanes = shape_of(self.model.kind)
        open_now = [facts for facts in known.values() if facts.ended_at is None]
        if self.model.ages:
            self.model.ages.refit(at, open_now)
        waiting = [(facts, facts.reached(path.before), began(facts)) for facts in open_now]
        self.model.last.refit(
            (keys(facts, lanes.last), max(days(handed, at), 0.0))
            for facts, handed, _ in waiting
            if handed
        )
        self.model.first.refit(
            (keys(facts, lanes.first), max(days(begun, at), 0.0))
            for facts, handed, begun in waiting
            if begun and not handed
        )
        for table in self.model.tables:
            table.pass_days(passed / DAY)

    def decided(self, at: datetime, known: Mapping[str, Facts]) -> dict[Look, list[Row]]:
        """The rows that are due by now, per look; the others stay. What was called off teaches nothing."""
        rows: dict[Look, list[Row]] = {look: [] for look in shape_of(self.model.kind).looks}
        later = []
        for row in self.pending:
            if row.due > at:
                later.append(row)
            elif (missed := missed_by(known[row.reference], row.due)) is not None:
                rows[row.look].append((row.numbers, missed))
        self.pending = later
        return rows


def newly(milestone: str, before: Facts | None) -> bool:
    return before is None or before.reached(milestone) is None


def began(facts: Facts) -> datetime | None:
    early = (facts.reached(name) for name in PATHS[facts.kind].early)
    return min((at for at in early if at), default=None)


def days(start: datetime, end: datetime) -> float:
    return (end - start) / DAY


def missed_by(facts: Facts, due: datetime) -> bool | None:
    """Whether what was promised had not come by then; None if it was called off before."""
    kept = facts.reached(PATHS[facts.kind].keeps)
    if kept is not None:
        return kept > due
    called_off = facts.ended_at is not None and facts.ended_at <= due
    return None if called_off else True
