"""A person settles what the policy could not: theirs, ours, or neither any more (Y2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exceptions_app.cases import triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.errors import NotAllowedNow, Refused
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.drift import telling, words
from exceptions_app.outbox.models import Connection
from exceptions_app.outbox.owing import owe
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.timeline.entries import record
from exceptions_app.vocabulary import Operation


class Choice(TextChoices):
    """What is done about a conflict."""

    THEIRS = "theirs", _("Take theirs")
    OURS = "ours", _("Keep ours")
    DISMISS = "dismiss", _("Dismiss")


@dataclass(frozen=True)
class Conflict:
    """One field on which a record and its case differ; ``key`` names it for good."""

    key: str
    case: Case
    connection: Connection
    field: str
    theirs: str


def settle(conflict: Conflict, choice: Choice, *, by: Actor, at: datetime, to: int | None) -> None:
    """Do what the person chose, as they may, and write it on the timeline; ``to``: who the owner is here."""
    case = conflict.case
    access.insist(by, "assign", site_id=case.site_id, team_id=case.team_id)
    told = {"connection": conflict.connection.name, "field": SPOKEN[conflict.field]}
    told |= {"theirs": conflict.theirs, "choice": choice.value}
    record(case.pk, "conflict.settled", by=by, at=at, data=told)
    match choice:
        case Choice.THEIRS:
            TAKEN[conflict.field](conflict, by, at, to)
        case Choice.OURS:
            tell_ours(conflict, at)


def take_status(conflict: Conflict, by: Actor, at: datetime, _to: int | None) -> None:
    for step in hearing.steps(conflict.theirs, conflict.case.status):
        step(Seen(conflict.case.pk), by, at, conflict.connection.name)


def take_owner(conflict: Conflict, by: Actor, at: datetime, to: int | None) -> None:
    note = f"{conflict.connection} gave it to {conflict.theirs}."
    give(conflict, by, at, to, whom=f"who {conflict.theirs} is here", note=note)


def give(
    conflict: Conflict, by: Actor, at: datetime, to: int | None, *, whom: str, note: str
) -> None:
    """To whoever the person says that it is."""
    if to is None:
        raise Refused.about("to", f"Choose {whom}.")
    triage.assign(Seen(conflict.case.pk), by=by, at=at, to=to, note=note)


def take_comment(conflict: Conflict, by: Actor, at: datetime, _to: int | None) -> None:
    said = f"In {conflict.connection}: {conflict.theirs}"
    triage.comment(Seen(conflict.case.pk), by=by, at=at, text=said)


def take_verb(conflict: Conflict, by: Actor, at: datetime, to: int | None) -> None:
    """A claim is for whoever made it there, and not for the person who settles this."""
    if conflict.theirs == "claim":
        note = f"Claimed in {conflict.connection}."
        return give(conflict, by, at, to, whom="who claimed it there", note=note)
    ask = hearing.VERBS.get(conflict.theirs)
    if ask is None:
        raise NotAllowedNow(f"Nobody knows how to {conflict.theirs}. Dismiss it.")
    ask(Seen(conflict.case.pk), by, at, conflict.connection.name)
    return None


def tell_ours(conflict: Conflict, at: datetime) -> None:
    """They are told again how the case stands; what was only said there needs no answer."""
    case, operation = conflict.case, Operation.UPDATE
    if conflict.field == "comment":
        return
    if conflict.field == "status":
        operation = telling(case.status, conflict.theirs)
    text = words(case.status)
    owe(case.pk, conflict.connection.pk, operation, at=at, key=conflict.key, text=text)


Takes = Callable[[Conflict, Actor, datetime, int | None], None]
TAKEN: Mapping[str, Takes] = {
    "status": take_status,
    "assignee_email": take_owner,
    "comment": take_comment,
    "verb": take_verb,
}
#: What a field is called.
SPOKEN: Mapping[str, str] = {
    "status": "status",
    "assignee_email": "owner",
    "comment": "comment",
    "verb": "request",
}
