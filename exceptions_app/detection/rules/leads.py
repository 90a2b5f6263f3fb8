"""Rules about tasks of the lead system: nobody takes them (T5)."""

from datetime import timedelta

from exceptions_app.detection.rules.base import Silent
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def is_nobodys(facts: Facts) -> bool:
    return not facts.attributes.get("owner")


RULES = (
    Silent(
        slug="lead_task.unowned",
        kind=SubjectKind.LEAD_TASK,
        exception_type=ExceptionType.LEAD_UNOWNED,
        after=("created",),
        until=("assigned", "done"),
        silence=timedelta(minutes=30),
        working=True,
        needs=is_nobodys,
        title="Nobody has taken {name} of {customer}",
        team="sales",
        severity=Severity.MEDIUM,
    ),
)
