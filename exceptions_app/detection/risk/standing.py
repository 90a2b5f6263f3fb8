"""How a subject stands as of a moment, in the numbers that its risk is weighed by; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from math import log, log1p

from exceptions_app.detection.risk.shapes import PATHS
from exceptions_app.subjects.facts import Facts

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Standing:
    """When things happened, in days on the wall clock of the site.

    ``handed`` is when the step before the last was reached, ``limit`` when that was expected.
    """

    at: float
    promised: float
    begun: float
    stepped: float
    steps: int
    handed: float | None
    limit: float | None

    @property
    def waiting(self) -> float:
        """How many days nothing has happened."""
        return max(self.at - (self.stepped if self.handed is None else self.handed), 0.0)


def local_days(at: datetime, zone: tzinfo) -> float:
    """So that weekdays and midnights are the site's own."""
    local = at.astimezone(zone)
    return local.toordinal() + (local.hour * 3600 + local.minute * 60 + local.second) / DAY


def working(day: float) -> float:
    """Working days since a Monday long ago."""
    weeks, rest = divmod(day - 1, 7)
    return weeks * 5 + min(rest, 5.0)


def working_between(start: float, end: float) -> float:
    return max(working(end) - working(start), 0.0)


def standing(facts: Facts, at: datetime, zone: tzinfo) -> Standing | None:
    """None: nothing is promised, or nothing has begun."""
    path, promised = PATHS[facts.kind], facts.promised_at
    early = [reached for name in path.early if (reached := facts.reached(name))]
    handed, limit = facts.reached(path.before), facts.expected(path.before)
    begun = min(early, default=handed or facts.opened_at)
    if promised is None or begun is None:
        return None
    return Standing(
        at=local_days(at, zone),
        promised=local_days(promised, zone),
        begun=local_days(begun, zone),
        stepped=local_days(max(early, default=begun), zone),
        steps=len(early),
        handed=local_days(handed, zone) if handed else None,
        limit=local_days(limit, zone) if limit else None,
    )


def clipped(value: float, most: float) -> float:
    return max(-most, min(most, value))


def logit(share: float) -> float:
    share = min(max(share, 0.001), 0.999)
    return log(share / (1 - share))


def finer(usual: Sequence[float], most: int) -> list[float]:
    """By how much each lane differs from the coarser one before it."""
    steps = [fine - coarse for coarse, fine in pairwise(usual)]
    return [*steps, *[0.0] * most][:most]


def over(now: Standing, moment: float) -> float:
    """How far past the time that was expected for the step before the last, if one was."""
    return 0.0 if now.limit is None else clipped((moment - now.limit) / 5, 2)


def unhanded(now: Standing, days: float, usual: Sequence[float]) -> list[float]:
    """What weighs while the step before the last is still to come."""
    return [
        working_between(now.at, now.at + days) / 3,
        log1p(now.waiting),
        over(now, now.at),
        float(now.steps > 1),
        usual[-1] - usual[0],
    ]


def handed(
    now: Standing, at: float, days: float, usual: Sequence[float], lasts: float
) -> list[float]:
    """What weighs once only the last step is to come; ``lasts`` is how likely that takes longer."""
    return [
        logit(lasts),
        log1p(now.waiting) - 2.5,
        log1p(working_between(at, now.at)) - 2.3,
        working_between(now.at, now.at + days) / 3,
        *finer(usual, 3),
        over(now, at),
        log(max(now.promised - at, 0.5)) - 2.7,
    ]
