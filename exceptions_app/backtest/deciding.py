"""What the desk would have done at each moment of a history, by its rules and by learned risk; pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exceptions_app.backtest.walk import Looks
from exceptions_app.detection.looking import look as found_by_rules
from exceptions_app.detection.looking import next_look
from exceptions_app.detection.materiality import weighed
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.risk.foresight import Foresight
from exceptions_app.detection.risk.learner import Learner, Weigher, missed_by
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import AGE, AHEAD, Look, shape_of
from exceptions_app.detection.risk.thresholds import NEVER, Past, Thresholds, chosen
from exceptions_app.detection.rules.base import Finding
from exceptions_app.detection.rules.predicted import VERY, Alarm, Predicted, heard_last, predicted
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import Severity

RULES = "rules"
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
    """How likely it was thought, at a look while it was open, that the promise would be missed.

    From the chance ``opens_from`` on it would have mattered enough for a case by then; ``since`` is when
    anything was last heard that chances go by.
    """

    reference: str
    look: Look
    at: datetime
    chance: float
    opens_from: float = 0.0
    since: datetime | None = None


@dataclass
class Standing:
    """What has alerted holds on, as on the desk: it opens a case once it matters enough for one."""

    #: By subject the last look at it, and the gravest chance that alerted.
    known: dict[str, tuple[datetime, float]] = field(default_factory=dict)

    def opens(self, score: Score, *, alerts: bool) -> bool:
        looked, gravest = self.known.get(score.reference, (score.at, -1.0))
        if score.since is not None and looked < score.since:
            gravest = -1.0
        if alerts:
            gravest = max(gravest, score.chance)
        self.known[score.reference] = score.at, gravest
        return 0 <= gravest >= score.opens_from


@dataclass
class Deciding:
    """A watcher that decides on nothing but what it was told."""

    policy: Policy
    model: Model
    site_id: int | None = None
    #: What weighs instead of the plain model, beside which it learns.
    instead: Mapping[Look, Weigher] | None = None
    alerts: list[Alert] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    plain_scores: list[Score] = field(default_factory=list)
    raised: set[tuple[str, str]] = field(default_factory=set)
    standing: Standing = field(default_factory=Standing)
    rules_due: dict[str, datetime] = field(default_factory=dict)
    chances: dict[str, dict[Look, float]] = field(default_factory=lambda: defaultdict(dict))
    #: The rule of learned risk, as it would have held on the desk at this moment.
    rule: Predicted = field(init=False)
    foresight: Foresight = field(init=False)
    learner: Learner = field(init=False)

    def __post_init__(self) -> None:
        self.rule = predicted(self.model.kind)
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
        plain = chance = self.foresight.chance(facts, at, look)
        if plain is None or chance is None:
            return
        numbers = self.model.numbers(facts, at, look) if self.instead else None
        if self.instead and numbers:
            chance = self.instead[look].chance(numbers)
        found = self.rule.of_alarm(facts, Alarm(at, look, chance))
        least, since = self.opens_from(found, facts, at), heard_last(facts)
        score = Score(facts.reference, look, at, chance, least, since)
        self.plain_scores.append(replace(score, chance=plain))
        self.scores.append(score)
        self.chances[facts.reference][look] = chance
        if self.standing.opens(score, alerts=self.foresight.alerts(look, chance)):
            self.alert(Alert(facts.reference, found.rule, at, found.evidence["reason"]))

    def opens_from(self, found: Finding, facts: Facts, at: datetime) -> float:
        """From which chance on what it finds would matter enough for a case by now."""
        for least, severity in ((0.0, self.rule.grade(facts)), (VERY, Severity.HIGH)):
            graded = weighed(replace(found, severity=severity), facts, at)
            if self.policy.opens(graded, self.site_id):
                return least
        return NEVER

    def alert(self, alert: Alert) -> None:
        """Once for each rule and subject, as cases are."""
        if (alert.reference, alert.rule) not in self.raised:
            self.raised.add((alert.reference, alert.rule))
            self.alerts.append(alert)

    def learns(self, known: Mapping[str, Facts], at: datetime) -> None:
        self.learner.refit(at, known, shape_of(self.model.kind).every)
        self.choose(list(self.past(known, at)))

    def choose(self, past: Sequence[Past]) -> None:
        looks, found = shape_of(self.model.kind).looks, dict[Look, Thresholds]()
        for kind in (AHEAD, AGE):
            alike = [look for look in looks if look[0] == kind]
            if alike:
                found |= dict.fromkeys(alike, chosen(past, alike))
        self.foresight = Foresight(self.model, found)
        self.rule = replace(self.rule, learned=self.foresight)

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
