"""Where vendors' webhooks come in: ``/in/<token>/`` for all of them; proven, kept, answered (I2)."""

import logging
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django_q.tasks import async_task

from connectors import inbound
from connectors.errors import DeliveryError
from connectors.hooks import Hook
from connectors.listening.keys import with_keys
from connectors.listening.kit import Config, Format
from connectors.models import HookCall, name_of
from connectors.sources.registry import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.models import Source
from exceptions_app.sealed import unreadable

#: What is longer is for a worker; vendors want their answer within a second or a few.
READ_AT_ONCE = 100_000
#: A vendor that repeats itself more often than this is no news.
MOST_PROOFS = 50
REPLAY = "It was sent before: a replay."

log = logging.getLogger(__name__)


def address(source: Source) -> str:
    """The address to type in over there; nobody can guess it."""
    return settings.BASE_URL + reverse("listen", args=[source.token])


@csrf_exempt
def listen(request: HttpRequest, token: str) -> HttpResponse:
    """Believe it, keep it, answer; whoever cannot prove himself learns nothing."""
    source = Source.objects.select_related("site").filter(token=token).exclude(format="").first()
    form = BY_SLUG.get(source.format) if source else None
    if source is None or form is None:
        raise Http404("There is nothing here.")
    if len(request.body) > inbound.MOST_TAKEN:
        return spoken(413, "Send at most 1 MB.")
    call = inbound.heard_as(request, address(source))
    lacking = form.lacks(source.settings)
    if lacking and not unreadable(source.settings):
        return refused(call, source, f"{lacking}: it is not put in yet.")
    try:
        config = with_keys(form, form.config.read(opened(source)), call)
    except (Refused, DeliveryError):
        log.exception("calls to %s cannot be checked now; the vendor will try again", source)
        return spoken(503, "It cannot be checked now. Send it again later.")
    if greeting := form.handshake(call, config):
        return inbound.spoken(greeting)
    if call.method != "POST":
        return spoken(405, "Calls are POSTed here.")
    return answered(call, source, form, config)


def opened(source: Source) -> dict[str, Any]:
    """Its settings, refused if no key opens them."""
    if why := unreadable(source.settings):
        raise Refused(why)
    return dict(source.settings)


def answered(call: Hook, source: Source, form: Format[Any], config: Config) -> HttpResponse:
    problem = form.proof.problem(call, config)
    if problem:
        return refused(call, source, problem)
    kept = inbound.keep(
        call,
        form.event_id(call),
        source=source,
        headers={name: call.header(name) for name in form.keeps if call.header(name)},
        proofs=[mark(call, form)],
    )
    if kept is None:
        return again(call, source, form)
    take_at_once(kept, len(call.raw))
    now = HookCall.objects.select_related("receipt").defer("body").get(pk=kept.pk)
    return spoken(status_of(now, form), said_of(now))


def spoken(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")


def status_of(now: HookCall, form: Format[Any]) -> int:
    """A system of one's own is told that nothing could be taken; a vendor would only send it for days."""
    return 400 if form.ours and now.state == HookCall.State.CONFLICT else 202


def said_of(now: HookCall) -> str:
    """What became of it."""
    of_signals = now.receipt and (now.receipt.refused or now.receipt.conflict)
    left = of_signals or now.state == HookCall.State.CONFLICT
    mend = " What was refused is kept, to be mended at the desk." if left else ""
    return f"{now.outcome or 'It is kept; a worker takes it in.'}{mend}"


def refused(call: Hook, source: Source, problem: str) -> HttpResponse:
    """Counted, and kept for a day, so that one can see why."""
    log.warning("a call to %s was refused: %s", source, problem)
    inbound.keep(call, "", source=source, state=HookCall.State.REFUSED, outcome=problem)
    return spoken(401, problem)


def mark(call: Hook, form: Format[Any]) -> str:
    """What the signature covers, where that is a moment: the same again was recorded by somebody."""
    at = form.signed_at(call)
    return sha256(at.encode() + b"." + call.raw).hexdigest() if at else ""


@transaction.atomic
def again(call: Hook, source: Source, form: Format[Any]) -> HttpResponse:
    """A vendor's own retry has a moment of its own, or none at all; it is known, and changes nothing."""
    before = HookCall.objects.select_for_update().exclude(state=HookCall.State.REFUSED)
    known = before.get(source=source, event_id=name_of(form.event_id(call)))
    made = mark(call, form)
    if made and made in known.proofs:
        return refused(call, source, REPLAY)
    known.proofs = [*known.proofs, made][-MOST_PROOFS:]
    known.save(update_fields=["proofs"])
    return spoken(status_of(known, form), "It was sent before, and changes nothing.")


def take_at_once(kept: HookCall, size: int) -> None:
    """It is stored; whatever keeps it from being taken in now, a worker does it later."""
    try:
        done = size <= READ_AT_ONCE and inbound.taken_one(kept.pk)
    except DatabaseError:
        log.exception("call %s to %s is left to a worker", kept.pk, kept.source)
        done = False
    if not done:
        transaction.on_commit(lambda: async_task("connectors.inbound.take_in"))
