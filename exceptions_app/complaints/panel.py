"""What a case page shows of a complaint: what was said and sent, what it looks like, what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.complaints.models import Complaint, ComplaintDecision, ComplaintFile
from exceptions_app.complaints.suggesting import Said, Suggestion, suggest
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import ExceptionType, SubjectKind

MOST = 20


@dataclass(frozen=True)
class Panel:
    """Everything on the page; ``suggestion`` is what the desk would say by now."""

    said: Said
    complaints: Sequence[Complaint]
    suggestion: Suggestion | None
    decision: ComplaintDecision | None
    may_decide: bool


def of_case(case_id: int, *, by: Actor, at: datetime) -> Panel | None:
    """None for a case that is no complaint."""
    rows = Case.objects.select_related("subject", "decision__about", "decision__decided_by")
    case = access.visible(rows, by).filter(pk=case_id).first()
    said = said_of(case) if case else None
    if case is None or said is None:
        return None
    return Panel(
        said=said,
        complaints=tuple(case.complaints.prefetch_related("files").order_by("-id")[:MOST]),
        suggestion=suggest(said, by=by, at=at),
        decision=getattr(case, "decision", None),
        may_decide=access.may(by, "classify", site_id=case.site_id, team_id=case.team_id),
    )


def said_of(case: Case) -> Said | None:
    """The words of a complaint, be it received as a signal or flagged by hand."""
    subject = case.subject
    if subject is not None and subject.kind == SubjectKind.COMPLAINT:
        facts, customer = subject.attributes, subject.customer
        return Said(
            text=str(facts.get("text") or subject.label),
            reference=str(facts.get("about") or ""),
            name=str(customer.get("name", "")),
            email=str(customer.get("email", "")),
            phone=str(customer.get("phone", "")),
            site_id=case.site_id,
        )
    by_hand = not case.rule and case.exception_type == ExceptionType.COMPLAINT
    if not by_hand and not hasattr(case, "decision"):
        return None
    text = "\n".join(filter(None, (case.title, case.description)))
    return Said(text, case.reference, name=case.customer_name, site_id=case.site_id)


def file(file_id: UUID, *, by: Actor) -> ComplaintFile | None:
    """A file of a complaint at a site of theirs."""
    rows = ComplaintFile.objects.select_related("complaint")
    return access.visible(rows, by, site="complaint__site_id", team="").filter(pk=file_id).first()


def listed(by: Actor, state: str) -> QuerySet[Complaint]:
    """The complaints of their sites in a state, newest first."""
    rows = Complaint.objects.filter(state=state).select_related("site", "case")
    return access.visible(rows.prefetch_related("files"), by, team="")
