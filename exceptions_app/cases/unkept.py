"""A promise that has passed and was not kept: what nobody looks after once a case about it is settled."""

from dataclasses import dataclass
from datetime import datetime

from exceptions_app.cases.models import Case
from exceptions_app.subjects import pages
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import OPEN_STATUSES, SubjectKind


@dataclass(frozen=True, slots=True)
class Unkept:
    """What has not come, of what, and for when it was promised."""

    subject: str
    milestone: str
    promised_at: datetime


def unkept_without(case: Case, *, at: datetime) -> Unkept | None:
    """What is overdue of the case's subject and would be nobody's without this case."""
    others = Case.objects.filter(subject=case.subject_id, status__in=OPEN_STATUSES)
    if case.subject_id is None or others.exclude(pk=case.pk).exists():
        return None
    overdue = Subject.objects.filter(pages.is_overdue(at), pk=case.subject_id).first()
    return unkept_of(overdue) if overdue else None


def unkept_of(subject: Subject) -> Unkept | None:
    if subject.promised_at is None:
        return None
    journey = JOURNEYS[SubjectKind(subject.kind)]
    return Unkept(str(subject), journey.milestones[journey.keeps], subject.promised_at)
