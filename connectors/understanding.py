"""What a call of a platform says, and what comes of it (Y1); what cannot be asked now is put off.

Platforms are asked first, with no transaction open: whoever sends something would wait for it.
"""

import logging
import time
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from connectors.account import Account, redactor
from connectors.errors import UNREADABLE, DeliveryError, Permanent, Temporary
from connectors.hooks import Event, Hook
from connectors.models import HookCall
from connectors.worker import mind_gate
from exceptions_app.errors import Refused
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.hearing import CONFLICT, DONE, NOTHING, Became
from exceptions_app.models import Connection, Link
from exceptions_app.outbox import gates
from exceptions_app.outbox.outcomes import LONGEST_OBEYED, PATIENCE

#: So many records of one call are asked about, for so many seconds; a comparison finds the others.
AT_ONCE, LONGEST = 100, 20.0
#: What is free so soon is waited for, so often; for the rest of them the call is put off.
SOON, PATIENT = timedelta(seconds=1), 3
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass
class Found:
    """What a call tells of our records as they stand, what cannot be taken in, or ``until`` when it waits."""

    news: list[Event] = field(default_factory=list)
    became: list[Became] = field(default_factory=list)
    until: datetime | None = None
    why: str = ""


class UsedUp(Temporary):
    """The budget of the connection, or its circuit is open; it was not asked."""


# --- Asking: no transaction ------------------------------------------------------------------


def ask(call: HookCall, connection: Connection) -> Found:
    """Read it, and ask how those of its records stand that are ours."""
    account: Account | None = None
    try:
        call.insist_it_ends()
        account = Account(connection)
        return everything_of(call, connection, account)
    except Temporary as problem:
        return put_off(call, redactor(account)(str(problem)), problem.after)
    except (DeliveryError, Refused) as problem:
        return Found(became=[Became(CONFLICT, redactor(account)(str(problem)))])
    except OperationalError:
        raise  # a lost connection: it waits, and is taken in when that is over
    except (*UNREADABLE, DatabaseError) as fault:
        return Found(became=[unreadable(fault, connection)])


def unreadable(fault: Exception, connection: Connection) -> Became:
    log.error("a call of %s could not be read", connection, exc_info=fault)
    return Became(CONFLICT, f"It could not be read ({type(fault).__name__}); it is logged.")


def put_off(call: HookCall, words: str, after: timedelta | None) -> Found:
    """Ask again, ever later; after two days it is for a person."""
    now = timezone.now()
    wait = after or min(max(now - call.at, FIRST_WAIT), LONGEST_WAIT)
    until = now + max(min(wait, LONGEST_OBEYED), timedelta(seconds=1))
    if until > call.at + PATIENCE:
        return Found(became=[Became(CONFLICT, f"Asked in vain for 48 hours. {words}")])
    why = f"The record is asked about again from {until:%Y-%m-%d %H:%M} UTC on. {words}"
    return Found(until=until, why=why)


def everything_of(call: HookCall, connection: Connection, account: Account) -> Found:
    inbound = account.connector.inbound
    if inbound is None:
        return Found(became=[Became(NOTHING, "This platform tells us nothing any more.")])
    body = Hook("", call.body.encode(), call.at).body
    events = inbound.read(body, account.config)
    ours = linked(events, connection)
    if events and not ours:
        return Found(became=[Became(NOTHING, "No case here is linked to this record.")])
    found, asking = Found(), Asking(connection, account)
    for event in ours[:AT_ONCE]:
        try:
            found.news.append(replace(event, status=asking.standing(event)))
        except Permanent as refusal:
            found.became.append(Became(CONFLICT, account.redact(str(refusal))))
    return found


def linked(events: list[Event], connection: Connection) -> list[Event]:
    """Those about a case; of other people's records nobody need be asked."""
    ids = {event.external_id for event in events}
    links = Link.objects.filter(connection=connection, external_id__in=ids)
    known = set(links.values_list("external_id", flat=True))
    return [event for event in events if event.external_id in known or event.number]


class Asking:
    """How records stand now, since calls overtake each other; each is asked once, within the budget.

    After the first trouble nobody is asked any more; what that costs is for the gate to know.
    """

    def __init__(self, connection: Connection, account: Account) -> None:
        self.connection, self.account = connection, account
        self.answers: dict[str, str] = {}
        self.trouble: Temporary | None = None
        self.until = time.monotonic() + LONGEST

    def standing(self, event: Event) -> str:
        """What it says itself will do where it cannot be asked now."""
        if not (event.look or event.status) or not event.external_id:
            return event.status
        settled = self.trouble or event.external_id in self.answers
        if not settled and time.monotonic() < self.until:
            self._ask(event.external_id)
        if self.trouble and event.look:
            raise self.trouble
        return self.answers.get(event.external_id) or event.status

    def _ask(self, external_id: str) -> None:
        try:
            self._admit()
            self.answers[external_id] = self.account.standing(external_id)
        except Temporary as problem:
            self.trouble = problem
        if not isinstance(self.trouble, UsedUp):
            mind_gate(self.connection.pk, self.trouble, at=timezone.now())

    def _admit(self) -> None:
        """The first has to wait for the gate; what follows is put on its account."""
        now, pk, rate = timezone.now(), self.connection.pk, self.account.connector.rate
        if self.answers:
            return gates.spend(pk, rate, at=now, requests=1)
        for _ in range(PATIENT):
            if gates.admit(pk, rate, at=timezone.now()):
                return None
            wait = gates.next_admission(pk, timezone.now()) - timezone.now()
            if wait > SOON:
                break
            time.sleep(max(0.0, wait.total_seconds()))
        raise UsedUp("The connection is used up for now.", after=wait)


# --- Taking in: one transaction --------------------------------------------------------------


def take(call: HookCall, connection: Connection, found: Found) -> None:
    """Have the call say what became of it, unsaved."""
    if found.until:
        call.state, call.due_at, call.outcome = HookCall.State.HELD, found.until, found.why[:500]
        return
    became = found.became + everything_heard(call, connection, found.news)
    became = became or [Became(NOTHING, "It says nothing that matters here.")]
    worst = next((w for w in (CONFLICT, DONE) if any(b.what == w for b in became)), NOTHING)
    call.state, call.conflicts = worst, hearing.left_to_a_person(became)
    call.outcome = " ".join(dict.fromkeys(b.sentence for b in became))[:500]


def everything_heard(call: HookCall, connection: Connection, news: list[Event]) -> list[Became]:
    try:
        with transaction.atomic():
            return [one for event in news for one in heard(event, call, connection)]
    except OperationalError:
        raise  # a deadlock, a lost connection: it waits, and is taken in when that is over
    except (*UNREADABLE, DatabaseError) as fault:
        return [unreadable(fault, connection)]


def heard(event: Event, call: HookCall, connection: Connection) -> list[Became]:
    call.case = hearing.case_of(event, connection)
    return hearing.hear(event, connection, at=max(call.at, timezone.now()))
