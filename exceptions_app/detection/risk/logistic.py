"""A logistic regression that learns by instalments and forgets slowly; pure, without numpy.

Each instalment is a Newton fit whose prior is what was known before, with its weight decayed, so that every
row is visited once or twice and recent weeks weigh more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

Row = tuple[Sequence[float], bool]
#: Newton steps per instalment; the prior is close, so that more change nothing that shows.
STEPS = 2
FARTHEST = 30.0


@dataclass
class Logistic:
    """Weights, and how sure of them it is: the lower triangle of their precision."""

    size: int
    ridge: float = 1.0
    weights: list[float] = field(default_factory=list)
    sureness: list[list[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.weights:
            self.weights = [0.0] * self.size
            self.sureness = [
                [self.ridge if i == j else 0.0 for j in range(i + 1)] for i in range(self.size)
            ]

    def chance(self, x: Sequence[float]) -> float:
        return sigmoid(sum(w * v for w, v in zip(self.weights, x, strict=True)))

    def learn(self, rows: Sequence[Row], *, keeping: float) -> None:
        """Take in new rows; ``keeping`` is how much of the sureness so far is left."""
        prior = [
            [
                value * keeping + (self.ridge * (1 - keeping) if i == j else 0.0)
                for j, value in enumerate(line)
            ]
            for i, line in enumerate(self.sureness)
        ]
        before = self.weights
        for _ in range(STEPS):
            moved = [now - then for now, then in zip(self.weights, before, strict=True)]
            slope = [-value for value in times(prior, moved)]
            bend = [list(line) for line in prior]
            for x, y in rows:
                add_row(slope, bend, x, y=y, chance=self.chance(x))
            step = solved(bend, slope)
            self.weights = [w + s for w, s in zip(self.weights, step, strict=True)]
            self.sureness = bend

    def as_json(self) -> dict[str, Any]:
        return {"weights": self.weights, "sureness": self.sureness, "ridge": self.ridge}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Logistic":
        return cls(len(told["weights"]), told["ridge"], told["weights"], told["sureness"])


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-max(-FARTHEST, min(FARTHEST, value))))


def add_row(
    slope: list[float], bend: list[list[float]], x: Sequence[float], *, y: bool, chance: float
) -> None:
    wrong, sharp = y - chance, chance * (1 - chance)
    for i, value in enumerate(x):
        if value:
            slope[i] += wrong * value
            scaled, line = sharp * value, bend[i]
            for j in range(i + 1):
                line[j] += scaled * x[j]


def times(triangle: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """A symmetric matrix, given by its lower triangle, times a vector."""
    out = [0.0] * len(vector)
    for i, line in enumerate(triangle):
        for j, value in enumerate(line):
            out[i] += value * vector[j]
            if i != j:
                out[j] += value * vector[i]
    return out


def solved(triangle: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The x of a x = right, by Cholesky."""
    lower: list[list[float]] = []
    for i, line in enumerate(triangle):
        new: list[float] = []
        for j in range(i):
            new.append((line[j] - sum(new[k] * lower[j][k] for k in range(j))) / lower[j][j])
        new.append((line[i] - sum(value * value for value in new)) ** 0.5)
        lower.append(new)
    forth: list[float] = []
    for i, line in enumerate(lower):
        forth.append((right[i] - sum(line[k] * forth[k] for k in range(i))) / line[i])
    back = [0.0] * len(right)
    for i in reversed(range(len(right))):
        back[i] = (
            forth[i] - sum(lower[k][i] * back[k] for k in range(i + 1, len(right)))
        ) / lower[i][i]
    return back
