"""How soon a step ends per lane: of what stood at an age, how much ended, lately and usually; pure.

For steps of a nearly fixed length, and for those whose pace changes. What holds lately is learned from all
that stood open since the last time, whenever it began, so that a step that comes to a halt is noticed before
any of it has ended; what is usual, from those that ended. A lane goes so many times faster or slower than all
before it in its order.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

from exceptions_app.detection.risk.lanes import Keys

#: The lanes of a step that is still open, how old it is, and how old it was when all was last refitted.
Open = tuple[Keys, float, float]
#: Ages in days at which a bin begins, each so much later than the one before.
RATIO, SHORTEST, BINS = 1.05, 0.05, 180
EDGES = (0.0, *(SHORTEST * RATIO**number for number in range(BINS)))
#: Half of what was seen is gone after so many days: of what holds lately, and of what is usual.
LATELY, USUALLY = 5.0, 120.0
#: What is seen at an age outweighs what is believed of it after so many days spent there.
LEAN = 2.0
#: How long it takes, before any has ended.
AT_FIRST = 5.0
#: A lane needs about so many ends before it outweighs those before it.
SHRINK = 8.0


@dataclass
class Seen:
    """Per bin how many ended at that age, and how many days were spent there; recent ones weigh more."""

    half_life: float
    ended: list[float] = field(default_factory=lambda: [0.0] * len(EDGES))
    spent: list[float] = field(default_factory=lambda: [0.0] * len(EDGES))
    rates: Sequence[float] = field(default_factory=list)
    #: How often it ends until the lower edge of each bin.
    summed: list[float] = field(default_factory=list)

    def pass_days(self, days: float) -> None:
        share = 0.5 ** (days / self.half_life)
        self.ended = [value * share for value in self.ended]
        self.spent = [value * share for value in self.spent]

    def add(self, start: float, end: float, *, ended: bool) -> None:
        last = bin_of(end)
        for number in range(bin_of(start), last + 1):
            top = EDGES[number + 1] if number < BINS else end
            self.spent[number] += max(min(end, top) - max(start, EDGES[number]), 0.0)
        self.ended[last] += ended

    def length(self) -> float:
        """How old it is when it ends."""
        aged = sum(ended * age for ended, age in zip(self.ended, EDGES, strict=True))
        return (aged + AT_FIRST) / (sum(self.ended) + 1.0)

    def reckon(self, believed: Sequence[float]) -> None:
        self.rates = [
            (ended + LEAN * rate) / (spent + LEAN)
            for ended, spent, rate in zip(self.ended, self.spent, believed, strict=True)
        ]
        self.summed = [0.0]
        for number, edge in enumerate(EDGES[1:]):
            self.summed.append(self.summed[-1] + self.rates[number] * (edge - EDGES[number]))

    def between(self, start: float, end: float) -> float:
        """How often it ends from one age to another."""
        return self.until(end) - self.until(start)

    def until(self, age: float) -> float:
        number = bin_of(age)
        return self.summed[number] + self.rates[number] * (max(age, 0.0) - EDGES[number])


@dataclass
class Paces:
    """One step, in days."""

    lately: Seen = field(default_factory=lambda: Seen(LATELY))
    usually: Seen = field(default_factory=lambda: Seen(USUALLY))
    #: Per lane how many ended, and how many would have at the pace of those before it.
    lanes: dict[str, list[float]] = field(default_factory=dict)
    fresh: list[Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reckon()

    def reckon(self) -> None:
        """At ages that few have come to it is believed to end once in its usual length."""
        self.usually.reckon([1.0 / self.usually.length()] * len(EDGES))
        self.lately.reckon(self.usually.rates)

    def pass_days(self, days: float) -> None:
        """Weigh all before less."""
        for seen in (self.lately, self.usually):
            seen.pass_days(days)
        share = 0.5 ** (days / USUALLY)
        self.lanes = {
            key: [value * share for value in values] for key, values in self.lanes.items()
        }

    def took(self, keys: Keys, days: float, before: float) -> None:
        """It ended at this age; ``before`` is how old it was when all was last refitted."""
        self.fresh.append((keys, days, before))

    def refit(self, still_open: Iterable[Open]) -> None:
        """Take in what ended since the last time, and what went on meanwhile."""
        stood = [(one, True) for one in self.fresh] + [(one, False) for one in still_open]
        for (_, days, before), ended in stood:
            self.lately.add(before, days, ended=ended)
        for _, days, _ in self.fresh:
            self.usually.add(0.0, days, ended=True)
        self.reckon()
        for (keys, days, before), ended in stood:
            expected = self.lately.between(before, days)
            for key in keys:
                lane = self.lanes.setdefault(key, [0.0, 0.0])
                pace = self.pace(key)
                lane[0] += ended
                lane[1] += expected
                expected *= pace
        self.fresh = []

    def pace(self, key: str) -> float:
        ended, expected = self.lanes.get(key, (0.0, 0.0))
        return (ended + SHRINK) / (expected + SHRINK)

    def lasts(self, keys: Keys, so_far: float, more: float) -> float:
        """How likely it takes ``more`` days yet, having taken so long already.

        The farther ahead, the less counts what holds lately: what is at a halt now may go again by then.
        """
        weight = 0.5 ** (more / LATELY)
        often = weight * self.lately.between(so_far, so_far + more)
        often += (1.0 - weight) * self.usually.between(so_far, so_far + more)
        for key in keys:
            often *= self.pace(key)
        return exp(-often)

    def as_json(self) -> dict[str, Any]:
        tables = {"lately": self.lately, "usually": self.usually}
        told = {name: [seen.ended, seen.spent] for name, seen in tables.items()}
        return {**told, "lanes": self.lanes}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Paces":
        lately, usually = Seen(LATELY, *told["lately"]), Seen(USUALLY, *told["usually"])
        return cls(lately, usually, told["lanes"])


def bin_of(age: float) -> int:
    return bisect_right(EDGES, max(age, 0.0)) - 1
