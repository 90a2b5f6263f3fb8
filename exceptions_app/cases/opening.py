"""Opening cases, many at once: rows, numbers, clocks and timeline in a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from exceptions_app.cases.models import Case
from exceptions_app.cases.traits import traits_of
from exceptions_app.people.access import Actor
from exceptions_app.sla import clocks
from exceptions_app.subjects.models import Subject
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.vocabulary import ExceptionType, Severity
from exceptions_app.writing import update


@dataclass(frozen=True)
class Opening:
    """A case about to be opened."""

    title: str
    exception_type: ExceptionType
    severity: Severity
    site_id: int
    by: Actor
    at: datetime
    team_id: int | None = None
    subject: Subject | None = None
    reference: str = ""
    customer_name: str = ""
    description: str = ""
    rule: str = ""
    key: str = ""
    since: datetime | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    imported: bool = False
    parent_id: int | None = None
    former_id: int | None = None
    quarantine_id: int | None = None


def open_cases(openings: Sequence[Opening], *, at: datetime) -> list[Case]:
    """Open a case for each; the clocks start at the opening's own instant, then follow to ``at``."""
    if not openings:
        return []
    with transaction.atomic():
        numbers = next_numbers(len(openings))
        cases = [
            as_case(opening, number) for opening, number in zip(openings, numbers, strict=True)
        ]
        Case.objects.bulk_create(cases)
        clocks.start_many([starting(case) for case in cases])
        record_many(opened(case, opening) for case, opening in zip(cases, openings, strict=True))
        keep_standings(cases, clocks.follow_many([case.pk for case in cases], at=at))
    return cases


def next_numbers(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('exceptions_app_case_numbers') FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def as_case(opening: Opening, number: int) -> Case:
    subject = opening.subject
    case: Case = Case(
        number=number,
        title=opening.title,
        exception_type=opening.exception_type,
        severity=opening.severity,
        site_id=opening.site_id,
        team_id=opening.team_id,
        subject=subject,
        reference=opening.reference or (subject.reference if subject else ""),
        customer_name=opening.customer_name
        or (str(subject.customer.get("name", ""))[:120] if subject else ""),
        tier=subject.tier if subject else "",
        value=subject.value if subject else None,
        promised_at=subject.promised_at if subject else None,
        description=opening.description,
        rule=opening.rule,
        key=opening.key,
        since=opening.since,
        evidence=opening.evidence,
        opened_at=opening.at,
        last_seen_at=opening.at,
        changed_at=opening.at,
        imported=opening.imported,
        parent_id=opening.parent_id,
        former_id=opening.former_id,
        quarantine_id=opening.quarantine_id,
        traits=traits_of(subject) if subject else [],
    )
    return case


def starting(case: Case) -> clocks.Starting:
    match = clocks.Match(case.exception_type, Severity(case.severity), case.tier, case.site_id)
    return clocks.Starting(case.pk, match, case.opened_at)


def opened(case: Case, opening: Opening) -> New:
    data = {
        "title": case.title,
        "severity": Severity(case.severity).slug,
        "exception_type": case.exception_type,
        "rule": case.rule,
        "version": 1,
    }
    return New(case.pk, "case.opened", opening.by, opening.at, data)


def keep_standings(cases: Iterable[Case], standings: dict[int, clocks.Standing]) -> None:
    """Put what the clocks say on the cases, where the board sorts by it."""
    changed = []
    for case in cases:
        standing = standings.get(case.pk)
        if standing and (case.due_at, case.breached) != (
            standing.due_at,
            standing.breached,
        ):
            case.due_at, case.breached = standing.due_at, standing.breached
            changed.append(case)
    update(changed, ("due_at", "breached"))
