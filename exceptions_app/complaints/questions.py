"""Status questions answered by a page instead of a person: visits of customers' pages (T21, B6)."""

from datetime import datetime, timedelta

from django.db import connection

from exceptions_app.complaints.models import Complaint
from exceptions_app.complaints.naming import tail
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject
from exceptions_app.subjects.public import STEPS, PublicState, public_state

#: Reloading a page is not asking again.
ONE_VISIT = timedelta(minutes=10)
#: So many subjects of one site may share a reference: one of each kind.
MOST = len(STEPS)
VISIT = """
    INSERT INTO exceptions_app_statusvisit (subject_id, at)
    SELECT %s, %s WHERE NOT EXISTS (
        SELECT 1 FROM exceptions_app_statusvisit WHERE subject_id = %s AND at > %s)
"""


def state_of(subject_id: int, *, at: datetime) -> tuple[Subject, PublicState] | None:
    """What the customer of a subject may be told, whoever asks; the link is the permission."""
    subject = Subject.objects.select_related("site").filter(pk=subject_id).first()
    state = public_state(facts_of([subject])[subject.pk], at) if subject else None
    return (subject, state) if subject and state else None


def proven_subject(kept: Complaint, *, at: datetime) -> Subject | None:
    """The subject that a sender named together with the contact we know of it; both prove whose it is."""
    if not kept.reference or not (kept.email or kept.phone):
        return None
    wanted = kept.reference.strip()
    spellings = sorted({wanted, wanted.upper(), wanted.lower()})
    rows = Subject.objects.filter(site=kept.site_id, kind__in=list(STEPS), reference__in=spellings)
    theirs = [row for row in rows.order_by()[:MOST] if is_theirs(row, kept)]
    if len(theirs) != 1:
        return None
    state = public_state(facts_of(theirs)[theirs[0].pk], at)
    return theirs[0] if state and state.answers else None


def is_theirs(subject: Subject, kept: Complaint) -> bool:
    """Whether we know the sender as its customer."""
    email, phone = (str(subject.customer.get(name, "")) for name in ("email", "phone"))
    same_email = bool(kept.email) and kept.email.lower() == email.lower()
    return same_email or (bool(kept.phone) and tail(phone) == tail(kept.phone) != "")


def visited(subject_id: int, *, at: datetime) -> None:
    """Note that the customer looked."""
    with connection.cursor() as cursor:
        cursor.execute(VISIT, [subject_id, at, subject_id, at - ONE_VISIT])
