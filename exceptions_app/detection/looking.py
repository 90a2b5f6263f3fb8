"""Looking at facts with every rule: what holds by now, and when it is worth looking again; pure."""

from datetime import datetime

from exceptions_app.detection.rules.base import Finding, check
from exceptions_app.detection.rules.catalogue import OF_KIND
from exceptions_app.subjects.facts import Facts


def look(facts: Facts, at: datetime) -> list[Finding]:
    """What the rules find as of an instant."""
    return [finding for rule in OF_KIND[facts.kind] if (finding := check(rule, facts, at))]


def next_look(facts: Facts, at: datetime) -> datetime | None:
    """The next instant after ``at`` at which some rule comes to hold, if nothing is heard until then."""
    comings = (rule.when(facts) for rule in OF_KIND[facts.kind])
    return min(
        (coming for coming in comings if coming is not None and coming > at),
        default=None,
    )
