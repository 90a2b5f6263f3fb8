"""What share of the promises was missed lately, per lane; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

HALF_LIFE = 15.0
SHRINK = 20.0
#: What is believed before anything is known.
USUAL = 0.07


@dataclass
class Rates:
    sums: dict[str, list[float]] = field(default_factory=dict)
    grown: float = 1.0

    def pass_days(self, days: float) -> None:
        self.grown *= 2 ** (days / HALF_LIFE)

    def due(self, keys: Sequence[str], *, missed: bool) -> None:
        for key in ("", *keys):
            sums = self.sums.setdefault(key, [0.0, 0.0])
            sums[0] += self.grown
            sums[1] += self.grown * missed

    def of(self, keys: Sequence[str]) -> list[float]:
        share, out = USUAL, []
        for key in ("", *keys):
            seen, missed = self.sums.get(key, (0.0, 0.0))
            lean = SHRINK * self.grown
            share = (missed + lean * share) / (seen + lean)
            out.append(share)
        return out
