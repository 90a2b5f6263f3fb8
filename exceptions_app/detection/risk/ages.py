"""How likely a promise is missed, by the pace of the steps to come; pure.

For kinds whose promises are of all lengths. The steps before the last are work and counted in working days;
the last one takes days of any kind.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from exceptions_app.detection.risk.lanes import Keys
from exceptions_app.detection.risk.paces import Paces
from exceptions_app.detection.risk.shapes import PATHS, Lane, Shape, keys
from exceptions_app.detection.risk.standing import Standing, local_days, working_between
from exceptions_app.subjects.facts import Facts

#: In such parts of a day it is asked when the steps before the last will be done.
PART = 0.25


class Step(NamedTuple):
    """One of a subject's steps, or all before the last; ``ended`` is None while it lasts."""

    paces: Paces
    lanes: tuple[Lane, ...]
    begun: datetime | None
    ended: datetime | None


@dataclass
class Ages:
    """The paces of one kind of subject."""

    shape: Shape
    zone: tzinfo
    first: Paces = field(default_factory=Paces)
    last: Paces = field(default_factory=Paces)
    refitted_at: datetime | None = None

    def heard(self, before: Facts | None, after: Facts) -> None:
        """Take in how long a step took, once it is reached; its lanes are those it stood in until then."""
        known = before or after
        for then, now in zip(self.steps(known), self.steps(after), strict=True):
            if now.begun and now.ended and (before is None or then.ended is None):
                now.paces.took(
                    keys(known, now.lanes), self.age(now, now.ended), self.age_before(now)
                )

    def refit(self, at: datetime, open_now: Iterable[Facts]) -> None:
        """Take in what has become known since the last time."""
        lasting = [
            (step, keys(facts, step.lanes))
            for facts in open_now
            for step in self.steps(facts)
            if step.begun and not step.ended
        ]
        for paces in (self.first, self.last):
            paces.refit(
                (lanes, self.age(step, at), self.age_before(step))
                for step, lanes in lasting
                if step.paces is paces
            )
        self.refitted_at = at

    def steps(self, facts: Facts) -> Iterator[Step]:
        path = PATHS[facts.kind]
        handed = facts.reached(path.before)
        yield Step(self.first, self.shape.first, facts.reached(path.first), handed)
        yield Step(self.last, self.shape.last, handed, facts.reached(path.keeps))

    def age(self, step: Step, at: datetime) -> float:
        begun, then = (local_days(moment, self.zone) for moment in (step.begun or at, at))
        if step.paces is self.first:
            return working_between(begun, then)
        return max(then - begun, 0.0)

    def age_before(self, step: Step) -> float:
        """How old it was when all was last refitted."""
        return self.age(step, self.refitted_at) if self.refitted_at else 0.0

    def missed(self, facts: Facts, now: Standing) -> float:
        """How likely the last step is not done by the promised time."""
        left = max(now.promised - now.at, 0.0)
        first, last = keys(facts, self.shape.first), keys(facts, self.shape.last)
        if now.handed is not None:
            return self.last.lasts(last, now.waiting, left)
        return 1.0 - sum(
            share * (1.0 - self.last.lasts(last, 0.0, now.promised - done))
            for share, done in self.done(first, now, left)
        )

    def done(self, first: Keys, now: Standing, left: float) -> Iterator[tuple[float, float]]:
        """How likely the steps before the last are done in each part of the time left, and its middle."""
        so_far = working_between(now.begun, now.at)
        edges = [now.at + part * PART for part in range(ceil(left / PART))] + [now.promised]
        lasts = [self.first.lasts(first, so_far, working_between(now.at, edge)) for edge in edges]
        for (edge, later), (share, less) in zip(pairwise(edges), pairwise(lasts), strict=True):
            yield share - less, (edge + later) / 2

    def as_json(self) -> dict[str, Any]:
        return {"first": self.first.as_json(), "last": self.last.as_json()}

    def read(self, told: dict[str, Any]) -> None:
        self.first, self.last = (Paces.from_json(told[name]) for name in ("first", "last"))
