"""What share of the promises was missed lately, per lane, recent ones weighing more; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

#: A lane needs about so many promises before it outweighs the coarser one.
SHRINK = 20.0
#: What is believed before anything is known.
USUAL = 0.07


@dataclass
class Rates:
    """Per lane the weight of the promises that came due, and of those that were missed."""

    half_life: float
    usual: float = USUAL
    sums: dict[str, list[float]] = field(default_factory=dict)
    grown: float = 1.0

    def pass_days(self, days: float) -> None:
        """Weigh what comes from now on more, which is the same as all before less."""
        self.grown *= 2 ** (days / self.half_life)

    def due(self, keys: Sequence[str], *, missed: bool) -> None:
        for key in ("", *keys):
            sums = self.sums.setdefault(key, [0.0, 0.0])
            sums[0] += self.grown
            sums[1] += self.grown * missed

    def shares(self, keys: Sequence[str]) -> tuple[float, list[float]]:
        """Of everything, and of each lane."""
        of_all = self.share("", self.usual)
        return of_all, [self.share(key, of_all) for key in keys]

    def share(self, key: str, before: float) -> float:
        """What was missed, and ``before`` as far as little is known."""
        lean = SHRINK * self.grown
        seen, missed = self.sums.get(key, (0.0, 0.0))
        return (missed + lean * before) / (seen + lean)

    def as_json(self) -> dict[str, Any]:
        sums = {
            key: [seen / self.grown, bad / self.grown] for key, (seen, bad) in self.sums.items()
        }
        return {"half_life": self.half_life, "usual": self.usual, "sums": sums}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Rates":
        return cls(told["half_life"], told["usual"], told["sums"])
