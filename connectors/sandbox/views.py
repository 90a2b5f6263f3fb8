"""The sandbox's two faces: the platforms' addresses for our worker, and a page for people."""

import json
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from connectors.errors import DeliveryError
from connectors.kit import Json
from connectors.models import SandboxFault
from connectors.registry import BY_SLUG
from connectors.sandbox import acting, faults, page
from connectors.sandbox.calls import Answer, Call, as_object, granting
from connectors.sandbox.place import seen_at
from connectors.sandbox.registry import STANDS
from exceptions_app.errors import DeskError, Refused
from exceptions_app.models import Connection, User
from exceptions_app.people import access
from exceptions_app.people.access import Actor, person


@csrf_exempt
def stand_in(request: HttpRequest, platform: str, path: str) -> HttpResponseBase:
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
    granted = granting(call)
    fault = None if granted else faults.next_fault(call, stand)
    if fault and (wrong := faults.instead(fault, stand)):
        return wrong
    with transaction.atomic():
        answer = spoken(granted or stand.answer(call))
    return faults.afterwards(fault, answer) if fault else answer


def spoken(said: Answer) -> HttpResponse:
    headers = dict(said.headers)
    if said.status == HTTPStatus.NO_CONTENT:
        return HttpResponse(status=204, headers=headers)
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
@require_POST
def act(request: HttpRequest, record_id: int) -> HttpResponse:
    """Do something over there, as its people would."""
    by = allowed(request, "comment")
    record = get_object_or_404(page.visible(by).select_related("connection"), pk=record_id)
    where = seen_at(record.connection.platform, record.external_id)
    text = request.POST.get("text", "").replace("\0", "")
    try:
        answered = acting.act_there(record, request.POST.get("act", ""), text, at=timezone.now())
    except (DeskError, DeliveryError) as refusal:
        messages.error(request, str(refusal))
        return redirect(where)
    tell = messages.success if answered == HTTPStatus.OK else messages.error
    tell(request, f"Done over there; {acting.answered(record.connection, answered)}")
    return redirect(where)


@login_required
@require_POST
def go_wrong(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Tell a stand-in what to do wrong, or no more."""
    allowed(request, "configure")
    connection = get_object_or_404(Connection, pk=connection_id, sandbox=True)
    try:
        fault = faults.told(connection, request.POST.get("kind", ""), request.POST.get("left", "1"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, faults.said(connection, fault))
    return redirect(f"{reverse('sandbox')}?platform={connection.platform}")


def signed_in(request: HttpRequest) -> Actor:
    if not settings.SANDBOX or not isinstance(request.user, User):
        raise Http404("There is no sandbox here.")
    return person(request.user)


def allowed(request: HttpRequest, verb: str) -> Actor:
    by = signed_in(request)
    if not access.may_somewhere(by, verb):
        raise PermissionDenied("Your role does not cover this. Ask an administrator.")
    return by


@login_required
@require_GET
def arrived(request: HttpRequest) -> HttpResponse:
    """Show what has arrived at one platform, as a person would see it there."""
    by = signed_in(request)
    asked = request.GET.get("platform", "")
    tabs = page.tabs(asked if asked in BY_SLUG else "")
    slug = next(tab.slug for tab in tabs if tab.current)
    context = {
        "tabs": tabs,
        "slug": slug,
        "records": page.records(slug, by=by, asked=request.GET.get("record", "")),
        "most": page.SHOWN,
        "connections": page.connections(slug, by=by),
        "acts": [(act, acting.WORDS[act]) for act in STANDS[slug].does_there],
        "may_act": access.may_somewhere(by, "comment"),
        "faults": page.faults(slug) if access.may(by, "configure") else [],
        "kinds": SandboxFault.Kind.choices,
    }
    return render(request, "connectors/sandbox.html", context)
