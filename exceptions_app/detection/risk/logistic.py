"""A logistic regression that learns by instalments and forgets slowly; pure, without numpy.

Each instalment is a Newton fit whose prior is what was known before, with its weight decayed, so that every
row is visited once or twice and recent weeks weigh more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import exp, log1p
from operator import mul
from typing import Any

Row = tuple[Sequence[float], bool]
Triangle = Sequence[Sequence[float]]
#: Newton steps per instalment at most; the prior is close, so that two or three mostly do.
STEPS = 8
ENOUGH, SMALLEST = 1e-4, 1e-3
FARTHEST = 30.0


@dataclass
class Logistic:
    """Weights, and how sure of them it is: the lower triangle of their precision."""

    weights: list[float]
    ridge: float = 1.0
    sureness: list[list[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.sureness:
            size = len(self.weights)
            self.sureness = [
                [self.ridge if i == j else 0.0 for j in range(i + 1)] for i in range(size)
            ]

    def chance(self, x: Sequence[float]) -> float:
        return sigmoid(dot(self.weights, x))

    def learn(self, rows: Sequence[Row], *, keeping: float) -> None:
        """Take in new rows; ``keeping`` is how much of the sureness so far is left."""
        prior = [
            [
                value * keeping + (self.ridge * (1 - keeping) if i == j else 0.0)
                for j, value in enumerate(line)
            ]
            for i, line in enumerate(self.sureness)
        ]
        before, cost = self.weights, loss(self.weights, self.weights, prior, rows)
        for _ in range(STEPS):
            slope, bend = self.slope(before, prior, rows)
            step = solved(bend, slope)
            self.sureness = bend
            tried, after = self.downhill(step, lambda w: loss(w, before, prior, rows), cost)
            self.weights = tried
            if cost - after < ENOUGH * (1 + cost):
                return
            cost = after

    def slope(
        self, before: Sequence[float], prior: Triangle, rows: Sequence[Row]
    ) -> tuple[list[float], list[list[float]]]:
        """Where it goes down, and how it bends there."""
        moved = [now - then for now, then in zip(self.weights, before, strict=True)]
        slope = [-value for value in times(prior, moved)]
        bend = [list(line) for line in prior]
        for x, y in rows:
            add_row(slope, bend, x, y=y, chance=self.chance(x))
        return slope, bend

    def downhill(
        self, step: Sequence[float], cost_of: Callable[[list[float]], float], cost: float
    ) -> tuple[list[float], float]:
        """As far along the step as it goes down; a whole Newton step may leap over the valley."""
        size = 1.0
        while size > SMALLEST:
            tried = [w + size * s for w, s in zip(self.weights, step, strict=True)]
            if (after := cost_of(tried)) <= cost:
                return tried, after
            size /= 2
        return self.weights, cost

    def as_json(self) -> dict[str, Any]:
        return {"weights": self.weights, "sureness": self.sureness, "ridge": self.ridge}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Logistic":
        return cls(told["weights"], told["ridge"], told["sureness"])


def sigmoid(value: float) -> float:
    return 1 / (1 + exp(-max(-FARTHEST, min(FARTHEST, value))))


def loss(
    weights: Sequence[float], before: Sequence[float], prior: Triangle, rows: Sequence[Row]
) -> float:
    """How badly the rows are told, and how far the weights are from what was known."""
    moved = [now - then for now, then in zip(weights, before, strict=True)]
    far = dot(moved, times(prior, moved)) / 2
    for x, y in rows:
        value = dot(weights, x)
        wrong_way = max(-FARTHEST, min(FARTHEST, -value if y else value))
        far += log1p(exp(wrong_way))
    return far


def add_row(
    slope: list[float], bend: list[list[float]], x: Sequence[float], *, y: bool, chance: float
) -> None:
    """What is nought adds nothing, and a good part of a look is."""
    wrong, sharp = y - chance, chance * (1 - chance)
    so_far: list[tuple[int, float]] = []
    for i, value in enumerate(x):
        if value:
            so_far.append((i, value))
            slope[i] += wrong * value
            scaled, line = sharp * value, bend[i]
            for j, other in so_far:
                line[j] += scaled * other


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """As far as the shorter one reaches."""
    total: float = sum(map(mul, one, other))
    return total


def times(triangle: Triangle, vector: Sequence[float]) -> list[float]:
    """A symmetric matrix, given by its lower triangle, times a vector."""
    out = [0.0] * len(vector)
    for i, line in enumerate(triangle):
        for j, value in enumerate(line):
            out[i] += value * vector[j]
            if i != j:
                out[j] += value * vector[i]
    return out


def solved(triangle: Triangle, right: Sequence[float]) -> list[float]:
    """The x of a x = right, by Cholesky."""
    lower: list[list[float]] = []
    for i, line in enumerate(triangle):
        new: list[float] = []
        for j in range(i):
            new.append((line[j] - dot(new, lower[j])) / lower[j][j])
        new.append((line[i] - dot(new, new)) ** 0.5)
        lower.append(new)
    forth: list[float] = []
    for i, line in enumerate(lower):
        forth.append((right[i] - dot(line, forth)) / line[i])
    back = [0.0] * len(right)
    for i in reversed(range(len(right))):
        back[i] = (forth[i] - sum(lower[k][i] * back[k] for k in range(i + 1, len(right)))) / lower[
            i
        ][i]
    return back
