"""The sources of the demo: many stories told at once, each signal sent when its time has come."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from config.stories.desk import Answer, Desk
from exceptions_app.demo.stories.base import Item, Saying
from exceptions_app.demo.stories.catalogue import OVERTURE, Plot, plot_of, tell

#: Minutes of the story from one beginning to the next, on average.
EVERY = 4.2
#: Within so many minutes of the story the first few begin.
_OVERTURE = 12.0
_AT_ONCE = 200
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Unknown(Exception):
    """The desk does not take this token."""


@dataclass
class Sources:
    """What is still to be said, and when the next stories begin."""

    rng: Random
    pace: float
    began: datetime
    to_come: list[tuple[datetime, int, Item]] = field(default_factory=list)
    beginnings: list[tuple[datetime, int, Plot]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Counted from the moment of this run, so that no other run names a subject alike.
        self._numbers = count(round((self.began - _EPOCH) / timedelta(milliseconds=100)))
        self._turns = count()
        for plot in OVERTURE:
            self._plan(self.began + self._minutes(self.rng.uniform(0, _OVERTURE)), plot)
        self._plan_next(self.began)

    def remember(self, said_before: Iterable[Saying]) -> None:
        """Go on with what an earlier run left unsaid."""
        for saying in said_before:
            self._add(saying)

    def left(self) -> Iterator[Saying]:
        for at, _, item in self.to_come:
            yield Saying(at, item)

    def due(self, now: datetime) -> list[Item]:
        """What is to be said by now; it stays until it is ``said``."""
        self._begin(now)
        return [item for at, _, item in heapq.nsmallest(_AT_ONCE, self.to_come) if at <= now]

    def said(self, many: int) -> None:
        for _ in range(many):
            heapq.heappop(self.to_come)

    def _begin(self, now: datetime) -> None:
        while self.beginnings and self.beginnings[0][0] <= now:
            begins, _, plot = heapq.heappop(self.beginnings)
            number = named(next(self._numbers))
            # Whoever slept through a beginning begins now: what was to be heard by now is heard late else.
            begins = max(begins, now - timedelta(seconds=5))
            for saying in tell(plot, self.rng, begins=begins, number=number, pace=self.pace):
                self._add(saying)
            if not plot.overture:
                self._plan_next(begins)

    def _add(self, saying: Saying) -> None:
        heapq.heappush(self.to_come, (saying.at, next(self._turns), saying.item))

    def _plan(self, at: datetime, plot: Plot) -> None:
        heapq.heappush(self.beginnings, (at, next(self._turns), plot))

    def _plan_next(self, after: datetime) -> None:
        pause = self._minutes(self.rng.expovariate(1 / EVERY))
        self._plan(after + pause, plot_of(self.rng))

    def _minutes(self, minutes: float) -> timedelta:
        return timedelta(minutes=minutes / self.pace)


def named(number: int) -> str:
    """A number as short as people write them."""
    letters = ""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    return letters


def speak(sources: Sources, desk: Desk, token: str, now: datetime) -> list[dict[str, Any]]:
    """Send what is due; the lines of the receipt that opened, joined or refused something."""
    items = sources.due(now)
    if not items:
        return []
    answer = desk.tell("signals/", items, token)
    if not answer.ok:
        raise Unknown(explained(answer))
    sources.said(len(items))
    lines: list[dict[str, Any]] = answer.body["items"]
    return [line for line in lines if line.get("cases") or line.get("errors")]


def explained(answer: Answer) -> str:
    return f"{answer.body.get('detail', 'It gave no reason')} (HTTP {answer.status})"
