"""Which of several groups stands out, and is not just small and unlucky; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

#: Fewer decided cases say nothing about a group.
FEWEST = 8
#: At least so far below the others, in shares, to be worth a manager's time.
APART = 0.05
#: And so many standard errors, so that chance alone would rarely do it.
SURE = 2.5


@dataclass(frozen=True, slots=True)
class Side:
    """How often a target was met and missed."""

    met: int
    missed: int

    @property
    def decided(self) -> int:
        return self.met + self.missed

    @property
    def share(self) -> float:
        return self.met / self.decided


def outlier(sides: Mapping[str, Side]) -> str | None:
    """The group furthest below all the others together, if it is clearly so."""
    scores = {key: score(side, others(sides, key)) for key, side in sides.items()}
    clear = [key for key, value in scores.items() if value is not None and value >= SURE]
    return max(clear, key=lambda key: (scores[key] or 0, key), default=None)


def others(sides: Mapping[str, Side], key: str) -> Side:
    rest = [side for other, side in sides.items() if other != key]
    return Side(sum(side.met for side in rest), sum(side.missed for side in rest))


def score(side: Side, rest: Side) -> float | None:
    """By how many standard errors a group is below the rest; none where nothing can be said."""
    if side.decided < FEWEST or rest.decided < FEWEST or rest.share - side.share < APART:
        return None
    pooled = (side.met + rest.met) / (side.decided + rest.decided)
    error = sqrt(pooled * (1 - pooled) * (1 / side.decided + 1 / rest.decided))
    return (rest.share - side.share) / error if error else None
