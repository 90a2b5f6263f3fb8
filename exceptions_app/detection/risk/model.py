"""The plain risk model: how likely a promise is missed, by what has happened and how long nothing has; pure.

Its tables say how long steps take per lane and what share of promises was missed lately; a small regression
per look weighs them, learned from what came of those that stood alike.
"""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from math import log
from typing import Any

from exceptions_app.detection.risk.lanes import Lanes
from exceptions_app.detection.risk.logistic import Logistic
from exceptions_app.detection.risk.rates import Rates
from exceptions_app.detection.risk.shapes import AGE, PATHS, Look, keys, shape_of
from exceptions_app.detection.risk.standing import (
    Standing,
    handed,
    logit,
    standing,
    unhanded,
)
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

BOTH, HANDED, UNHANDED = 6, 10, 6
SIZE = BOTH + HANDED + UNHANDED
#: Where among the numbers are the chance that the last step takes longer and what became of those alike,
#: and what they weigh at first.
LASTS, ALIKE, AT_FIRST = BOTH + 1, 4, 0.5
#: Half of what a promise weighs in the recent share is gone after so many days; and in how looks went.
RECENT, LONGER = 15.0, 30.0


def first_weights() -> list[float]:
    weights = [0.0] * SIZE
    weights[LASTS] = weights[ALIKE] = weights[ALIKE + 1] = AT_FIRST
    return weights


@dataclass
class Model:
    """Everything learned about one kind of subject."""

    kind: SubjectKind
    zone: tzinfo
    last: Lanes = field(default_factory=Lanes)
    first: Lanes = field(default_factory=Lanes)
    missed: Rates = field(default_factory=lambda: Rates(RECENT))
    stood: dict[Look, Rates] = field(default_factory=dict)
    weighing: dict[Look, Logistic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for look in shape_of(self.kind).looks:
            self.stood.setdefault(look, Rates(LONGER, usual=0.5))
            self.weighing.setdefault(look, Logistic(first_weights()))

    @property
    def tables(self) -> tuple[Lanes | Rates, ...]:
        """All that weighs what comes later more."""
        return (self.last, self.first, self.missed, *self.stood.values())

    def alike(self, facts: Facts, at: datetime) -> tuple[str, ...]:
        """The names of those that stand at the same step: all of them, and those of its lanes."""
        now, shape = standing(facts, at, self.zone), shape_of(facts.kind)
        if now is None:
            return ()
        return stage_keys(now, keys(facts, shape.last if now.handed else shape.first))

    def numbers(self, facts: Facts, at: datetime, look: Look) -> list[float] | None:
        """How it stands, as the look weighs it; None if there is nothing to miss."""
        now = standing(facts, at, self.zone)
        if now is None:
            return None
        shape = shape_of(self.kind)
        last, first = keys(facts, shape.last), keys(facts, shape.first)
        days = max(now.promised - now.at, 0.0) if look[0] == AGE else float(look[1])
        both = self.either(now, days, look, (last, first))
        if now.handed is None:
            return [*both, *[0.0] * HANDED, 1.0, *unhanded(now, days, self.first.usual(first))]
        lasts = self.last.lasts(last, now.waiting, days)
        own = handed(now, now.handed, days, self.last.usual(last), lasts)
        return [*both, 1.0, *own, *[0.0] * UNHANDED]

    def either(
        self, now: Standing, days: float, look: Look, lanes: tuple[tuple[str, ...], tuple[str, ...]]
    ) -> list[float]:
        """What weighs whether or not the last step has begun.

        At an age, what was missed of those at the same step tells most; near a promise it only adds noise
        to what was missed lately at all (both tried on histories).
        """
        last, first = lanes
        slack = log(max(now.promised - now.begun, 1.0)) - 3
        if look[0] == AGE:
            alike = self.stood[look].shares(stage_keys(now, last if now.handed else first))
            stage = logit(alike[1])
            return [slack, 0.0, 0.0, 0.0, stage, logit(alike[-1]) - stage]
        lately = self.missed.shares(last[:1])
        drift = logit(lately[-1]) - logit(lately[0])
        from_promise = (now.at + days - now.promised) / 5
        return [slack, logit(lately[0]) + 3, drift, from_promise, 0.0, 0.0]

    def chance(self, facts: Facts, at: datetime, look: Look) -> float | None:
        numbers = self.numbers(facts, at, look)
        return None if numbers is None else self.weighing[look].chance(numbers)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "last": self.last.as_json(),
            "first": self.first.as_json(),
            "missed": self.missed.as_json(),
            "stood": {named(look): rates.as_json() for look, rates in self.stood.items()},
            "weighing": {named(look): one.as_json() for look, one in self.weighing.items()},
        }

    @classmethod
    def from_json(cls, told: dict[str, Any], zone: tzinfo) -> "Model":
        return cls(
            kind=SubjectKind(told["kind"]),
            zone=zone,
            last=Lanes.from_json(told["last"]),
            first=Lanes.from_json(told["first"]),
            missed=Rates.from_json(told["missed"]),
            stood={look(name): Rates.from_json(one) for name, one in told["stood"].items()},
            weighing={
                look(name): Logistic.from_json(one) for name, one in told["weighing"].items()
            },
        )


def stage_keys(now: Standing, lanes: tuple[str, ...]) -> tuple[str, ...]:
    """Lanes among those that stood at the same step; the first is the step itself."""
    stage = "handed" if now.handed is not None else f"step {min(now.stages, 2)}"
    return (stage, *(f"{stage} {lane}" for lane in lanes))


def named(look: Look) -> str:
    return f"{look[0]} {look[1]}"


def look(name: str) -> Look:
    kind, _, number = name.partition(" ")
    return kind, int(number)


def reason(facts: Facts, at: datetime, chance: float) -> str:
    """Why it is thought so, in a sentence."""
    words, path = JOURNEYS[facts.kind].milestones, PATHS[facts.kind]
    reached = [(moment, name) for name in words if (moment := facts.reached(name))]
    alike = f"of those that stood alike, {chance:.0%} missed their promise"
    if not reached:
        return f"nothing has happened yet; {alike}"
    since, last = max(reached)
    wanted = path.keeps if facts.reached(path.before) else path.before
    days = (at - since).total_seconds() / 86400
    return f"not {words[wanted]} {days:.1f} days after it was {words[last]}; {alike}"
