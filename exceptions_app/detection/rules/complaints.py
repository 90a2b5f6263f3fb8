"""Rules about complaints: each is a case, and whoever complains again about the same joins it (T3)."""

from exceptions_app.detection.rules.base import Reported
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def by_tier_and_repeats(facts: Facts) -> Severity:
    repeated = facts.reports.get("repeated")
    often = repeated is not None and repeated.times > 1
    return Severity.HIGH if facts.tier == "gold" or often else Severity.MEDIUM


RULES = (
    Reported(
        slug="complaint.received",
        kind=SubjectKind.COMPLAINT,
        exception_type=ExceptionType.COMPLAINT,
        words=("received", "repeated"),
        unless=("settled", "withdrawn"),
        title="{customer} complains: {name}",
        team="support",
        severity=by_tier_and_repeats,
        shared="about",
        about="received",
    ),
)
