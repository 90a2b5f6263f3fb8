"""The learned risk as a rule: a promise that will probably be missed, long before it is (T19)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from exceptions_app.detection.risk.model import Model, reason
from exceptions_app.detection.risk.shapes import PATHS, SHAPES, Look, shape_of
from exceptions_app.detection.rules.base import Common, Finding, Parameters, Percent
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

#: From this chance on it is more than a watchful eye that is needed.
VERY = 0.85
SHIPPED = Percent(75)


@dataclass(frozen=True, kw_only=True)
class Predicted(Common):
    """Learned from the site's own history: the promise will probably be missed.

    It looks so many days before the promise, as the model does, and holds from the first look on at which the
    chance is that high. Without a model it holds never.
    """

    least: Percent = SHIPPED
    model: Model | None = field(default=None, compare=False, hash=False, repr=False)
    learned_at: datetime | None = None

    parameters: ClassVar[Parameters] = {
        "least": ("Chance, in percent", "From which chance of missing the promise on it is a case"),
    }

    @property
    def awaits(self) -> tuple[str, ...]:
        path = PATHS[self.kind]
        return path.before, path.keeps

    def when(self, facts: Facts) -> datetime | None:
        found = self.first(facts)
        return found[0] if found else None

    def first(self, facts: Facts) -> tuple[datetime, float] | None:
        """The first look, since anything was last heard, that says so, and the chance it saw."""
        if self.model is None or facts.ended_at is not None or facts.promised_at is None:
            return None
        known = [step.actual_at for step in facts.milestones.values() if step.actual_at]
        since = max(known, default=facts.opened_at)
        for at, look in sorted(self.looks(facts)):
            chance = self.model.chance(facts, at, look) if since and at >= since else None
            if chance is not None and chance >= self.least / 100:
                return at, chance
        return None

    def looks(self, facts: Facts) -> list[tuple[datetime, Look]]:
        shape = shape_of(facts.kind)
        return [one for one in shape.moments(facts) if one[1] in shape.looks]

    def finding(self, facts: Facts, since: datetime) -> Finding:
        found = super().finding(facts, since)
        _, chance = self.first(facts) or (since, 0.0)
        told = {"chance": round(chance, 3), "reason": reason(facts, since, chance)}
        severity = Severity.HIGH if chance >= VERY else found.severity
        path = PATHS[facts.kind]
        awaits = path.keeps if facts.reached(path.before) else path.before
        return replace(
            found, severity=severity, evidence={**found.evidence, **told}, awaits=(awaits,)
        )

    def shown(self, facts: Facts) -> dict[str, Any]:
        return {"learned_at": self.learned_at.isoformat() if self.learned_at else None}


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
