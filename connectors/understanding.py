"""What a call of a platform says, and what comes of it (Y1); what cannot be asked now is put off."""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from connectors.account import Account
from connectors.errors import Busy, DeliveryError, Permanent, Temporary
from connectors.hooks import Event, Hook
from connectors.models import HookCall
from connectors.worker import pace_of
from exceptions_app.errors import Refused
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.hearing import CONFLICT, DONE, NOTHING, Became
from exceptions_app.models import Connection, Link
from exceptions_app.outbox import gates
from exceptions_app.outbox.outcomes import LONGEST_OBEYED, PATIENCE

#: So many records of one call are asked about; a comparison finds the others.
AT_ONCE = 100
#: What is free so soon is waited for, so often; for the rest of them the call is put off.
SOON, PATIENT = timedelta(seconds=1), 3
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)

log = logging.getLogger(__name__)


def take(call: HookCall, connection: Connection) -> None:
    try:
        became = understood(call, connection)
    except PutOff as later:
        call.state, call.due_at, call.outcome = HookCall.State.HELD, later.until, str(later)[:500]
        return
    worst = next((w for w in (CONFLICT, DONE) if any(b.what == w for b in became)), NOTHING)
    call.state, call.conflicts = worst, hearing.left_to_a_person(became)
    call.outcome = " ".join(dict.fromkeys(b.sentence for b in became))[:500]


class PutOff(Exception):
    """A record cannot be asked about now: nothing of the call is taken in until then."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class UsedUp(Temporary):
    """The budget of the connection, or its circuit is open; it was not asked."""


def understood(call: HookCall, connection: Connection) -> list[Became]:
    """What it says, read by its connector, and what came of each thing."""
    account: Account | None = None
    try:
        account = Account(connection)
        with transaction.atomic():
            became = everything_of(call, connection, account)
    except Temporary as problem:
        return put_off(call, connection, problem, account)
    except (DeliveryError, Refused) as problem:
        return [Became(CONFLICT, said(problem, account))]
    except OperationalError:
        raise  # a deadlock, a lost connection: it waits, and is taken in when that is over
    except (ValueError, TypeError, KeyError, AttributeError, DatabaseError) as fault:
        log.exception("a call of %s could not be read", connection)
        return [Became(CONFLICT, f"It could not be read ({type(fault).__name__}); it is logged.")]
    return became or [Became(NOTHING, "It says nothing that matters here.")]


def said(problem: Exception, account: Account | None) -> str:
    return account.redact(str(problem)) if account else str(problem)


def put_off(
    call: HookCall, connection: Connection, problem: Temporary, account: Account | None
) -> list[Became]:
    """Ask again, ever later; after two days it is for a person."""
    now, words = timezone.now(), said(problem, account)
    wait = problem.after or min(max(now - call.at, FIRST_WAIT), LONGEST_WAIT)
    until = now + max(min(wait, LONGEST_OBEYED), timedelta(seconds=1))
    if until > call.at + PATIENCE:
        return [Became(CONFLICT, f"Asked in vain for 48 hours. {words}")]
    match problem:
        case UsedUp():
            pass
        case Busy():
            gates.hold(connection.pk, until=until)
        case _:
            gates.note_failure(connection.pk, at=now)
    raise PutOff(
        f"The record is asked about again from {until:%Y-%m-%d %H:%M} UTC on. {words}", until
    )


def everything_of(call: HookCall, connection: Connection, account: Account) -> list[Became]:
    inbound = account.connector.inbound
    if inbound is None:
        return [Became(NOTHING, "This platform tells us nothing any more.")]
    body = Hook("", call.body.encode(), call.at).body
    events = inbound.read(body, account.config)
    ours = linked(events, connection)
    if events and not ours:
        return [Became(NOTHING, "No case here is linked to this record.")]
    ask = Asking(connection, account)
    return [one for event in ours[:AT_ONCE] for one in heard(event, call, connection, ask)]


def linked(events: list[Event], connection: Connection) -> list[Event]:
    """Those about a case; of other people's records nobody need be asked."""
    known = set(
        Link.objects.filter(
            connection=connection, external_id__in={event.external_id for event in events}
        ).values_list("external_id", flat=True)
    )
    return [event for event in events if event.external_id in known or event.number]


def heard(event: Event, call: HookCall, connection: Connection, ask: "Asking") -> list[Became]:
    try:
        news = replace(event, status=ask.standing(event))
    except Permanent as refusal:
        return [Became(CONFLICT, said(refusal, ask.account))]
    call.case = hearing.case_of(news, connection)
    return hearing.hear(news, connection, at=max(call.at, timezone.now()))


class Asking:
    """How records stand now, since calls overtake each other; each is asked once, within the budget."""

    def __init__(self, connection: Connection, account: Account) -> None:
        self.connection, self.account = connection, account
        self.answers: dict[str, str] = {}

    def standing(self, event: Event) -> str:
        """What it says itself will do where it cannot be asked now."""
        if not (event.look or event.status) or not event.external_id:
            return event.status
        try:
            if event.external_id not in self.answers:
                self._admit()
                self.answers[event.external_id] = self.account.standing(event.external_id)
                gates.note_answer(self.connection.pk)
        except Temporary:
            if event.look:
                raise
            return event.status
        return self.answers[event.external_id] or event.status

    def _admit(self) -> None:
        """The first has to wait for the gate; what follows is put on its account."""
        now, pk, pace = timezone.now(), self.connection.pk, pace_of(self.connection)
        if self.answers:
            return gates.spend(pk, pace, at=now, requests=1)
        for _ in range(PATIENT):
            if gates.admit(pk, pace, at=timezone.now()):
                return None
            wait = gates.next_admission(pk, timezone.now()) - timezone.now()
            if wait > SOON:
                break
            time.sleep(max(0.0, wait.total_seconds()))
        raise UsedUp("The connection is used up for now.", after=wait)
