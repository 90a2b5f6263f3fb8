"""How long a step takes per lane, from coarse to fine, recent weeks weighing more; pure.

A lane is a combination of attributes, such as origin and destination. A fine lane that has seen little leans
on the coarser one before it. The shape of the distribution is shared: it is the spread of durations around
their lane's own, by Kaplan and Meier, so that what is still open counts as still open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import floor, log
from typing import Any

#: A lane needs about so many durations before it outweighs the coarser one.
SHRINK = 5.0
#: Half of what a duration weighs is gone after so many days.
HALF_LIFE = 60.0
#: Bins of the shared shape, in steps of log duration over the lane's own.
BIN, BINS = 0.1, 60
SHORTEST = 0.05
#: With fewer at risk a share says nothing.
FEW = 3.0
LEAST = 1e-4

Keys = Sequence[str]


@dataclass
class Lanes:
    """The durations of one step, in days."""

    #: Per lane the weight of what was seen, and the weighted sum of log durations.
    sums: dict[str, list[float]] = field(default_factory=dict)
    ended: list[float] = field(default_factory=lambda: [0.0] * BINS)
    #: The share that takes longer than the lower edge of each bin.
    lasting: list[float] = field(default_factory=lambda: [1 - i / BINS for i in range(BINS + 1)])
    grown: float = 1.0

    def pass_days(self, days: float) -> None:
        """Weigh what comes from now on more, which is the same as all before less."""
        self.grown *= 2 ** (days / HALF_LIFE)

    def took(self, keys: Keys, days: float) -> None:
        """A duration has become known."""
        long = log(max(days, SHORTEST))
        self.ended[bin_of(long - self.usual(keys)[-1])] += self.grown
        for key in ("", *keys):
            sums = self.sums.setdefault(key, [0.0, 0.0])
            sums[0] += self.grown
            sums[1] += self.grown * long

    def usual(self, keys: Keys) -> list[float]:
        """The log of the usual duration, of everything and then of each lane from coarse to fine."""
        usual, out = 0.0, list[float]()
        for key in ("", *keys):
            if sums := self.sums.get(key):
                lean = SHRINK * self.grown if out else 0.0
                usual = (sums[1] + lean * usual) / (sums[0] + lean)
            out.append(usual)
        return out

    def refit(self, still_open: Iterable[tuple[Keys, float]]) -> None:
        """Kaplan-Meier over what ended and what is open so far."""
        left = list(self.ended)
        for keys, days in still_open:
            left[bin_of(log(max(days, SHORTEST)) - self.usual(keys)[-1])] += self.grown
        at_risk, lasting = sum(left), [1.0]
        for ended, leaving in zip(self.ended, left, strict=True):
            share = ended / at_risk if at_risk > self.grown * FEW else 0.0
            lasting.append(max(lasting[-1] * (1 - share), LEAST))
            at_risk -= leaving
        self.lasting = lasting

    def lasts(self, keys: Keys, so_far: float, more: float) -> float:
        """How likely it takes ``more`` days yet, having taken so long already."""
        usual = self.usual(keys)[-1]
        now, then = (
            between(self.lasting, log(max(days, SHORTEST)) - usual)
            for days in (so_far, so_far + more)
        )
        return then / now

    def as_json(self) -> dict[str, Any]:
        return {
            "sums": {key: [w / self.grown, s / self.grown] for key, (w, s) in self.sums.items()},
            "ended": [weight / self.grown for weight in self.ended],
            "lasting": self.lasting,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Lanes":
        return cls(told["sums"], told["ended"], told["lasting"])


def place(log_over: float) -> float:
    return min(max(log_over / BIN + BINS / 2, 0.0), BINS - 0.001)


def bin_of(log_over: float) -> int:
    return floor(place(log_over))


def between(edges: Sequence[float], log_over: float) -> float:
    """A curve given at the edges of the bins, at a place between them."""
    at = place(log_over)
    below = floor(at)
    return edges[below] + (edges[below + 1] - edges[below]) * (at - below)
