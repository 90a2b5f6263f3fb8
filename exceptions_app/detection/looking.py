"""Looking at facts with every rule: what holds by now, and when it is worth looking again; pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from exceptions_app.detection.materiality import rises_at, weighed
from exceptions_app.detection.policy import SHIPPED, Policy
from exceptions_app.detection.rules.base import Finding, Rule
from exceptions_app.subjects.facts import Facts

#: The rules that hold on some facts, or will, each with the instant from which on.
Standing = Sequence[tuple[Rule, datetime]]


def look(
    facts: Facts, at: datetime, policy: Policy = SHIPPED, site_id: int | None = None
) -> list[Finding]:
    """What the rules find as of an instant."""
    seen = policy.seen(facts, site_id)
    return holding(standing(seen, policy, site_id), seen, at)


def next_look(
    facts: Facts, at: datetime, policy: Policy = SHIPPED, site_id: int | None = None
) -> datetime | None:
    """The next instant at which a rule comes to hold, finds what is graver, or what is watched opens a case.

    That is after ``at``, if nothing is heard until then.
    """
    return outlook(facts, at, policy, site_id)[1]


def outlook(
    facts: Facts, at: datetime, policy: Policy, site_id: int | None
) -> tuple[list[Finding], datetime | None]:
    """What is found as of an instant, and when next to look; for half of what both would cost."""
    seen = policy.seen(facts, site_id)
    known = standing(seen, policy, site_id)
    found = holding(known, seen, at)
    return found, coming(known, found, seen, at, policy.threshold_at(site_id))


def standing(seen: Facts, policy: Policy, site_id: int | None) -> Standing:
    """Every rule is asked once; what follows from it is asked of what it said."""
    rules = policy.rules_of(seen.kind, site_id)
    return [(rule, since) for rule in rules if (since := rule.when(seen)) is not None]


def holding(known: Standing, seen: Facts, at: datetime) -> list[Finding]:
    """What is found as of an instant, and how much it matters then."""
    return [weighed(rule.finding(seen, since), seen, at) for rule, since in known if since <= at]


def coming(
    known: Standing, found: Iterable[Finding], seen: Facts, at: datetime, threshold: int
) -> datetime | None:
    """When next to look, if nothing is heard until then; ``found`` is what holds by now."""
    comings = [since for _, since in known if since > at]
    for finding in found:
        if finding.graver is not None:  # else it would have been found in its place
            comings.append(finding.graver.since)
        rises = rises_at(finding, seen, at, threshold) if finding.score < threshold else None
        if rises is not None and rises > at:
            comings.append(rises)
    return min(comings, default=None)
