"""Where platforms call us: one address for all, proven, kept, answered, and only then taken in (Y1)."""

import hmac
import logging
import time
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import Error, IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django_q.tasks import async_task

from connectors import understanding
from connectors.account import Account
from connectors.errors import DeliveryError
from connectors.hooks import Hook, Inbound, Said
from connectors.listening import taking
from connectors.models import HookCall, name_of
from exceptions_app.leases import only_one
from exceptions_app.models import Connection
from exceptions_app.sealed import unreadable

MOST_TAKEN = 1_000_000
#: How long a refused call and a call that was taken in are kept.
REFUSED_KEPT, KEPT = timedelta(days=1), timedelta(days=30)
#: Seconds of one task, well before django-q2's time-out; and calls that others may have in hand.
SHIFT, LOOKED_THROUGH = 30.0, 20
#: Names what is in hand among PostgreSQL's advisory locks.
IN_HAND = 0x484F4F4B
#: What taking a call in writes on it.
TAKEN = ("state", "outcome", "conflicts", "case", "receipt", "parcel", "follows", "due_at", "tries")

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
    if why := unreadable(connection.settings):
        log.error("calls of %s cannot be checked: %s", connection, why)
        return HttpResponse("It cannot be checked now. Send it again later.", status=503)
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
        name = "" if greeting else inbound.event_id(call)
    except ValueError:
        return HttpResponse(status=400)
    if greeting:
        return greeted(greeting, connection)
    if call.method != "POST":
        return HttpResponse(status=405)
    if problem := inbound.proof.problem(call, account.config):
        return refused(call, connection, problem, name)
    if keep(call, name, connection=connection):
        transaction.on_commit(lambda: async_task("connectors.inbound.take_in"))
    return greeted(inbound.answer(call), connection)


def refused(call: Hook, connection: Connection, why: str, name: str) -> HttpResponse:
    """Kept for a day, so that one can see why."""
    log.warning("a call of %s was refused: %s", connection, why)
    keep(call, name, connection=connection, state=HookCall.State.REFUSED, outcome=why)
    return HttpResponse(status=401)


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
        event_id=name_of(event_id),
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

    Any number of these may run; what is left after a while is for the next.
    """
    until = time.monotonic() + SHIFT
    while taken_one() or taking.wake(timezone.now()):
        if time.monotonic() > until:
            async_task("connectors.inbound.take_in")
            break


def taken_one(call_id: int | None = None) -> bool:
    """The oldest, or this one, unless somebody else has it."""
    waiting = HookCall.objects.filter(state=HookCall.State.WAITING)
    mine = waiting.filter(pk=call_id) if call_id else waiting
    for found_id in mine.order_by("id").values_list("pk", flat=True)[:LOOKED_THROUGH]:
        with only_of(found_id) as mine_alone:
            if mine_alone and settled(found_id):
                return True
    return False


def only_of(call_id: int) -> AbstractContextManager[bool]:
    """Whether nobody else has this call in hand."""
    return only_one(IN_HAND, call_id % 2**31)


def settled(call_id: int) -> bool:
    """Ask, then write down what came of it; whether it still waited."""
    everything = HookCall.objects.select_related("connection", "source__site")
    call = everything.filter(pk=call_id, state=HookCall.State.WAITING).first()
    if call is None:
        return False
    mine = HookCall.objects.filter(pk=call_id)
    mine.update(tries=call.tries + 1)
    try:
        return understood(call)
    except Exception:
        # It has ended after all; only who was killed over it leaves the count as it is.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        with suppress(Error):
            mine.update(tries=0)
        raise


def understood(call: HookCall) -> bool:
    found = understanding.ask(call, call.connection) if call.connection else None
    with transaction.atomic():
        locked = HookCall.objects.select_for_update().filter(pk=call.pk, state=call.state)
        if not locked.exists():
            return False
        if call.source:
            taking.take(call, call.source)
        elif call.connection and found:
            understanding.take(call, call.connection, found)
        call.tries = 0
        call.save(update_fields=TAKEN)
    return True


def forget() -> None:
    """Refused calls after a day, others after a month; a platform's conflicts stay until somebody has seen
    to them. What a source could not tell is mended elsewhere.
    """
    now, every = timezone.now(), HookCall.objects.all()
    every.filter(state=HookCall.State.REFUSED, at__lt=now - REFUSED_KEPT).delete()
    left = every.exclude(state__in=(HookCall.State.WAITING, HookCall.State.HELD))
    left.filter(at__lt=now - KEPT).exclude(state=HookCall.State.CONFLICT, source=None).delete()
