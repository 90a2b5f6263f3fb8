"""From rows to facts and back: what the tables say about subjects, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from exceptions_app.asking import asked, ids
from exceptions_app.subjects.facts import (
    NOTHING,
    Document,
    Facts,
    Parcel,
    Plan,
    Report,
    Stamp,
    Step,
    Told,
)
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import SubjectKind
from exceptions_app.writing import Row

if TYPE_CHECKING:
    from exceptions_app.sla.hours import Hours

#: Times as text: Python reads that ten times faster than the driver makes times of Django's.
MILESTONES = """
    SELECT subject_id, name, expected_at::text, actual_at::text, reported_at::text, planned_at::text
    FROM exceptions_app_milestone WHERE subject_id = ANY(%s) ORDER BY id
"""
PROMISES = """
    SELECT subject_id, promised_at::text, said_at::text, reason
    FROM exceptions_app_promise WHERE subject_id = ANY(%s)
    ORDER BY said_at, promised_at, reason COLLATE "C"
"""
since = datetime.fromisoformat
#: What one signal says has one stamp; so many of them are kept as text, and as what it says.
KEPT = 64


def facts_of(
    subjects: Iterable[Subject], hours: "Mapping[int, Hours]" = NOTHING
) -> dict[int, Facts]:
    """The facts of each subject, by its id; ``hours`` are the opening hours of sites that rules count in."""
    rows = {subject.id: subject for subject in subjects}
    steps: dict[int, dict[str, Step]] = defaultdict(dict)
    told: dict[int, list[Told]] = defaultdict(list)
    if rows:
        for pk, name, expected, actual, reported_at, planned in asked(MILESTONES, [ids(rows)]):
            times = (instant(expected), instant(actual), since(reported_at), instant(planned))
            steps[pk][name] = Step(*times)
        for pk, promised_at, said_at, reason in asked(PROMISES, [ids(rows)]):
            told[pk].append(Told(since(promised_at), since(said_at), reason))
    return {
        pk: facts(subject, steps[pk], tuple(told[pk]), hours.get(subject.site_id))
        for pk, subject in rows.items()
    }


def facts(
    subject: Subject,
    steps: Mapping[str, Step],
    told: tuple[Told, ...],
    hours: "Hours | None" = None,
) -> Facts:
    more = subject.particulars
    return Facts(
        kind=SubjectKind(subject.kind),
        reference=subject.reference,
        label=subject.label,
        customer=subject.customer,
        tier=subject.tier,
        value=subject.value,
        attributes=subject.attributes,
        opened_at=subject.opened_at,
        ended_at=subject.ended_at,
        milestones=steps,
        reports={word: report_from(row) for word, row in subject.reports.items()},
        promises=told,
        said_at={name: stamp_from(text) for name, text in subject.said_at.items()},
        said_by=more.get("said_by", NOTHING),
        plans=plans_of(subject) if more else (),
        documents=documents_of(subject) if more else NOTHING,
        parcels=parcels_of(subject) if more else NOTHING,
        whole=whole_of(subject) if more else None,
        hours=hours,
    )


@lru_cache(maxsize=KEPT)
def stamp_from(text: str) -> Stamp:
    at, _, by = text.partition(" ")
    return Stamp(datetime.fromisoformat(at), by)


@lru_cache(maxsize=KEPT)
def stamp_text(stamp: Stamp) -> str:
    return f"{stamp.at.isoformat()} {stamp.by}".rstrip()


def report_from(row: Mapping[str, Any]) -> Report:
    at = datetime.fromisoformat(row["at"])
    recent = tuple(map(datetime.fromisoformat, row.get("recent", ()))) or (at,)
    return Report(at, row["times"], row.get("note", ""), instant(row.get("before")), recent)


def report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {"at": report.at.isoformat(), "times": report.times}
    if report.note:
        row["note"] = report.note
    if report.before:
        row["before"] = report.before.isoformat()
    if len(report.recent) > 1:
        row["recent"] = [at.isoformat() for at in report.recent]
    return row


def plans_of(subject: Subject) -> tuple[Plan, ...]:
    return tuple(Plan(**instants(row)) for row in subject.particulars.get("plans", ()))


def documents_of(subject: Subject) -> dict[str, Document]:
    rows = subject.particulars.get("documents", NOTHING)
    return {name: document_from(row) for name, row in rows.items()}


def parcels_of(subject: Subject) -> dict[str, Parcel]:
    rows = subject.particulars.get("parcels", NOTHING)
    return {number: Parcel(**instants(row)) for number, row in rows.items()}


def whole_of(subject: Subject) -> Step | None:
    if not (row := subject.particulars.get("whole")):
        return None
    expected, actual, reported_at, planned = row
    return Step(instant(expected), instant(actual), since(reported_at), instant(planned))


def instants(row: Mapping[str, str]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(at) for name, at in row.items()}


def document_from(row: Mapping[str, Any]) -> Document:
    expires_on = row.get("expires_on")
    return Document(
        said_at=datetime.fromisoformat(row["said_at"]),
        received_at=instant(row.get("received_at")),
        expires_on=date.fromisoformat(expires_on) if expires_on else None,
        number=row.get("number", ""),
        states=row.get("states", NOTHING),
    )


def row_of(said: Document | Parcel | Plan) -> dict[str, Any]:
    fields = ((name, getattr(said, name)) for name in said.__slots__)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields
        if value
    }


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def particulars(facts: Facts) -> dict[str, Any]:
    """What only some kinds have, as it is kept; empty for the rest."""
    if not (facts.said_by or facts.plans or facts.documents or facts.parcels):
        return {}
    kept = {
        "said_by": dict(facts.said_by),
        "plans": [row_of(plan) for plan in facts.plans],
        "documents": {name: row_of(one) for name, one in facts.documents.items()},
        "parcels": {number: row_of(one) for number, one in facts.parcels.items()},
        "whole": [at and at.isoformat() for at in facts.whole or ()],
    }
    return {name: value for name, value in kept.items() if value}


def keep(subject: Subject, known: Facts, changed: Facts) -> tuple[list[Row], list[Row]]:
    """Put changed facts on the subject, unsaved; the milestones and promises to be written beside it."""
    subject.label, subject.tier, subject.value = (
        changed.label,
        changed.tier,
        changed.value,
    )
    subject.customer, subject.attributes = dict(changed.customer), dict(changed.attributes)
    subject.said_at = {name: stamp_text(stamp) for name, stamp in changed.said_at.items()}
    subject.reports = {word: report_row(report) for word, report in changed.reports.items()}
    subject.particulars = particulars(changed)
    subject.promised_at, subject.ended_at = changed.promised_at, changed.ended_at
    milestones: list[Row] = [
        {
            "subject_id": subject.id,
            "name": name,
            "expected_at": step.expected_at,
            "actual_at": step.actual_at,
            "reported_at": step.reported_at,
            "planned_at": step.planned_at,
        }
        for name, step in changed.milestones.items()
        if known.milestones.get(name) != step
    ]
    promises: list[Row] = [
        {
            "subject_id": subject.id,
            "promised_at": told.promised_at,
            "said_at": told.said_at,
            "reason": told.reason,
        }
        for told in changed.promises
        if told not in known.promises
    ]
    return milestones, promises
