"""From which chance on to raise an alert, chosen on what is past; pure.

One threshold holds at every look, and at the last one before the promise everything still open is caught if
more than half of it was missed lately. What slips through is caught by the rules when the promise is broken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from exceptions_app.detection.risk.shapes import AGE, Look

CANDIDATES = tuple(share / 40 for share in range(36, 19, -1))
#: Fewer missed promises than this say nothing about a threshold.
FEW = 20
#: Of at least so many that a threshold would have raised, so large a share has to have been missed.
FEW_RAISED, MOST = 5, 0.5
NEVER = 1.01
CATCH_ALL = 0.5


@dataclass(frozen=True)
class Goal:
    """What is wanted of the alerts: how many days before the promise on average, and the first guess.

    Where promises are short, it is no more than ``reach`` of what alerting at the first look would give.
    """

    lead_days: float = 3.1
    reach: float = 0.5
    at_first: float = 0.75


GOAL = Goal()


@dataclass(frozen=True, slots=True)
class Past:
    """What was thought of a subject at each look while it was open, and whether its promise was missed."""

    chances: Mapping[Look, float]
    missed: bool

    def at(self, looks: Sequence[Look]) -> "Past":
        """What was thought at these alone: the number of a look is of hours or of days."""
        return replace(
            self, chances={look: self.chances[look] for look in looks if look in self.chances}
        )


@dataclass(frozen=True)
class Thresholds:
    """The least chance that raises an alert, and the look that catches everything, if one does."""

    least: float
    catch_all: Look | None = None

    def alerts(self, look: Look, chance: float) -> bool:
        return look == self.catch_all or chance >= self.least

    def words(self, look: Look) -> str:
        """From what on it alerts at a look."""
        if look == self.catch_all:
            return "everything open at the last look, as most of it was missed lately"
        if self.least >= NEVER:
            return "nothing, as what was thought likely was mostly kept lately"
        age = f" at the age of {look[1]} hours" if look[0] == AGE else ""
        return f"a chance of at least {self.least:.0%}{age}"

    def first_alert(self, chances: Mapping[Look, float]) -> Look | None:
        """The look that would have raised it; looks come in their order."""
        return next((look for look, chance in chances.items() if self.alerts(look, chance)), None)


def chosen(past: Sequence[Past], looks: Sequence[Look], goal: Goal = GOAL) -> Thresholds:
    """The strictest threshold that still alerts as early as is wanted."""
    last, first = looks[-1], Thresholds(goal.at_first)
    if last[0] == AGE:
        return first
    past = [one.at(looks) for one in past]
    first = replace(first, catch_all=last if share_missed(past, last) > CATCH_ALL else None)
    if sum(one.missed for one in past) < FEW:
        return first
    wanted = min(goal.lead_days, goal.reach * mean_lead(Thresholds(0.0), past))
    tried = (replace(first, least=least) for least in CANDIDATES)
    found = next((one for one in tried if mean_lead(one, past) >= wanted), first)
    return found if justified(found, past) else replace(first, least=NEVER)


def justified(thresholds: Thresholds, past: Iterable[Past]) -> bool:
    """Whether most of those that it would have raised were missed; a chance is only a claim until then."""
    raised = [one.missed for one in past if thresholds.first_alert(one.chances)]
    return len(raised) >= FEW_RAISED and fmean(raised) >= MOST


def share_missed(past: Iterable[Past], look: Look) -> float:
    """Of those still open at a look."""
    stood = [one.missed for one in past if look in one.chances]
    return fmean(stood) if len(stood) >= FEW else 0.0


def mean_lead(thresholds: Thresholds, past: Iterable[Past]) -> float:
    """In days before the promise, over the missed ones; who got no alert was told by the rules, too late."""
    firsts = (thresholds.first_alert(one.chances) for one in past if one.missed)
    return fmean(first[1] if first else 0.0 for first in firsts)
