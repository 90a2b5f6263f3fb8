"""What the desk would have done at each moment of a history, by its rules and by learned risk; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from exceptions_app.backtest.walk import Looks
from exceptions_app.detection.looking import look as found_by_rules
from exceptions_app.detection.looking import next_look
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.risk.learner import Learner, Weigher, missed_by
from exceptions_app.detection.risk.model import Model, reason
from exceptions_app.detection.risk.shapes import AGE, AHEAD, Look, shape_of
from exceptions_app.detection.risk.thresholds import Goal, Past, Thresholds, chosen
from exceptions_app.subjects.facts import Facts

RULES = "rules"
PREDICTED = "predicted_late"
#: Thresholds are chosen on the promises of so many days.
LOOKING_BACK = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Alert:
    """A case that would have been opened, and why."""

    reference: str
    rule: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Score:
    """How likely it was thought, at a look while it was open, that the promise would be missed."""

    reference: str
    look: Look
    at: datetime
    chance: float


@dataclass
class Deciding:
    """A watcher that decides on nothing but what it was told."""

    policy: Policy
    model: Model
    goal: Goal
    site_id: int | None = None
    #: What weighs instead of the plain model, beside which it learns.
    instead: Mapping[Look, Weigher] | None = None
    alerts: list[Alert] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    plain_scores: list[Score] = field(default_factory=list)
    raised: set[tuple[str, str]] = field(default_factory=set)
    rules_due: dict[str, datetime] = field(default_factory=dict)
    chances: dict[str, dict[Look, float]] = field(default_factory=lambda: defaultdict(dict))
    thresholds: dict[Look, Thresholds] = field(default_factory=dict)
    learner: Learner = field(init=False)

    def __post_init__(self) -> None:
        self.looks = shape_of(self.model.kind).looks
        self.learner = Learner(self.model, [self.instead] if self.instead else [])
        self.choose([])

    def heard(self, before: Facts | None, facts: Facts, at: datetime) -> Looks:
        self.learner.heard(before, facts)
        if before is None or before.promised_at != facts.promised_at:
            yield from shape_of(facts.kind).moments(facts)
        yield from self.by_rules(facts, at)

    def looked(self, facts: Facts, at: datetime, look: Look) -> Looks:
        if look[0] == RULES:
            if self.rules_due.get(facts.reference) == at:
                yield from self.by_rules(facts, at)
        elif (at, look) in shape_of(facts.kind).moments(facts):
            self.by_risk(facts, at, look)
            self.learner.looked(facts, at, look)

    def by_rules(self, facts: Facts, at: datetime) -> Iterator[tuple[datetime, Look]]:
        for finding in found_by_rules(facts, at, self.policy, self.site_id):
            if self.policy.opens(finding, self.site_id):
                self.alert(Alert(facts.reference, finding.rule, at, finding.title))
        coming = next_look(facts, at, self.policy, self.site_id)
        if coming is not None:
            self.rules_due[facts.reference] = coming
            yield coming, (RULES, 0)

    def by_risk(self, facts: Facts, at: datetime, look: Look) -> None:
        if look not in self.looks or facts.ended_at is not None:
            return
        numbers = self.model.numbers(facts, at, look)
        if numbers is None:
            return
        plain = chance = self.model.weighing[look].chance(numbers)
        if self.instead:
            chance = self.instead[look].chance(numbers)
        self.plain_scores.append(Score(facts.reference, look, at, plain))
        self.scores.append(Score(facts.reference, look, at, chance))
        self.chances[facts.reference][look] = chance
        if self.thresholds[look].alerts(look, chance):
            rule = f"{facts.kind.value}.{PREDICTED}"
            self.alert(Alert(facts.reference, rule, at, reason(facts, at, chance)))

    def alert(self, alert: Alert) -> None:
        """Once for each rule and subject, as cases are."""
        if (alert.reference, alert.rule) not in self.raised:
            self.raised.add((alert.reference, alert.rule))
            self.alerts.append(alert)

    def learns(self, known: Mapping[str, Facts], at: datetime) -> None:
        self.learner.refit(at, known, shape_of(self.model.kind).every)
        self.choose(list(self.past(known, at)))

    def choose(self, past: Sequence[Past]) -> None:
        for kind in (AHEAD, AGE):
            looks = [look for look in self.looks if look[0] == kind]
            if looks:
                self.thresholds |= dict.fromkeys(looks, chosen(past, looks, self.goal))

    def past(self, known: Mapping[str, Facts], at: datetime) -> Iterator[Past]:
        """Those looked at whose promise has passed, not too long ago."""
        for reference in list(self.chances):
            facts = known[reference]
            promised = facts.promised_at
            if promised is None or promised > at:
                continue
            if promised < at - LOOKING_BACK:
                del self.chances[reference]
            elif (missed := missed_by(facts, promised)) is not None:
                yield Past(self.chances[reference], missed)
