"""The sandbox's two faces: the platforms' addresses for our worker, and a page for people."""

import json

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from connectors.kit import Json
from connectors.registry import BY_SLUG
from connectors.sandbox import page
from connectors.sandbox.calls import Call, as_object, granting
from connectors.sandbox.registry import STANDS
from exceptions_app.models import User
from exceptions_app.people.access import person


@csrf_exempt
def stand_in(request: HttpRequest, platform: str, path: str) -> HttpResponse:
    """Answer as the platform would."""
    stand = STANDS.get(platform)
    if not settings.SANDBOX or stand is None:
        raise Http404("There is no such platform here.")
    call = Call(
        platform,
        request.method or "GET",
        path,
        request.GET.dict(),
        request.headers,
        read(request),
        timezone.now(),
        request.body.decode(errors="replace"),
    )
    with transaction.atomic():
        said = granting(call) or stand.answer(call)
    headers = dict(said.headers)
    if isinstance(said.body, str):
        headers = {"Content-Type": "text/plain"} | headers
        return HttpResponse(said.body, status=said.status, headers=headers)
    return JsonResponse(said.body, status=said.status, headers=headers, safe=False)


def read(request: HttpRequest) -> Json:
    """A JSON object, a form, or nothing; an array is found as ``items``. The database takes no NUL."""
    raw = request.body
    if request.content_type == "multipart/form-data":
        files = {
            name: file.name
            for name, file in request.FILES.items()
            if isinstance(file, UploadedFile)
        }
        return {**request.POST.dict(), "files": files}
    if request.content_type == "application/x-www-form-urlencoded":
        return request.POST.dict()
    try:
        body = json.loads(raw.replace(b"\\u0000", b""))
    except ValueError:
        return {}
    return {"items": body} if isinstance(body, list) else as_object(body)


@login_required
@require_GET
def arrived(request: HttpRequest) -> HttpResponse:
    """Show what has arrived at one platform, as a person would see it there."""
    if not settings.SANDBOX or not isinstance(request.user, User):
        raise Http404("There is no sandbox here.")
    asked = request.GET.get("platform", "")
    tabs = page.tabs(asked if asked in BY_SLUG else "")
    slug = next(tab.slug for tab in tabs if tab.current)
    by = person(request.user)
    context = {
        "tabs": tabs,
        "slug": slug,
        "records": page.records(slug, by=by),
        "connections": page.connections(slug, by=by),
    }
    return render(request, "connectors/sandbox.html", context)
