"""The plain risk model: how likely a promise is missed, by what has happened and how long nothing has; pure.

Its tables say how long steps take per lane and what share of promises was missed lately; a small regression
per look weighs them, learned from what came of those that stood alike.
"""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from math import log
from typing import Any

from exceptions_app.detection.risk.ages import Ages
from exceptions_app.detection.risk.lanes import Lanes
from exceptions_app.detection.risk.logistic import Logistic
from exceptions_app.detection.risk.paces import Paces
from exceptions_app.detection.risk.rates import Rates
from exceptions_app.detection.risk.shapes import (
    PATHS,
    Look,
    keys,
    look_named,
    named,
    shape_of,
)
from exceptions_app.detection.risk.standing import (
    handed,
    logit,
    standing,
    unhanded,
)
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

BOTH, HANDED, UNHANDED = 4, 10, 6
SIZE = BOTH + HANDED + UNHANDED
#: Where among the numbers is the chance that the steps take longer, and what it weighs at first.
LASTS, AT_FIRST = BOTH + 1, 1.0
#: Half of what a promise weighs in the recent share is gone after so many days.
RECENT = 15.0


def first_weights() -> list[float]:
    weights = [0.0] * SIZE
    weights[LASTS] = AT_FIRST
    return weights


@dataclass
class Model:
    """Everything learned about one kind of subject."""

    kind: SubjectKind
    zone: tzinfo
    last: Lanes = field(default_factory=Lanes)
    first: Lanes = field(default_factory=Lanes)
    missed: Rates = field(default_factory=lambda: Rates(RECENT))
    #: For kinds that are asked about at an age; they go by the pace of steps at every look.
    ages: Ages | None = field(init=False)
    weighing: dict[Look, Logistic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = shape_of(self.kind)
        self.ages = Ages(shape, self.zone) if shape.ages else None
        for look in shape.looks:
            self.weighing.setdefault(look, Logistic(first_weights()))

    @property
    def tables(self) -> tuple[Lanes | Rates | Paces, ...]:
        """All that weighs what comes later more."""
        paces = (self.ages.first, self.ages.last) if self.ages else ()
        return (self.last, self.first, self.missed, *paces)

    def numbers(self, facts: Facts, at: datetime, look: Look) -> list[float] | None:
        """How it stands, as the look weighs it; None if there is nothing to miss."""
        now = standing(facts, at, self.zone)
        if now is None:
            return None
        if self.ages:
            return by_steps(self.ages.missed(facts, now))
        shape = shape_of(self.kind)
        last, first = keys(facts, shape.last), keys(facts, shape.first)
        days = float(look[1])
        lately, by_lane = self.missed.shares(keys(facts, shape.rates))
        both = [
            log(max(now.promised - now.begun, 1.0)) - 3,
            logit(lately) + 3,
            sum(logit(share) - logit(lately) for share in by_lane),
            (now.at + days - now.promised) / 5,
        ]
        if now.handed is None:
            return [*both, *[0.0] * HANDED, 1.0, *unhanded(now, days, self.first.usual(first))]
        lasts = self.last.lasts(last, now.waiting, days)
        own = handed(now, now.handed, days, self.last.usual(last), lasts)
        return [*both, 1.0, *own, *[0.0] * UNHANDED]

    def chance(self, facts: Facts, at: datetime, look: Look) -> float | None:
        numbers = self.numbers(facts, at, look)
        return None if numbers is None else self.weighing[look].chance(numbers)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "last": self.last.as_json(),
            "first": self.first.as_json(),
            "missed": self.missed.as_json(),
            "ages": self.ages.as_json() if self.ages else None,
            "weighing": {named(look): one.as_json() for look, one in self.weighing.items()},
        }

    @classmethod
    def from_json(cls, told: dict[str, Any], zone: tzinfo) -> "Model":
        model = cls(
            kind=SubjectKind(told["kind"]),
            zone=zone,
            last=Lanes.from_json(told["last"]),
            first=Lanes.from_json(told["first"]),
            missed=Rates.from_json(told["missed"]),
            weighing={
                look_named(name): Logistic.from_json(one) for name, one in told["weighing"].items()
            },
        )
        if model.ages and told.get("ages"):
            model.ages.read(told["ages"])
        return model


def by_steps(missed: float) -> list[float]:
    """What the steps take says it without a regression, where they are known so finely."""
    return [0.0] * LASTS + [logit(missed)] + [0.0] * (SIZE - LASTS - 1)


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
