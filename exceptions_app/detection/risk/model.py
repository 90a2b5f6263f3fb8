"""The plain risk model: what is usual per lane, what share missed lately, and what that meant so far; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from math import log, log1p
from typing import Any

from exceptions_app.detection.risk.lanes import Lanes
from exceptions_app.detection.risk.logistic import Logistic
from exceptions_app.detection.risk.rates import Rates
from exceptions_app.detection.risk.shapes import SHAPES, keys
from exceptions_app.detection.risk.standing import Standing, standing, working_between
from exceptions_app.subjects.facts import Facts

SIZE = 20


@dataclass
class Tables:
    last: Lanes = field(default_factory=Lanes)
    first: Lanes = field(default_factory=Lanes)
    missed: Rates = field(default_factory=Rates)


def clipped(value: float, most: float) -> float:
    return max(-most, min(most, value))


def logit(share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return log(share / (1 - share))


def numbers(tables: Tables, facts: Facts, now: Standing, days: float) -> list[float]:
    shape = SHAPES[facts.kind]
    last, first = keys(facts, shape.last), keys(facts, shape.first)
    rates = tables.missed.of(last[:1])
    window = working_between(now.at, now.at + days)
    over = clipped((now.at - now.limit) / 5, 2) if now.limit is not None else 0.0
    both = [
        1.0,
        log(max(now.promised - now.begun, 1.0)) - 3,
        logit(rates[0]) + 3,
        logit(rates[-1]) - logit(rates[0]),
        (now.at + days - now.promised) / 5,
    ]
    if now.handed is None:
        usual = tables.first.usual(first)
        return [
            *both, *[0.0] * 10,
            window / 3, log1p(now.waiting), over, float(now.paid), usual[-1] - usual[0],
        ]
    usual = tables.last.usual(last)
    usual += [usual[-1]] * (4 - len(usual))
    waited = now.waiting
    late = clipped((now.handed - now.limit) / 5, 2) if now.limit is not None else 0.0
    return [
        *both, 1.0,
        logit(tables.last.lasts(last, waited, days)),
        log1p(waited) - 2.5, log1p(working_between(now.handed, now.at)) - 2.3, window / 3,
        usual[1] - usual[0], usual[2] - usual[1], usual[3] - usual[2],
        late, log(max(now.promised - now.handed, 0.5)) - 2.7,
        *[0.0] * 5,
    ]
