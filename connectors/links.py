"""Links in mails that acknowledge or resolve a case without a sign-in: signed, and good once (Y3)."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connectors.models import HookCall
from connectors.snapshot import PRESSED, SALT
from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.hearing import CONFLICT
from exceptions_app.mirroring.news import News
from exceptions_app.models import Case, Connection
from exceptions_app.vocabulary import Status

GOOD_FOR = timedelta(days=14)
GONE = "This link has been used, or is too old. Open the case instead, or ask for a new message."


@csrf_exempt  # the token is the proof, and no cookie is asked
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, since mail programs follow links; pressing does, once."""
    try:
        number, connection_id, verb, _ = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError):
        return told(request, GONE, status=410)
    connection = Connection.objects.filter(pk=connection_id, enabled=True).first()
    news = News(number=number, verb=verb)
    case = hearing.case_of(news, connection) if connection else None
    if connection is None or case is None or verb not in PRESSED or used(connection, token):
        return told(request, GONE, status=410)
    if done := nothing_left(case, verb):
        return told(request, done, case=case)
    if request.method == "GET":
        return told(request, "", case=case, label=PRESSED[verb])
    return told(request, pressed(news, connection, case, token), case=case)


def nothing_left(case: Case, verb: str) -> str:
    """Why there is nothing to press; the link is not used up by that."""
    if case.is_open and (verb != "acknowledge" or case.status == Status.NEW):
        return ""
    return f"{case} is {case.get_status_display()} already. There is nothing to {verb}."


def used(connection: Connection, token: str) -> bool:
    return HookCall.objects.filter(connection=connection, event_id=name_of(token)).exists()


def name_of(token: str) -> str:
    return f"act:{sha256(token.encode()).hexdigest()}"


@transaction.atomic
def pressed(news: News, connection: Connection, case: Case, token: str) -> str:
    """Do it, and remember that this link was used; of two presses at once one finds it used."""
    call, new = HookCall.objects.get_or_create(
        connection=connection,
        event_id=name_of(token),
        defaults={"at": timezone.now(), "case": case, "state": HookCall.State.DONE},
    )
    if not new:
        return GONE
    (became,) = hearing.hear(news, connection, at=timezone.now())
    call.outcome = became.sentence[:500]
    if became.what == CONFLICT:
        call.state = HookCall.State.NOTHING
    call.save(update_fields=["outcome", "state"])
    return became.sentence


def told(request: HttpRequest, sentence: str, *, status: int = 200, **more: Any) -> HttpResponse:
    answer = render(request, "connectors/act.html", {"sentence": sentence, **more}, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    return answer
