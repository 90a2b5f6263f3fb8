"""From rows to facts and back: what the tables say about subjects, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from exceptions_app.subjects.facts import Facts, Report, Step, Told
from exceptions_app.subjects.models import Milestone, Promise, Subject
from exceptions_app.vocabulary import SubjectKind


def facts_of(subjects: Iterable[Subject]) -> dict[int, Facts]:
    """The facts of each subject, by its id."""
    rows = {subject.pk: subject for subject in subjects}
    steps: dict[int, dict[str, Step]] = defaultdict(dict)
    milestones = Milestone.objects.filter(subject__in=rows).order_by("id")
    for pk, name, expected_at, actual_at, reported_at in milestones.values_list(
        "subject_id", "name", "expected_at", "actual_at", "reported_at"
    ):
        steps[pk][name] = Step(expected_at, actual_at, reported_at)
    told: dict[int, list[Told]] = defaultdict(list)
    promises = Promise.objects.filter(subject__in=rows).order_by("said_at", "id")
    for pk, promised_at, said_at, reason in promises.values_list(
        "subject_id", "promised_at", "said_at", "reason"
    ):
        told[pk].append(Told(promised_at, said_at, reason))
    return {pk: facts(subject, steps[pk], tuple(told[pk])) for pk, subject in rows.items()}


def facts(subject: Subject, steps: Mapping[str, Step], told: tuple[Told, ...]) -> Facts:
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
        said_at={name: datetime.fromisoformat(at) for name, at in subject.said_at.items()},
    )


def report_from(row: Mapping[str, Any]) -> Report:
    before = row.get("before")
    return Report(
        at=datetime.fromisoformat(row["at"]),
        times=row["times"],
        note=row.get("note", ""),
        before=datetime.fromisoformat(before) if before else None,
    )


def report_row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {"at": report.at.isoformat(), "times": report.times}
    if report.note:
        row["note"] = report.note
    if report.before:
        row["before"] = report.before.isoformat()
    return row


def keep(subject: Subject, known: Facts, changed: Facts) -> tuple[list[Milestone], list[Promise]]:
    """Put changed facts on the subject, unsaved; the milestones and promises to be written beside it."""
    subject.label, subject.tier, subject.value = (
        changed.label,
        changed.tier,
        changed.value,
    )
    subject.customer, subject.attributes = dict(changed.customer), dict(changed.attributes)
    subject.said_at = {name: at.isoformat() for name, at in changed.said_at.items()}
    subject.reports = {word: report_row(report) for word, report in changed.reports.items()}
    subject.promised_at, subject.ended_at = changed.promised_at, changed.ended_at
    milestones = [
        Milestone(
            subject=subject,
            name=name,
            expected_at=step.expected_at,
            actual_at=step.actual_at,
            reported_at=step.reported_at,
        )
        for name, step in changed.milestones.items()
        if known.milestones.get(name) != step
    ]
    before = set(known.promises)
    promises = [
        Promise(
            subject=subject,
            promised_at=told.promised_at,
            said_at=told.said_at,
            reason=told.reason,
        )
        for told in changed.promises
        if told not in before
    ]
    return milestones, promises
