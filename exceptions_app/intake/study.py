"""One subject and the signals that came for it: what is known then, and what the rules found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.policy import SHIPPED, Policy
from exceptions_app.detection.rules.base import Finding
from exceptions_app.intake.items import Place
from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.models import Subject


class Heard(NamedTuple):
    """A signal, and as of when it was heard."""

    moment: datetime
    signal: NewSignal
    place: Place


@dataclass
class Studied:
    """A subject with its facts before and after, and each finding with the instant of finding it."""

    subject: Subject
    before: Facts
    after: Facts
    findings: list[tuple[Finding, datetime]] = field(default_factory=list)


def study(
    subject: Subject,
    known: Facts,
    heard: Sequence[Heard],
    *,
    policy: Policy = SHIPPED,
    wakes: bool = False,
) -> Studied:
    """Learn signal by signal.

    Where signals of one batch were heard at different moments (replayed history), what came to hold between
    two of them is found as of then: the batch must not hide what a desk would have seen. A subject that
    ``wakes`` was asleep until the first of them: what came to hold meanwhile, nobody would have seen.
    """
    facts, looked, site = known, subject.last_signal_at, subject.site_id
    studied, seen = Studied(subject, known, known), policy.seen(known, site)
    for moment, signal, place in sorted(heard, key=lambda one: one.moment):
        if looked is not None and looked < moment and not wakes:
            studied.findings += between(seen, looked, moment, policy, site)
        if looked is not None and looked > moment:
            moment = looked
        facts = learn(facts, signal)
        looked = moment
        if place.team_id and facts.said_at["team"] == signal.occurred_at:
            subject.team_id = place.team_id
        subject.opened_at = min(subject.opened_at, signal.occurred_at)
        seen = policy.seen(facts, site)
        studied.findings += [(finding, moment) for finding in look(seen, moment, policy, site)]
    subject.last_signal_at = looked
    subject.next_look_at = next_look(seen, looked, policy, site) if looked else None
    studied.after = facts
    return studied


def between(
    facts: Facts,
    after: datetime,
    before: datetime,
    policy: Policy = SHIPPED,
    site: int | None = None,
) -> list[tuple[Finding, datetime]]:
    """What came to hold strictly between two instants, nothing being heard."""
    found = []
    moment = next_look(facts, after, policy, site)
    while moment is not None and moment < before:
        holds = look(facts, moment, policy, site)
        found += [(finding, moment) for finding in holds if finding.since == moment]
        moment = next_look(facts, moment, policy, site)
    return found
