"""A learned model and from which chances on it alerts: what decides, in a backtest as on the desk; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import Look, look_named, named, shape_of
from exceptions_app.detection.risk.thresholds import GOAL, Thresholds
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import SubjectKind

#: The thresholds of each look that may raise an alert.
Chosen = Mapping[Look, Thresholds]


@dataclass(frozen=True)
class Foresight:
    """Whoever alerts asks this, with the facts as they are known."""

    model: Model
    chosen: Chosen

    def chance(self, facts: Facts, at: datetime, look: Look) -> float | None:
        """How likely the promise is missed; None where there is nothing to ask at this look."""
        if facts.ended_at is not None or look not in self.chosen:
            return None
        return self.model.chance(facts, at, look)

    def alerts(self, look: Look, chance: float) -> bool:
        return self.chosen[look].alerts(look, chance)

    def from_chance(self, percent: int) -> "Foresight":
        """The same with one fixed threshold at every look, and nothing else."""
        return Foresight(self.model, fixed(percent, self.chosen))

    def words(self, look: Look) -> str:
        """From what on it alerts at a look."""
        return self.chosen[look].words(look)


def in_words(chosen: Chosen) -> str:
    """From what on it alerts, look by look where they differ."""
    return "; ".join(dict.fromkeys(one.words(look) for look, one in chosen.items()))


def fixed(percent: int, looks: Mapping[Look, Any]) -> Chosen:
    return dict.fromkeys(looks, Thresholds(percent / 100))


def chosen_json(chosen: Chosen) -> dict[str, Any]:
    return {
        named(look): {
            "least": one.least,
            "catch_all": named(one.catch_all) if one.catch_all else None,
        }
        for look, one in chosen.items()
    }


def read_chosen(told: Mapping[str, Any], kind: SubjectKind) -> Chosen:
    """As they were kept; where none were, the first guess."""
    kept = {
        look_named(name): Thresholds(
            one["least"], look_named(one["catch_all"]) if one["catch_all"] else None
        )
        for name, one in told.items()
    }
    return {look: kept.get(look) or Thresholds(GOAL.at_first) for look in shape_of(kind).looks}
