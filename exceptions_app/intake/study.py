"""One subject and the signals that came for it: what is known then, and what the rules found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from exceptions_app.detection.looking import coming, holding, look, next_look, standing
from exceptions_app.detection.policy import SHIPPED, Policy
from exceptions_app.detection.rules.base import Finding
from exceptions_app.intake.items import Place
from exceptions_app.intake.learning import learn, stamp_of
from exceptions_app.intake.shape import NewSignal
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.models import Subject

AT = attrgetter("moment")


class Heard(NamedTuple):
    """A signal, and as of when it was heard."""

    moment: datetime
    signal: NewSignal
    place: Place


@dataclass
class Studied:
    """A subject with its facts before and after, and each finding with the instant of finding it.

    ``holds`` are those of the last look: what a later signal took back holds no more. ``told_by`` has, by the
    id of a finding, the source whose signal was heard just then.
    """

    subject: Subject
    before: Facts
    after: Facts
    findings: list[tuple[Finding, datetime]] = field(default_factory=list)
    holds: list[Finding] = field(default_factory=list)
    told_by: dict[int, int] = field(default_factory=dict)

    @property
    def regraded(self) -> bool:
        """Whether the signals changed what severities follow."""
        before, after = self.before, self.after
        return (before.tier, before.value) != (after.tier, after.value)


def study(
    subject: Subject,
    known: Facts,
    heard: Sequence[Heard],
    *,
    policy: Policy = SHIPPED,
    wakes: bool = False,
) -> Studied:
    """Learn what was heard at one moment, then look once.

    Where signals of one batch were heard at different moments (replayed history), what came to hold between
    two of them is found as of then: the batch must not hide what a desk would have seen. A subject that
    ``wakes`` was asleep until the first of them: what came to hold meanwhile, nobody would have seen.
    """
    facts, looked, site = known, subject.last_signal_at, subject.site_id
    studied, waits = Studied(subject, known, known), subject.next_look_at
    for moment, together in groupby(sorted(heard, key=AT), key=AT):
        passed = looked is not None and looked < moment and (waits is None or waits < moment)
        if looked is not None and passed and not wakes:
            studied.findings += between(facts, looked, moment, policy, site)
        looked = moment = max(looked or moment, moment)
        news, first_told = list(together), dict[tuple[str, str], int]()
        several = len({one.place.source_id for one in news}) > 1
        for _, signal, place in news:
            facts = learn(facts, signal)
            if place.team_id and facts.said_at["team"] == stamp_of(signal):
                subject.team_id = place.team_id
            for finding in look(facts, moment, policy, site) if several else ():
                first_told.setdefault(named(finding), place.source_id)
        subject.opened_at = facts.opened_at or subject.opened_at
        seen = policy.seen(facts, site)
        stands = standing(seen, policy, site)
        studied.holds = holding(stands, seen, moment)
        waits = coming(stands, studied.holds, seen, moment, policy.threshold_at(site))
        studied.findings += [(finding, moment) for finding in studied.holds]
        last = news[-1].place.source_id
        studied.told_by |= {id(one): first_told.get(named(one), last) for one in studied.holds}
    subject.last_signal_at, subject.next_look_at = looked, waits
    studied.after = facts
    return studied


def named(finding: Finding) -> tuple[str, str]:
    """By which a finding is the same after another signal."""
    return finding.rule, finding.key


def between(
    facts: Facts,
    after: datetime,
    before: datetime,
    policy: Policy,
    site: int | None,
) -> list[tuple[Finding, datetime]]:
    """What came to hold, or to matter, strictly between two instants, nothing being heard."""
    found = []
    moment = next_look(facts, after, policy, site)
    while moment is not None and moment < before:
        found += [(finding, moment) for finding in look(facts, moment, policy, site)]
        moment = next_look(facts, moment, policy, site)
    return found
