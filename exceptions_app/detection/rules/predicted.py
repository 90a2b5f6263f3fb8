"""The learned risk as a rule: a promise that will probably be missed, long before it is (T19)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from exceptions_app.detection.risk.foresight import Foresight
from exceptions_app.detection.risk.model import reason
from exceptions_app.detection.risk.shapes import PATHS, SHAPES, Look, shape_of
from exceptions_app.detection.rules.base import Common, Finding, Parameters, Percent
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

#: From this chance on it is more than a watchful eye that is needed.
VERY = 0.85


class Alarm(NamedTuple):
    """A look that alerts, and the chance that it saw."""

    at: datetime
    look: Look
    chance: float


@dataclass(frozen=True, slots=True)
class Adoption:
    """Since when and by whose word what was learned holds."""

    learned_at: datetime
    at: datetime
    by: str

    def shown(self) -> dict[str, str]:
        return {
            "learned_at": self.learned_at.isoformat(),
            "adopted_at": self.at.isoformat(),
            "adopted_by": self.by,
        }


@dataclass(frozen=True, kw_only=True)
class Predicted(Common):
    """Learned from the site's own history: the promise will probably be missed.

    It looks so many days before the promise, as the model does, and holds from the first look on that alerts:
    as the desk chose on what came lately, or from a fixed chance on. Without a model it holds never.
    """

    least: Percent | None = None
    learned: Foresight | None = field(default=None, compare=False, hash=False, repr=False)
    adoption: Adoption | None = None

    parameters: ClassVar[Parameters] = {
        "least": (
            "Fixed chance, in percent",
            "From which chance of missing the promise on it is a case. Empty: as the desk chooses on what "
            "came lately, anew each night; at the last look it may take everything that is open.",
        ),
    }
    unset: ClassVar = {"least": "as the desk chooses"}

    @property
    def foresight(self) -> Foresight | None:
        if self.learned is None or self.least is None:
            return self.learned
        return self.learned.from_chance(self.least)

    @property
    def awaits(self) -> tuple[str, ...]:
        path = PATHS[self.kind]
        return path.before, path.keeps

    def when(self, facts: Facts) -> datetime | None:
        found = self.first(facts)
        return found.at if found else None

    def first(self, facts: Facts) -> Alarm | None:
        return next(self.alarms(facts), None)

    def alarms(self, facts: Facts) -> Iterator[Alarm]:
        """The looks that alert, since anything was last heard that it goes by."""
        foresight = self.foresight
        if foresight is None or facts.promised_at is None:
            return
        since = heard_last(facts)
        for at, look in sorted(shape_of(facts.kind).moments(facts)):
            chance = foresight.chance(facts, at, look) if since and at >= since else None
            if chance is not None and foresight.alerts(look, chance):
                yield Alarm(at, look, chance)

    def finding(self, facts: Facts, since: datetime) -> Finding:
        """By the first look that alerts, and by the first that sees a graver chance once that has come."""
        alarms = self.alarms(facts)
        first = next(alarms, None)
        if first is None:
            raise LookupError("Only what alerts is a finding.")
        found = self.of_alarm(facts, first)
        if first.chance >= VERY:
            return found
        graver = next((one for one in alarms if one.chance >= VERY), None)
        return replace(found, graver=self.of_alarm(facts, graver) if graver else None)

    def of_alarm(self, facts: Facts, alarm: Alarm) -> Finding:
        found = super().finding(facts, alarm.at)
        path = PATHS[facts.kind]
        awaits = path.keeps if facts.reached(path.before) else path.before
        return replace(
            found,
            severity=Severity.HIGH if alarm.chance >= VERY else found.severity,
            evidence={**found.evidence, **self.told(facts, alarm)},
            awaits=(awaits,),
        )

    def told(self, facts: Facts, alarm: Alarm) -> dict[str, Any]:
        """What the chance was, why, from what on it counts, and whose word that is."""
        return {
            "chance": round(alarm.chance, 3),
            "reason": reason(facts, alarm.at, alarm.chance),
            "alerts_from": self.foresight.words(alarm.look) if self.foresight else "",
            **(self.adoption.shown() if self.adoption else {}),
        }


def heard_last(facts: Facts) -> datetime | None:
    """When it was last heard that it came further, or is promised for another time."""
    known = [step.actual_at for step in facts.milestones.values() if step.actual_at]
    said = [facts.revisions[-1].said_at] if len(facts.revisions) > 1 else []
    return max([*known, *said], default=facts.opened_at)


def predicted(kind: SubjectKind) -> Predicted:
    """Off until somebody has tried it on history. What it foresees and what then comes is one case."""
    return Predicted(
        slug=f"{kind.value}.predicted_late",
        kind=kind,
        exception_type=ExceptionType.PREDICTED_LATE,
        title=f"{kind.label.capitalize()} {{name}} will probably be late",
        team="dispatch" if kind == SubjectKind.APPOINTMENT else "support",
        about=ABOUT.get(kind, ""),
        off=True,
    )


#: What the rule is about that finds the promise broken.
ABOUT = {SubjectKind.ORDER: "order.late", SubjectKind.DEAL: "delivery"}
RULES = tuple(predicted(kind) for kind in SHAPES)
