"""The verbs that sort cases out: flag, assign, claim, comment, change severity; many at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django_fsm import can_proceed

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Change, Seen, changing, required
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases, starting
from exceptions_app.errors import DeskError, NotAllowedNow, Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Team, User
from exceptions_app.sla import clocks
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType, Severity


@dataclass(frozen=True)
class Flagging:
    """What a person says is wrong (T6)."""

    title: str
    exception_type: ExceptionType
    severity: Severity
    site_id: int
    team_id: int | None = None
    subject_id: int | None = None
    reference: str = ""
    customer_name: str = ""
    description: str = ""


def flag(what: Flagging, *, by: Actor, at: datetime) -> Case:
    """Raise a case by hand."""
    title = required(what.title, "title", "Say in a few words what is wrong.")
    if not access.sites(by).filter(pk=what.site_id).exists():
        raise Refused.about("site", "Choose one of your sites.")
    if what.team_id and not Team.objects.filter(pk=what.team_id, site_id=what.site_id).exists():
        raise Refused(
            "Choose a team of this site.",
            {"team": "This team is not at the site chosen."},
        )
    access.insist(by, "flag", site_id=what.site_id, team_id=what.team_id)
    subject = flagged_subject(what, by)
    found_by_reference = subject is not None and what.subject_id is None
    opening = Opening(
        title=title[:200],
        exception_type=what.exception_type,
        severity=what.severity,
        site_id=what.site_id,
        team_id=what.team_id,
        subject=subject,
        reference="" if found_by_reference else what.reference.strip(),
        customer_name=what.customer_name.strip(),
        description=what.description.strip(),
        evidence={"flagged_by": by.name},
        by=by,
        at=at,
    )
    return open_cases([opening], at=at)[0]


def flagged_subject(what: Flagging, by: Actor) -> Subject | None:
    mine = access.visible(Subject.objects.filter(site=what.site_id), by)
    if what.subject_id is None:
        return by_reference(mine, what.reference.strip())
    subject = mine.filter(pk=what.subject_id).first()
    if subject is None:
        raise Refused(
            "Choose a subject of this site.",
            {"subject": "There is no such subject at this site."},
        )
    return subject


def by_reference(subjects: QuerySet[Subject], typed: str) -> Subject | None:
    """The one subject whose reference was typed, in capitals or not; of two we choose none."""
    spellings = {typed, typed.upper(), typed.lower()}
    found = list(subjects.filter(reference__in=spellings).order_by()[:2]) if typed else []
    return found[0] if len(found) == 1 else None


def assign(seen: Seen, *, by: Actor, at: datetime, to: int | None, note: str = "") -> Case:
    """Give it to somebody, with a hand-over note; to nobody releases it."""
    with changing(seen, "assign", by=by, at=at) as change:
        insist_open(change, "assign")
        owner = None if to is None else assignable(change.case, to)
        hand_over(change, owner, note.strip())
    return change.case


def hand_over(change: Change, owner: User | None, note: str) -> None:
    change.case.assignee = owner
    change.note(
        "case.assigned" if owner else "case.released",
        to=owner.pk if owner else None,
        to_name=owner.shown_name() if owner else "",
        note=note,
    )


def assignable(case: Case, user_id: int) -> User:
    """The person, if they may work this case."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not access.may(
        access.person(user), "claim", site_id=case.site_id, team_id=case.team_id
    ):
        raise Refused.about(
            "to",
            "This person does not work for the case's site and team. Choose somebody who does.",
        )
    return user


def claim(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Take it; a new case is acknowledged by that."""
    with changing(seen, "claim", by=by, at=at) as change:
        insist_open(change, "claim")
        if by.user_id is None:
            raise NotAllowedNow("Only a person can own a case.")
        change.case.assignee = owner = assignable(change.case, by.user_id)
        change.note("case.claimed", to=owner.pk, to_name=owner.shown_name())
        if can_proceed(change.case.acknowledge):
            change.case.acknowledge(at)
            change.note("case.acknowledged")
    return change.case


def release(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Give it back, so that somebody else can take it."""
    with changing(seen, "release", by=by, at=at) as change:
        insist_open(change, "release")
        if change.case.assignee_id is None:
            raise NotAllowedNow(f"{change.case} has no owner: there is nobody to take it from.")
        hand_over(change, None, "")
    return change.case


def comment(seen: Seen, *, by: Actor, at: datetime, text: str, shared: bool = False) -> Case:
    """Write something down; ``shared`` also goes to the linked platforms."""
    said = required(text, "text", "Write something first.")
    if len(said) > 10_000:
        raise Refused("The comment is too long.", {"text": "Use at most 10,000 characters."})
    with changing(Seen(seen.case_id), "comment", by=by, at=at) as change:
        change.note("case.commented", text=said, shared=shared)
    return change.case


def change_severity(
    seen: Seen, *, by: Actor, at: datetime, severity: Severity, reason: str = ""
) -> Case:
    """Say that it is worse, or less bad; the targets of the new severity apply from the opening on."""
    with changing(seen, "change_severity", by=by, at=at) as change:
        insist_open(change, "change_severity")
        case = change.case
        before, case.severity = Severity(case.severity), severity
        if before == severity:
            raise NotAllowedNow(f"{case} is {severity.label} already.")
        verb = "case.severity_raised" if severity < before else "case.severity_lowered"
        clocks.retarget(starting(case))
        change.note(verb, before=before.slug, after=severity.slug, reason=reason.strip())
    return case


def split(seen: Seen, *, by: Actor, at: datetime, reason: str = "") -> Case:
    """Take it out of the event it is one of many of; it is told of by itself from now on."""
    with changing(seen, "split", by=by, at=at) as change:
        insist_open(change, "split")
        case, parent = change.case, change.case.parent
        if parent is None:
            raise NotAllowedNow(f"{case} is part of no other case.")
        # Without traits it is not fetched in again.
        case.parent, case.traits = None, []
        change.note("case.split", parent=str(parent), reason=reason.strip())
    return case


def insist_open(change: Change, verb: str) -> None:
    if not change.case.is_open:
        raise NotAllowedNow(lifecycle.why_not(change.case, verb))


@dataclass(frozen=True)
class Done:
    """What became of one row of a bulk action: the kind of refusal, and the version that holds now."""

    case_id: int
    number: str
    ok: bool
    sentence: str
    version: int | None = None
    code: str = ""


#: What may be done to many cases at once (L9).
BULK: dict[str, Callable[..., Case]] = {
    "acknowledge": lifecycle.acknowledge,
    "assign": assign,
    "claim": claim,
    "release": release,
}


def each(verb: str, seens: Iterable[Seen], *, by: Actor, at: datetime, **args: Any) -> list[Done]:
    """Do a verb to each case by itself; one refusal does not stop the others."""
    return [one_of_many(verb, seen, by=by, at=at, args=args) for seen in seens]


def one_of_many(verb: str, seen: Seen, *, by: Actor, at: datetime, args: dict[str, Any]) -> Done:
    try:
        case = BULK[verb](seen, by=by, at=at, **args)
    except DeskError as refusal:
        known = access.visible(Case.objects.all(), by).filter(pk=seen.case_id).first()
        return Done(
            seen.case_id,
            str(known or ""),
            ok=False,
            sentence=str(refusal),
            version=known.version if known else None,
            code=refusal.code,
        )
    return Done(case.pk, str(case), ok=True, sentence=f"{case} done.", version=case.version)


def release_all_of(user: User, *, by: Actor, at: datetime) -> list[Done]:
    """Whoever leaves holds no open case any more."""
    held = Case.objects.filter(assignee=user, status__in=OPEN_STATUSES).values_list("pk", flat=True)
    return each("release", [Seen(pk) for pk in held], by=by, at=at)
