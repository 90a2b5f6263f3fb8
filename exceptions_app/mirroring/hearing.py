"""What a linked platform says about its record, and what becomes of it here (Y1, Y2).

Who decides, field by field; what this cannot settle is a conflict and listed for a person:

========  ==========================================================================================
status    whoever changed it last; while a change of ours is on its way there, we do
owner     the same, if it is somebody who may work the case here; nobody there does not mean nobody here
severity  we do, because targets depend on it; what they say is written down
comments  everybody: each is kept once, and told to the other linked platforms
========  ==========================================================================================

Nothing is echoed: what we said ourselves is known again, and what came from a connection is not owed to it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.errors import DeskError
from exceptions_app.mirroring.news import News
from exceptions_app.outbox.models import Connection, Delivery, Link
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import User
from exceptions_app.vocabulary import OPEN_STATUSES, OWED, Operation, Severity, Status

#: How far back what we said is compared with what is said to us.
RECALLED = 50
#: Letters and digits that no platform cuts our texts below; what is shorter and part of them is an answer.
CUT = 100
MOVES = (Operation.CREATE, Operation.UPDATE, Operation.CLOSE, Operation.REOPEN)
NUMBER = re.compile(r"(?:EX-)?(\d{1,18})", re.IGNORECASE)


@dataclass(frozen=True)
class Became:
    """What one piece of news led to: done, nothing to do, or a conflict for a person (of which field)."""

    what: str
    sentence: str
    field: str = ""
    theirs: str = ""


DONE, NOTHING, CONFLICT = "done", "nothing", "conflict"


def hear(news: News, connection: Connection, *, at: datetime) -> list[Became]:
    """Take it in; each field for itself, so that one refusal does not lose the others."""
    case = case_of(news, connection)
    if case is None:
        return [Became(NOTHING, "No case here is linked to this record.")]
    heard = []
    for given, do in FIELDS:
        if getattr(news, given):
            case = Case.objects.select_related("site").get(pk=case.pk)
            became = attempt(do, news, case, connection, at)
            heard.append(replace(became, field=given, theirs=getattr(news, given)))
    return heard or [Became(NOTHING, "It says nothing that matters here.")]


def left_to_a_person(became: Iterable[Became]) -> list[dict[str, str]]:
    """The fields that the policy could not settle, and what they say of each."""
    conflicts = [one for one in became if one.what == CONFLICT and one.field]
    return [{"field": one.field, "theirs": one.theirs} for one in conflicts]


def attempt(do: "Hears", news: News, case: Case, connection: Connection, at: datetime) -> Became:
    try:
        return do(news, case, connection, at)
    except DeskError as refusal:
        return Became(CONFLICT, f"{platform(news, connection).name}: {refusal}")


def case_of(news: News, connection: Connection) -> Case | None:
    """The case that this record stands for; by number only one that the connection serves."""
    linked: Case | None = Case.objects.filter(
        links__connection=connection, links__external_id=news.external_id
    ).first()
    if news.external_id and linked:
        return linked
    number = NUMBER.fullmatch(news.number.strip())
    if number is None:
        return None
    served = Q() if connection.site_id is None else Q(site=connection.site_id)
    named: Case | None = Case.objects.filter(served, number=number[1]).first()
    return named


def platform(news: News, connection: Connection) -> Actor:
    name = f"{news.author} ({connection})" if news.author else str(connection)
    return access.by_platform(connection.pk, name[:80])


# --- Status ----------------------------------------------------------------------------------


def status(news: News, case: Case, connection: Connection, at: datetime) -> Became:
    if agrees(news.status, case.status) and (news.status, case.status) not in TAKEN_UP:
        return Became(NOTHING, f"{case} is {case.get_status_display()} already.")
    if Delivery.objects.filter(
        case=case, connection=connection, state__in=OWED, operation__in=MOVES
    ).exists():
        return Became(NOTHING, f"A change of {case} is on its way there; it goes before theirs.")
    by, seen = platform(news, connection), Seen(case.pk)
    for step in steps(news.status, case.status):
        step(seen, by, at, str(connection))
    Link.objects.filter(case=case, connection=connection).update(status=news.status)
    return Became(DONE, f"{case} follows {connection}.")


def kind(word: str) -> str:
    if word in {Status.RESOLVED, Status.CLOSED, Status.DISMISSED}:
        return "settled"
    return "waiting" if word == Status.WAITING else "open"


def agrees(said: str, ours: str) -> bool:
    """Many platforms have no word for waiting; what they say of it is said of other cases, too."""
    return kind(said) == kind(ours) or (said in MAY_WAIT and kind(ours) == "waiting")


Step = Callable[[Seen, Actor, datetime, str], Any]
#: What they say and what we have: within what is open, only that somebody has taken it up is news.
TAKEN_UP = {("acknowledged", "new"), ("in_progress", "new"), ("under_way", "new")}
#: Not settled, and somebody is at it; of what waits they say the same.
MAY_WAIT = {"open", "under_way"}


def steps(said: str, now: str) -> Iterator[Step]:
    """The verbs that lead from where the case is to what they say."""
    if kind(now) == "settled":
        yield lambda seen, by, at, where: lifecycle.reopen(
            seen, by=by, at=at, reason=f"Open again in {where}."
        )
    match kind(said), kind(now):
        case "settled", _:
            yield lambda seen, by, at, where: lifecycle.resolve(
                seen, by=by, at=at, cause=f"resolved in {where}"[:40]
            )
        case "waiting", _:
            if now == Status.NEW:
                yield lambda seen, by, at, where: lifecycle.acknowledge(seen, by=by, at=at)
            yield lambda seen, by, at, where: lifecycle.wait(
                seen, by=by, at=at, waiting_for=f"an answer in {where}"
            )
        case "open", "waiting":
            yield lambda seen, by, at, where: lifecycle.resume(seen, by=by, at=at)
        case "open", "open":
            yield lambda seen, by, at, where: lifecycle.acknowledge(seen, by=by, at=at)


# --- The others ------------------------------------------------------------------------------


def comment(news: News, case: Case, connection: Connection, at: datetime) -> Became:
    if said_by_us(news.comment, case, connection):
        return Became(NOTHING, "We said that ourselves.")
    triage.comment(
        Seen(case.pk), by=platform(news, connection), at=at, text=news.comment, shared=True
    )
    return Became(DONE, f"Written down on {case}.")


def said_by_us(text: str, case: Case, connection: Connection) -> bool:
    """Whether it repeats what we sent there; platforms dress texts up, so only letters and digits count."""
    heard = bare(text)
    ours = Delivery.objects.filter(case=case, connection=connection).exclude(text="")
    sent = ours.order_by("-position").values_list("text", flat=True)[:RECALLED]
    return any(
        (said := bare(one)) and (said in heard or (len(heard) >= CUT and heard in said))
        for one in sent
    )


def bare(text: str) -> str:
    return "".join(re.findall(r"\w+", re.sub(r"<[^<>]*>|&\w+;", " ", text))).lower()


def owner(news: News, case: Case, connection: Connection, at: datetime) -> Became:
    wanted = User.objects.filter(email__iexact=news.assignee_email, is_active=True).first()
    if wanted is None:
        return Became(CONFLICT, f"{connection} gave it to {news.assignee_email}, unknown here.")
    if wanted.pk == case.assignee_id or case.status not in OPEN_STATUSES:
        return Became(NOTHING, f"{case} stays as it is.")
    triage.assign(Seen(case.pk), by=platform(news, connection), at=at, to=wanted.pk)
    return Became(DONE, f"{case} is {wanted.shown_name()}'s now.")


def severity(news: News, case: Case, connection: Connection, at: datetime) -> Became:
    if news.severity == Severity(case.severity).slug:
        return Became(NOTHING, f"{case} has this severity.")
    return Became(NOTHING, f"They say {news.severity}; severity is decided here.")


def verb(news: News, case: Case, connection: Connection, at: datetime) -> Became:
    """What somebody asked for with a button, a reply or a link; as themselves if we know them."""
    by = somebody(news) or access.by_platform(0, platform(news, connection).name)
    ask = VERBS.get(news.verb)
    if ask is None:
        return Became(NOTHING, f"Nobody knows how to {news.verb}.")
    ask(Seen(case.pk), by, at, str(connection))
    return Became(DONE, f"{case}: {news.verb} by {by}.")


VERBS: Mapping[str, Step] = {
    "acknowledge": lambda seen, by, at, where: lifecycle.acknowledge(seen, by=by, at=at),
    "claim": lambda seen, by, at, where: triage.claim(seen, by=by, at=at),
    "start": lambda seen, by, at, where: lifecycle.start(seen, by=by, at=at),
    "resolve": lambda seen, by, at, where: lifecycle.resolve(
        seen, by=by, at=at, cause=f"resolved in {where}"[:40]
    ),
}


def somebody(news: News) -> Actor | None:
    """The person with this address; what they may do, they may do from there."""
    user = User.objects.filter(email__iexact=news.by, is_active=True).first() if news.by else None
    return access.person(user) if user else None


Hears = Callable[[News, Case, Connection, datetime], Became]
#: In this order: who has it, what was said, and then how it stands.
FIELDS: tuple[tuple[str, Hears], ...] = (
    ("assignee_email", owner),
    ("comment", comment),
    ("severity", severity),
    ("status", status),
    ("verb", verb),
)
