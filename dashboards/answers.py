"""Answering a press: as JSON to a script, as a page or a redirect to a browser without."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from exceptions_app.errors import DeskError, NotFound, NotPermitted, Refused

STATUS_OF: dict[type[DeskError], int] = {NotPermitted: 403, NotFound: 404, Refused: 422}


def status_of(refusal: DeskError) -> int:
    """The HTTP status of a refusal; a case that moved on, or may not move so, is a conflict."""
    return STATUS_OF.get(type(refusal), 409)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def wants_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def turned_down(request: HttpRequest, refusal: DeskError, otherwise: str) -> HttpResponse:
    """To a page: what is not theirs does not exist; else back to where it was pressed, with the sentence."""
    if isinstance(refusal, NotFound):
        raise Http404(str(refusal)) from refusal
    if isinstance(refusal, NotPermitted):
        raise PermissionDenied(str(refusal)) from refusal
    messages.error(request, str(refusal))
    return redirect(otherwise)


def refused(request: HttpRequest, refusal: DeskError, otherwise: str) -> HttpResponse:
    """The same, and the sentence alone to a script."""
    if wants_json(request):
        return JsonResponse({"ok": False, "sentence": str(refusal)}, status=status_of(refusal))
    return turned_down(request, refusal, otherwise)


def back(request: HttpRequest, otherwise: str = "") -> str:
    """Where the person came from, if that is one of our own pages."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else otherwise or reverse("board")


def words(text: str) -> str:
    """What was typed into an address, without what PostgreSQL takes in no text."""
    return text.replace("\0", "").strip()


def has_words(text: str, asked: str) -> bool:
    """Whether a text in lower case has every word that somebody typed. ``narrow.js`` finds the same."""
    return all(word in text for word in asked.lower().split())


def whole_number(text: str) -> int | None:
    """A number small enough for the database, if the text is one."""
    return int(text) if text.isdecimal() and len(text) < 19 else None
