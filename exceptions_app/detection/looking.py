"""Looking at facts with every rule: what holds by now, and when it is worth looking again; pure."""

from datetime import datetime

from exceptions_app.detection.policy import SHIPPED, Policy
from exceptions_app.detection.rules.base import Finding, check
from exceptions_app.detection.rules.base import coming as coming_next
from exceptions_app.subjects.facts import Facts


def look(
    facts: Facts, at: datetime, policy: Policy = SHIPPED, site_id: int | None = None
) -> list[Finding]:
    """What the rules find as of an instant."""
    seen = policy.seen(facts, site_id)
    rules = policy.rules_of(facts.kind, site_id)
    return [finding for rule in rules if (finding := check(rule, seen, at))]


def next_look(
    facts: Facts, at: datetime, policy: Policy = SHIPPED, site_id: int | None = None
) -> datetime | None:
    """The next instant after ``at`` at which some rule comes to hold, or what is watched becomes a case.

    If nothing is heard until then.
    """
    seen, threshold = policy.seen(facts, site_id), policy.threshold_at(site_id)
    rules = policy.rules_of(facts.kind, site_id)
    comings = (coming_next(rule, seen, at, threshold) for rule in rules)
    return min(
        (coming for coming in comings if coming is not None and coming > at),
        default=None,
    )
