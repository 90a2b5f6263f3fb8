"""Walking through history: each signal when it was heard, each look when it was due; pure.

Whoever watches is only ever given what was known at that moment, so that nothing can be decided on what
came later.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Protocol

from exceptions_app.backtest.history import Heard
from exceptions_app.detection.risk.shapes import WEEK, Look
from exceptions_app.intake.learning import learn
from exceptions_app.subjects.facts import Facts

MONDAY = datetime(2001, 1, 1, tzinfo=UTC)
#: After so many signals it is told how far the walk has come.
STRIDE = 1000

#: How many signals of how many are heard, and as of when.
Progress = Callable[[int, int, datetime], None]
Looks = Iterable[tuple[datetime, Look]]


class Watcher(Protocol):
    """Who is told what happens, in the order of time; answers with the looks to take later."""

    def heard(self, before: Facts | None, facts: Facts, at: datetime) -> Looks: ...
    def looked(self, facts: Facts, at: datetime, look: Look) -> Looks: ...
    def learns(self, known: Mapping[str, Facts], at: datetime) -> None: ...


@dataclass
class Walk:
    """One pass through a history."""

    watcher: Watcher
    #: How often the watcher learns anew.
    every: timedelta = WEEK
    known: dict[str, Facts] = field(default_factory=dict)
    due: list[tuple[datetime, str, Look]] = field(default_factory=list)

    def through(self, signals: Sequence[Heard], progress: Progress) -> None:
        learns = MONDAY + ((signals[0][0] - MONDAY) // self.every + 1) * self.every
        for number, (at, signal) in enumerate(signals):
            while learns <= at:
                self.up_to(learns)
                self.watcher.learns(self.known, learns)
                learns += self.every
            self.up_to(at)
            before = self.known.get(signal.reference)
            opened = Facts(signal.kind, signal.reference, opened_at=signal.occurred_at)
            facts = self.known[signal.reference] = learn(before or opened, signal)
            self.plan(signal.reference, at, self.watcher.heard(before, facts, at))
            if number % STRIDE == 0:
                progress(number, len(signals), at)
        progress(len(signals), len(signals), signals[-1][0])

    def up_to(self, at: datetime) -> None:
        """Take the looks that come due before an instant; a signal of that instant is heard first."""
        while self.due and self.due[0][0] < at:
            moment, reference, look = one = heappop(self.due)
            while self.due and self.due[0] == one:  # planned anew for the same moment
                heappop(self.due)
            self.plan(reference, moment, self.watcher.looked(self.known[reference], moment, look))

    def plan(self, reference: str, at: datetime, looks: Looks) -> None:
        for moment, look in looks:
            if moment > at:
                heappush(self.due, (moment, reference, look))
