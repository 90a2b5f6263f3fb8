"""A person says what a complaint is about; the case takes it over, and the desk learns from it."""

from datetime import datetime

from exceptions_app.cases.lifecycle import Change, Seen, changing
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import starting
from exceptions_app.complaints import panel
from exceptions_app.complaints.models import ComplaintDecision
from exceptions_app.complaints.suggesting import suggest
from exceptions_app.errors import NotAllowedNow, Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.sla import clocks
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import ExceptionType


def decide(
    seen: Seen,
    *,
    by: Actor,
    at: datetime,
    exception_type: ExceptionType,
    about: int | None = None,
) -> Case:
    """Accept the suggestion, or say otherwise; deciding again replaces what was decided."""
    with changing(seen, "classify", by=by, at=at) as change:
        said = panel.said_of(change.case)
        if said is None:
            raise NotAllowedNow(f"{change.case} is no complaint; there is nothing to sort.")
        subject = chosen(about, change.case, by)
        before = change.case.exception_type
        suggested = suggest(said, by=by, at=at)
        ComplaintDecision.objects.update_or_create(
            case=change.case,
            defaults={
                "text": said.text,
                "known": list(suggested.known) if suggested else [],
                "suggested_type": suggested.exception_type if suggested else "",
                "confidence": suggested.confidence if suggested else 0,
                "because": list(suggested.because) if suggested else [],
                "exception_type": exception_type,
                "about": subject,
                "decided_by_id": by.user_id,
                "decided_at": at,
            },
        )
        change.case.exception_type = exception_type
        retarget(change)
        change.note(
            "case.classified",
            before=before,
            after=exception_type.value,
            about=subject.reference if subject else "",
        )
    return change.case


def retarget(change: Change) -> None:
    """Targets hang on the type, too; those of a settled case are history."""
    if change.case.is_open:
        clocks.retarget(starting(change.case))


def chosen(about: int | None, case: Case, by: Actor) -> Subject | None:
    if about is None:
        return None
    mine = access.visible(Subject.objects.filter(site=case.site_id), by)
    subject = mine.filter(pk=about).first()
    if subject is None:
        raise Refused(
            "Choose a subject of this site.",
            {"about": "There is no such subject at this site."},
        )
    return subject
