"""Where platforms call us: one address for all, proven, kept, answered, and only then taken in (Y1)."""

import hmac
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django_q.tasks import async_task

from connectors.account import Account
from connectors.errors import Busy, DeliveryError, Permanent, Temporary
from connectors.hooks import Event, Hook, Inbound, Said
from connectors.listening import taking
from connectors.models import HookCall
from connectors.worker import pace_of
from exceptions_app.errors import Refused
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.hearing import CONFLICT, DONE, NOTHING, Became
from exceptions_app.models import Connection, Link
from exceptions_app.outbox import gates
from exceptions_app.outbox.outcomes import LONGEST_OBEYED, PATIENCE

MOST_TAKEN = 1_000_000
#: How long a refused call and a call that was taken in are kept.
REFUSED_KEPT, KEPT = timedelta(days=1), timedelta(days=30)
#: So many records of one call are asked about; a comparison finds the others.
AT_ONCE = 100
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
#: What taking a call in writes on it.
TAKEN = ("state", "outcome", "conflicts", "case", "receipt", "parcel", "follows", "due_at")

log = logging.getLogger(__name__)


def hook_address(connection: Connection) -> str:
    """The address to type in over there; nobody can guess it."""
    return settings.BASE_URL + reverse("hook", args=[connection.pk, hook_token(connection.pk)])


def hook_token(connection_id: int) -> str:
    return Signer(salt="hooks").signature(str(connection_id))


@csrf_exempt
def hook(request: HttpRequest, connection_id: int, token: str) -> HttpResponse:
    """Believe it, keep it, answer; what it means is found out afterwards."""
    if not hmac.compare_digest(token.encode(), hook_token(connection_id).encode()):
        raise Http404("There is nothing here.")
    connection = Connection.objects.filter(pk=connection_id, enabled=True).first()
    if connection is None or len(request.body) > MOST_TAKEN:
        raise Http404("There is nothing here.")
    try:
        account = Account(connection)
    except DeliveryError:
        raise Http404("There is nothing here.") from None
    inbound = account.connector.inbound
    if inbound is None:
        raise Http404("There is nothing here.")
    return answered(heard_as(request, hook_address(connection)), inbound, connection, account)


def heard_as(request: HttpRequest, address: str) -> Hook:
    """As it was sent; our own address as whoever calls knows it, whatever stands in between."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.META.get("QUERY_STRING", "")
    url = address + (f"?{query}" if query else "")
    return Hook(url, request.body, timezone.now(), request.method or "POST", headers)


def answered(
    call: Hook, inbound: Inbound[Any], connection: Connection, account: Account
) -> HttpResponse:
    try:
        greeting = inbound.handshake(call, account.config)
    except ValueError:
        return HttpResponse(status=400)
    if greeting:
        return greeted(greeting, connection)
    if call.method != "POST":
        return HttpResponse(status=405)
    problem = inbound.proof.problem(call, account.config)
    state = HookCall.State.REFUSED if problem else HookCall.State.WAITING
    name = inbound.event_id(call)
    new = keep(call, name, connection=connection, state=state, outcome=problem)
    if problem:
        log.warning("a call of %s was refused: %s", connection, problem)
        return HttpResponse(status=401)
    if new:
        transaction.on_commit(lambda: async_task("connectors.inbound.take_in"))
    return greeted(inbound.answer(call), connection)


def greeted(said: Said, connection: Connection) -> HttpResponse:
    """A handshake may bring the secret that later calls are signed with."""
    if said.keep:
        with transaction.atomic():
            row = Connection.objects.select_for_update().get(pk=connection.pk)
            row.settings = {**row.settings, **said.keep}
            row.save(update_fields=["settings"])
    return spoken(said)


def spoken(said: Said) -> HttpResponse:
    return HttpResponse(said.text, said.kind, said.status, headers=dict(said.headers))


def keep(call: Hook, event_id: str, **given: Any) -> HookCall | None:
    """The call as it is kept, if it is new. The database takes no NUL."""
    kept = HookCall(
        event_id=event_id[:200],
        at=call.at,
        body=call.raw.decode(errors="replace").replace("\x00", ""),
        kind=call.header("content-type")[:100],
        **given,
    )
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        return None
    return kept


# --- Taking it in ----------------------------------------------------------------------------


def take_in() -> None:
    """Everything that waits, in the order in which it came, and what that was held for.

    Any number of these may run.
    """
    while taken_one() or taking.wake(timezone.now()):
        pass


def taken_one(call_id: int | None = None) -> bool:
    """The oldest, or this one, unless somebody else has it."""
    with transaction.atomic():
        waiting = HookCall.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=HookCall.State.WAITING, **({"pk": call_id} if call_id else {})
        )
        call = waiting.select_related("connection", "source__site").order_by("id").first()
        if call is None:
            return False
        if call.source:
            taking.take(call, call.source)
        elif call.connection:
            take(call, call.connection)
        call.save(update_fields=TAKEN)
    return True


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
            gates.spend(pk, pace, at=now, requests=1)
        elif not gates.admit(pk, pace, at=now):
            until = gates.next_admission(pk, now)
            raise UsedUp("The connection is used up for now.", after=until - now)


def forget() -> None:
    """Refused calls after a day, others after a month; a platform's conflicts stay until somebody has seen
    to them. What a source could not tell is mended elsewhere.
    """
    now, every = timezone.now(), HookCall.objects.all()
    every.filter(state=HookCall.State.REFUSED, at__lt=now - REFUSED_KEPT).delete()
    left = every.exclude(state__in=(HookCall.State.WAITING, HookCall.State.HELD))
    left.filter(at__lt=now - KEPT).exclude(state=HookCall.State.CONFLICT, source=None).delete()
