"""What was measured: a figure, the floors it stands on, and both as a table and as JSON."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A time in ms, a rate per second or a size in MB; ``floors`` are the least it could be, by name.

    ``cpu`` is what our Python and our connection's PostgreSQL took of it, in ms of a processor: on a busy
    machine these say more than the time on the wall.
    """

    part: str
    name: str
    value: float
    p95: float | None = None
    unit: str = "ms"
    floors: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    count: int = 0
    cpu: tuple[float, ...] | None = None

    @property
    def is_rate(self) -> bool:
        return self.unit == "/s"

    @property
    def judged(self) -> float:
        """The number that the target is about: of times the slow end."""
        return self.value if self.p95 is None else self.p95

    @property
    def missed(self) -> bool:
        if self.target is None:
            return False
        return self.judged < self.target if self.is_rate else self.judged > self.target

    def ratio(self, floor: float) -> float:
        """How many times worse than the floor."""
        return floor / self.value if self.is_rate else self.value / floor

    def document(self) -> dict[str, Any]:
        ratios = {name: round(self.ratio(floor), 2) for name, floor in self.floors.items()}
        return {**asdict(self), "ratios": ratios, "missed": self.missed}


def timed(part: str, name: str, seconds: Sequence[float], **more: Any) -> Figure:
    """A figure of many tries: the middle one and the 95th of a hundred."""
    return Figure(
        part, name, middle(seconds), p95=percentile(seconds, 95), count=len(seconds), **more
    )


def middle(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000


def percentile(seconds: Sequence[float], percent: int) -> float:
    """In ms; nothing is made up between two tries or beyond the slowest."""
    ranked = sorted(seconds)
    return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)] * 1000


HEAD = ("", "p50", "p95", "cpu ms", "floor", "target", "")
WIDTHS = (50, 10, 8, 11, 42, 8, 0)


def table(figures: Iterable[Figure]) -> str:
    lines, part = [spread(HEAD)], ""
    for one in figures:
        if one.part != part:
            part = one.part
            lines += ["", part]
        lines.append(row(one))
    return "\n".join(lines)


def row(one: Figure) -> str:
    floors = ", ".join(
        f"{name} {shown(floor)} (x{one.ratio(floor):.1f})" for name, floor in one.floors.items()
    )
    return spread(
        (
            f"  {one.name}",
            f"{shown(one.value)} {one.unit}",
            "" if one.p95 is None else shown(one.p95),
            "" if one.cpu is None else " + ".join(map(shown, one.cpu)),
            floors,
            "" if one.target is None else f"{'>=' if one.is_rate else '<='} {one.target:g}",
            "MISSED" if one.missed else "",
        )
    )


def spread(cells: Sequence[str]) -> str:
    padded = [
        text.ljust(width) if place in {0, 4} else text.rjust(width)
        for place, (text, width) in enumerate(zip(cells, WIDTHS, strict=True))
    ]
    return "  ".join(padded).rstrip()


def shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}" if number < 1 else f"{number:.1f}"
