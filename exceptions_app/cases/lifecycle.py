"""The verbs that move a case from state to state, for page, API, playbook and platform alike (L1, L3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from exceptions_app.cases.models import Case
from exceptions_app.errors import NotAllowedNow, NotFound, Refused, Stale
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.sla import clocks
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import OPEN_STATUSES

#: How an entry reads after a name: "Ana acknowledged it".
PAST = {
    "case.acknowledged": "acknowledged it",
    "case.started": "started work on it",
    "case.waiting": "set it to waiting",
    "case.resumed": "resumed it",
    "case.resolved": "resolved it",
    "case.closed": "closed it",
    "case.dismissed": "dismissed it",
    "case.reopened": "reopened it",
    "case.assigned": "assigned it",
    "case.claimed": "took it",
    "case.released": "released it",
    "case.severity_raised": "raised its severity",
    "case.severity_lowered": "lowered its severity",
    "case.commented": "commented on it",
    "case.classified": "said what it is about",
    "case.split": "split it off",
}


LONGEST_WAIT = timedelta(days=366)
#: What one does to a case, where the verb alone does not say it.
PHRASES = {
    "wait": "set it to waiting",
    "start": "start work on it",
    "change_severity": "change its severity",
    "split": "split it off",
}
#: Entries that change nothing that somebody may have seen: they make no version.
QUIET = frozenset({"case.commented"})


@dataclass(frozen=True)
class Seen:
    """A case as the person saw it; without a version nothing is compared."""

    case_id: int
    version: int | None = None


@dataclass
class Change:
    """A locked case under change, and what will be on its timeline once it is saved."""

    case: Case
    by: Actor
    at: datetime
    entries: list[New] = field(default_factory=list)
    version: int = field(init=False)

    def __post_init__(self) -> None:
        self.version = self.case.version

    def note(self, verb: str, **data: Any) -> None:
        if verb not in QUIET:
            self.version = self.case.version + 1
        data["version"] = self.version
        self.entries.append(New(self.case.pk, verb, self.by, self.at, data))


@contextmanager
def changing(seen: Seen, verb: str, *, by: Actor, at: datetime) -> Iterator[Change]:
    """Lock, check access and version, let the caller change, then save, record and follow the clocks."""
    with transaction.atomic():
        case = (
            access.visible(Case.objects.select_for_update(of=("self",)), by)
            .filter(pk=seen.case_id)
            .first()
        )
        if case is None:
            raise NotFound("There is no such case, or it is at a site you do not work for.")
        access.insist(by, verb, site_id=case.site_id, team_id=case.team_id)
        if seen.version is not None and seen.version != case.version:
            raise Stale(what_changed(case, seen.version, by), version=case.version)
        change = Change(case, by, at)
        try:
            yield change
        except TransitionNotAllowed as refusal:
            raise NotAllowedNow(why_not(case, verb)) from refusal
        if change.entries:
            settle(change)


def settle(change: Change) -> None:
    """Save the changed case, write its entries, and let its clocks follow."""
    case = change.case
    case.version = change.version
    case.changed_at = change.at
    case.save()
    record_many(change.entries)
    standing = clocks.follow(case.pk, at=change.at)
    if (case.due_at, case.breached) != (standing.due_at, standing.breached):
        case.due_at, case.breached = standing.due_at, standing.breached
        Case.objects.filter(pk=case.pk).update(due_at=case.due_at, breached=case.breached)


def is_by(entry: Entry, by: Actor) -> bool:
    return (entry.actor_kind, entry.actor_id) == (by.kind, by.id)


def why_not(case: Case, verb: str) -> str:
    status = case.get_status_display()
    way = "" if case.is_open or verb in ("close", "reopen") else " Reopen it first."
    return f"{case} is {status}; you cannot {PHRASES.get(verb, f'{verb} it')} now.{way}"


def what_changed(case: Case, version: int, by: Actor) -> str:
    """Who did what since that version, as a sentence."""
    recent = Entry.objects.filter(case=case, verb__in=PAST, data__version__gt=version).order_by(
        "seq"
    )[:5]
    told = [
        f"{'You' if is_by(entry, by) else entry.actor_name} {PAST[entry.verb]}" for entry in recent
    ]
    news = " and ".join(told) or "It was changed"
    now = f"{case} is {case.get_status_display()} now"
    return f"{news} since you looked. {now}; look again and repeat if you still want to."


def required(text: str, name: str, sentence: str) -> str:
    """Stripped text, or a refusal that names the field."""
    if not text.strip():
        raise Refused.about(name, sentence)
    return text.strip()


def acknowledge(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Say that somebody is looking; the acknowledge clock stops here."""
    with changing(seen, "acknowledge", by=by, at=at) as change:
        change.case.acknowledge(at)
        change.note("case.acknowledged")
    return change.case


def start(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Begin to work on it."""
    with changing(seen, "start", by=by, at=at) as change:
        change.case.start(at)
        change.note("case.started")
    return change.case


def wait(
    seen: Seen,
    *,
    by: Actor,
    at: datetime,
    waiting_for: str,
    until: datetime | None = None,
) -> Case:
    """Wait for somebody else; the resolve clock pauses until the case resumes."""
    awaited = required(waiting_for, "waiting_for", "Say what or whom this case waits for.")
    if until is not None and not at < until < at + LONGEST_WAIT:
        wrong = "This time has passed" if until <= at else "This is more than a year away"
        raise Refused("Choose a time within a year.", {"until": f"{wrong}; choose one to come."})
    with changing(seen, "wait", by=by, at=at) as change:
        change.case.wait(at, awaited[:120], until)
        change.note(
            "case.waiting",
            waiting_for=awaited,
            until=until.isoformat() if until else None,
        )
    return change.case


def resume(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Go on after waiting; the resolve clock runs again."""
    with changing(seen, "resume", by=by, at=at) as change:
        change.case.resume()
        change.note("case.resumed")
    return change.case


def resolve(seen: Seen, *, by: Actor, at: datetime, cause: str, text: str = "") -> Case:
    """Say that the problem is gone, and what caused it."""
    named = required(
        cause,
        "cause",
        "Name the cause, so that reports can show what keeps going wrong.",
    )
    if len(named) > 40:
        raise Refused(
            "The cause is too long.",
            {"cause": "Use at most 40 characters; write the rest as a comment."},
        )
    with changing(seen, "resolve", by=by, at=at) as change:
        before = change.case.status
        change.case.resolve(at, named)
        change.note("case.resolved", cause=named, text=text.strip(), before=before)
    return change.case


def close(seen: Seen, *, by: Actor, at: datetime) -> Case:
    """Put a resolved case away."""
    with changing(seen, "close", by=by, at=at) as change:
        change.case.close(at)
        change.note("case.closed")
    return change.case


def dismiss(seen: Seen, *, by: Actor, at: datetime, reason: str) -> Case:
    """Say that it never was a problem, and why."""
    why = required(reason, "reason", "Say why this is no problem; somebody may ask.")
    with changing(seen, "dismiss", by=by, at=at) as change:
        before = change.case.status
        change.case.dismiss(at)
        change.note("case.dismissed", reason=why, before=before)
    return change.case


def reopen(seen: Seen, *, by: Actor, at: datetime, reason: str) -> Case:
    """Take it up again where it stood, its cause open anew; the resolve clock goes on."""
    why = required(reason, "reason", "Say why it is open again.")
    try:
        with changing(seen, "reopen", by=by, at=at) as change:
            insist_key_is_free(change.case)
            change.case.reopen(before_settling(change.case))
            change.note("case.reopened", reason=why)
    except IntegrityError:  # somebody opened or reopened another meanwhile
        insist_key_is_free(change.case)
        raise
    return change.case


def before_settling(case: Case) -> str:
    """Its status before it was resolved or dismissed last; empty where the entry does not tell."""
    settled = Entry.objects.filter(case=case, verb__in=("case.resolved", "case.dismissed"))
    last = settled.order_by("-seq").values_list("data__before", flat=True).first()
    return str(last or "")


def insist_key_is_free(case: Case) -> None:
    """Two open cases may not be about the same thing."""
    same = Case.objects.filter(key=case.key, status__in=OPEN_STATUSES).exclude(pk=case.pk)
    if case.key and (other := same.first()):
        raise NotAllowedNow(f"{other} is open about the same thing; work there instead.")
