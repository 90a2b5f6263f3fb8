"""The sandbox's two faces: the platforms' addresses for our worker, and a page for people."""

import json
from collections.abc import Callable, Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from connectors.kit import Json
from connectors.registry import BY_SLUG
from connectors.sandbox import page, pagerduty, slack, smtp, zendesk
from connectors.sandbox.calls import Answer, Call, as_object
from exceptions_app.models import User
from exceptions_app.people.access import person

STAND_INS: Mapping[str, Callable[[Call], Answer]] = {
    "pagerduty": pagerduty.answer,
    "slack": slack.answer,
    "smtp": smtp.answer,
    "zendesk": zendesk.answer,
}


@csrf_exempt
def stand_in(request: HttpRequest, platform: str, path: str) -> HttpResponse:
    """Answer as the platform would."""
    answer = STAND_INS.get(platform)
    if not settings.SANDBOX or answer is None:
        raise Http404("There is no such platform here.")
    call = Call(
        platform,
        request.method or "GET",
        path,
        request.GET.dict(),
        request.headers,
        read(request.body),
        timezone.now(),
    )
    with transaction.atomic():
        said = answer(call)
    return JsonResponse(said.body, status=said.status, headers=dict(said.headers))


def read(raw: bytes) -> Json:
    """A JSON object, or nothing; the database takes no NUL."""
    try:
        return as_object(json.loads(raw.replace(b"\\u0000", b"")))
    except ValueError:
        return {}


@login_required
@require_GET
def arrived(request: HttpRequest) -> HttpResponse:
    """Show what has arrived at one platform, as a person would see it there."""
    if not settings.SANDBOX or not isinstance(request.user, User):
        raise Http404("There is no sandbox here.")
    asked = request.GET.get("platform", "")
    tabs = page.tabs(asked if asked in BY_SLUG else "")
    slug = next(tab.slug for tab in tabs if tab.current)
    context = {"tabs": tabs, "slug": slug, "records": page.records(slug, by=person(request.user))}
    return render(request, "connectors/sandbox.html", context)
