"""How a subject stands as of a moment, in the numbers that a risk is weighed by; pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import log, log1p

from exceptions_app.detection.risk.shapes import PATHS, Path
from exceptions_app.subjects.facts import Facts

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Standing:
    """In days; ``handed`` and ``over`` are how long ago the step before the last came, and was expected."""

    at: float
    promised: float
    begun: float
    stage: float
    paid: bool
    handed: float | None
    limit: float | None

    @property
    def waiting(self) -> float:
        """How long nothing has happened."""
        return max(self.at - (self.stage if self.handed is None else self.handed), 0.0)


def local_days(at: datetime, zone: tzinfo) -> float:
    """Days on the wall clock of the site, so that weekdays and midnights are its own."""
    local = at.astimezone(zone)
    return local.toordinal() + (local.hour * 3600 + local.minute * 60 + local.second) / DAY


def working(day: float) -> float:
    """Working days since a Monday long ago, at any instant."""
    weeks, rest = divmod(day - 1, 7)
    return weeks * 5 + min(rest, 5.0)


def working_between(start: float, end: float) -> float:
    return max(working(end) - working(start), 0.0)


def standing(facts: Facts, at: datetime, zone: tzinfo) -> Standing | None:
    """None: nothing is promised, or nothing has begun."""
    path, promised = PATHS[facts.kind], facts.promised_at
    begun = [t for name in path.early if (t := facts.reached(name))]
    handed, limit = facts.reached(path.before), facts.expected(path.before)
    first = min(begun, default=handed)
    if promised is None or first is None:
        return None
    return Standing(
        at=local_days(at, zone),
        promised=local_days(promised, zone),
        begun=local_days(first, zone),
        stage=local_days(max(begun, default=first), zone),
        paid=len(begun) > 1,
        handed=local_days(handed, zone) if handed else None,
        limit=local_days(limit, zone) if limit else None,
    )
