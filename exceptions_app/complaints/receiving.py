"""Taking complaints in: kept, doubted if they look like spam, and heard like any other signal (T3, I5)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from exceptions_app.cases.models import Case
from exceptions_app.complaints import lessons, questions
from exceptions_app.complaints.files import NewFile
from exceptions_app.complaints.models import Complaint, ComplaintFile
from exceptions_app.errors import NotAllowedNow, NotFound, Refused
from exceptions_app.intake.accept import USED, accept
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Source, Subject
from exceptions_app.vocabulary import ActorKind, ExceptionType, SubjectKind

#: Whoever sends the public form.
FORM = Actor(ActorKind.SYSTEM, "complaint-form", "Complaint form", grants=None)
FORM_SOURCE = ("complaint-form", "Complaint form")
API_SOURCE = ("complaint-api", "Complaints by API")
#: From one address in an hour: more are doubted, many more are not taken at all.
HOUR = timedelta(hours=1)
DOUBTED_FROM, REFUSED_FROM = 5, 30
#: Letters and digits that nobody mistakes for others on the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
GIST = 90


#: What the same complaint says again.
SAID = ("text", "channel", "language", "name", "email", "phone", "reference")


class TooMany(Refused):
    """This address sends more than a person would."""


class OtherContent(Refused):
    """The name of this complaint stands for another one."""

    code = "conflict"


@dataclass(frozen=True)
class Told:
    """A complaint as somebody tells it; ``key`` makes sending it again harmless.

    ``earlier`` are keys under which the same was kept before they were made as they are now.
    """

    site: Site
    text: str
    channel: str
    key: str = ""
    earlier: Sequence[str] = ()
    language: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    reference: str = ""
    sender: str = ""
    suspicion: str = ""
    files: Sequence[NewFile] = field(default_factory=tuple)


def receive(
    told: Told, *, by: Actor, at: datetime, source: tuple[str, str]
) -> tuple[Complaint, bool]:
    """Keep it, and hear it unless it looks like spam; and whether it is new.

    The same one sent again is the same complaint.
    """
    with transaction.atomic():
        for name in filter(None, (told.sender, told.key)):
            in_turn(name)
        before = kept_before(told) if told.key else None
        if before is not None:
            return before, False
        suspicion = told.suspicion or doubt_about(told.sender, at)
        kept = keep(told, suspicion, at)
        if not suspicion:
            hear(kept, by=by, at=at, source=source)
    return kept, True


def kept_before(told: Told) -> Complaint | None:
    """The same, or else whatever goes by its name: earlier, each token had names of its own."""
    rows = Complaint.objects.select_related("site", "case", "subject")
    found = rows.filter(key__in=[told.key, *told.earlier]).order_by("pk")
    return next((one for one in found if is_same(one, told)), found.first())


def is_same(kept: Complaint, told: Told) -> bool:
    same = all(getattr(kept, name) == getattr(told, name) for name in SAID)
    return same and kept.site_id == told.site.pk


def insist_same(kept: Complaint, told: Told) -> None:
    """Refuse what goes by the name of another complaint; the first was kept."""
    if not is_same(kept, told):
        raise OtherContent(f"external_id: {USED}", {"external_id": USED})


def in_turn(name: str) -> None:
    """Two posts of one address, or of one complaint, are taken one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"complaints:{name}"])


def doubt_about(sender: str, at: datetime) -> str:
    if not sender:
        return ""
    lately = Complaint.objects.filter(sender=sender, received_at__gt=at - HOUR).count()
    if lately >= REFUSED_FROM:
        raise TooMany("Too many complaints came from this address within the hour. Send it later.")
    return (
        f"{lately + 1} complaints from one address within an hour" if lately >= DOUBTED_FROM else ""
    )


def keep(told: Told, suspicion: str, at: datetime) -> Complaint:
    kept = Complaint.objects.create(
        number="-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(2)),
        key=told.key or secrets.token_urlsafe(24),
        site=told.site,
        channel=told.channel,
        language=told.language,
        name=told.name,
        email=told.email,
        phone=told.phone,
        reference=told.reference,
        text=told.text,
        received_at=at,
        sender=told.sender,
        state=Complaint.State.SUSPECTED if suspicion else Complaint.State.RECEIVED,
        suspicion=suspicion[:120],
    )
    for one in told.files:
        row = ComplaintFile(complaint=kept, name=one.name, media_type=one.media_type, size=one.size)
        row.file.save(one.name, one.content, save=False)
        row.save(force_insert=True)
    return kept


def hear(kept: Complaint, *, by: Actor, at: datetime, source: tuple[str, str]) -> None:
    """Let the intake take it as a signal; what it opened or joined is noted on the complaint."""
    slug, name = source
    # One that was doubted first is heard long after it came; that is no reason to doubt the form.
    Source.objects.get_or_create(slug=slug, defaults={"name": name, "late_is_usual": True})
    receipt = accept([signal_of(kept, slug), *question_of(kept, slug, at)], by=by, at=at)
    line = receipt.items[0]
    if line.get("errors"):
        raise Refused("; ".join(line["errors"].values()), line["errors"])
    kept.state = Complaint.State.RECEIVED
    kept.subject = Subject.objects.filter(
        site=kept.site, kind=SubjectKind.COMPLAINT, reference=kept.number
    ).first()
    kept.case = case_in(line)
    kept.save(update_fields=["state", "subject", "case", "settled_by", "settled_at"])


def case_in(line: Mapping[str, Any]) -> Case | None:
    """The case that a receipt's line names, as in “opened EX-1042”."""
    numbers = [
        word[3:] for told in line.get("cases", ()) for word in told.split() if is_number(word)
    ]
    return Case.objects.filter(number=int(numbers[0])).first() if numbers else None


def is_number(word: str) -> bool:
    return word.startswith("EX-") and word[3:].isdecimal()


def signal_of(kept: Complaint, source: str) -> dict[str, Any]:
    """The complaint as a source would send it."""
    contact = {"name": kept.name, "email": kept.email, "phone": kept.phone}
    facts = {
        "channel": kept.channel,
        "about": kept.reference or None,
        "text": kept.text,
        "language": kept.language or None,
    }
    return {
        "source": source,
        "external_id": kept.number,
        "type": "complaint.received",
        "occurred_at": kept.received_at.isoformat(),
        "subject": {
            "reference": kept.number,
            "site": kept.site.slug,
            "label": gist(kept.text),
            "customer": {name: value for name, value in contact.items() if value},
            "attributes": {name: value for name, value in facts.items() if value is not None},
        },
    }


def question_of(kept: Complaint, source: str, at: datetime) -> list[dict[str, Any]]:
    """Where it only asks how a subject of theirs stands, that is counted as a question, too."""
    subject = questions.proven_subject(kept, at=at)
    asks = lessons.current().judge(kept.text).label == ExceptionType.STATUS_QUESTIONS
    if subject is None or not asks or "asked" not in JOURNEYS[SubjectKind(subject.kind)].reports:
        return []
    return [
        {
            "source": source,
            "external_id": f"{kept.number}-asked",
            "type": f"{subject.kind}.asked",
            "occurred_at": kept.received_at.isoformat(),
            "subject": {"reference": subject.reference, "site": kept.site.slug},
        }
    ]


def gist(text: str) -> str:
    """Its beginning, up to a whole word."""
    line = " ".join(text.split())
    return line if len(line) <= GIST else line[:GIST].rsplit(" ", 1)[0] + "…"


def believed(complaint_id: int, *, by: Actor, at: datetime) -> Complaint:
    """Say that a doubted complaint is real: it is heard as if it had come now."""
    with transaction.atomic():
        kept = doubted(complaint_id, by)
        kept.settled_by, kept.settled_at = by.name[:120], at
        hear(kept, by=FORM, at=at, source=FORM_SOURCE)
    return kept


def discarded(complaint_id: int, *, by: Actor, at: datetime) -> Complaint:
    """Say that it is none; it stays in the list of what was put away."""
    with transaction.atomic():
        kept = doubted(complaint_id, by)
        kept.settled_by, kept.settled_at = by.name[:120], at
        kept.state = Complaint.State.DISCARDED
        kept.save(update_fields=["state", "settled_by", "settled_at"])
    return kept


def doubted(complaint_id: int, by: Actor) -> Complaint:
    rows = access.visible(Complaint.objects.select_for_update(of=("self",)), by, team="")
    kept = rows.select_related("site").filter(pk=complaint_id).first()
    if kept is None:
        raise NotFound("There is no such complaint, or it is at a site you do not work for.")
    access.insist(by, "flag", site_id=kept.site_id)
    if kept.state != Complaint.State.SUSPECTED:
        raise NotAllowedNow(f"Complaint {kept} is {kept.get_state_display()} already.")
    return kept
