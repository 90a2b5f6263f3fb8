"""Complaints for those at the desk: the doubted ones, what they sent along, and what a text looks like."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from dashboards.actor import actor
from dashboards.answers import back, refused, wants_json, whole_number, words
from dashboards.chips import Choice
from dashboards.viewing import viewer
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.complaints import deciding, panel, receiving
from exceptions_app.complaints.suggesting import READ, Said, suggest
from exceptions_app.errors import DeskError, Refused
from exceptions_app.models import Case, ComplaintLesson
from exceptions_app.people import access
from exceptions_app.vocabulary import ExceptionType

SHOWN = 100
TABS = (("suspected", "Doubted"), ("received", "Received"), ("discarded", "Put away"))
SETTLED = {"believe": receiving.believed, "discard": receiving.discarded}


@login_required
@require_GET
def complaints(request: HttpRequest) -> HttpResponse:
    """The doubted first: nothing is lost, and a person says what is real."""
    by = actor(request)
    state = request.GET.get("state", "suspected")
    state = state if state in dict(TABS) else "suspected"
    rows = panel.listed(by, state)[:SHOWN]
    cases = Case.objects.filter(pk__in=[one.case_id for one in rows])
    context = {
        "rows": rows,
        "cases": set(access.visible(cases, by).values_list("pk", flat=True)),
        "state": state,
        "tabs": [
            Choice(label, f"{reverse('complaints')}?state={name}", name == state)
            for name, label in TABS
        ],
        "lesson": (lesson := ComplaintLesson.objects.defer("learned").first()),
        "classes": classes(lesson),
        "forms": [
            (one, reverse("public-complain", args=[one.slug])) for one in viewer(request).sites
        ],
        "may_settle": access.may_somewhere(by, "flag"),
        "shown": SHOWN,
    }
    return render(request, "dashboards/complaints.html", context)


def classes(lesson: ComplaintLesson | None) -> list[tuple[str, Any]]:
    """The figures of each type, the most frequent first."""
    found = lesson.by_class.items() if lesson else ()
    rows = [(str(ExceptionType(name).label), figures) for name, figures in found]
    return sorted(rows, key=lambda row: -row[1]["cases"])


@login_required
@require_POST
def settle(request: HttpRequest, complaint_id: int, how: str) -> HttpResponse:
    """Say that a doubted complaint is real, or that it is none."""
    if how not in SETTLED:
        raise Http404("A complaint is believed or discarded.")
    try:
        kept = SETTLED[how](complaint_id, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return refused(request, refusal, reverse("complaints"))
    case = f" It is {kept.case} now." if kept.case else ""
    sentence = f"Complaint {kept} is {'believed' if how == 'believe' else 'put away'}.{case}"
    if wants_json(request):
        return JsonResponse({"ok": True, "sentence": sentence})
    messages.success(request, sentence)
    return redirect(back(request, reverse("complaints")))


@login_required
@require_POST
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Accept what a complaint looks like, or say otherwise; one press."""
    try:
        case = deciding.decide(
            Seen(case_id, whole_number(request.POST.get("version", ""))),
            by=actor(request),
            at=timezone.now(),
            exception_type=chosen_type(request.POST.get("type", "")),
            about=whole_number(request.POST.get("about", "")),
        )
    except DeskError as refusal:
        return refused(request, refusal, reverse("case", args=[case_id]))
    sentence = f"{case} is sorted as {case.get_exception_type_display()}."
    if wants_json(request):
        told = {"ok": True, "case": case.pk, "sentence": sentence, "version": case.version}
        return JsonResponse(told)
    messages.success(request, sentence)
    return redirect(back(request, reverse("case", args=[case.pk])))


def chosen_type(given: str) -> ExceptionType:
    if given not in ExceptionType.values:
        raise Refused("Choose what it is about.", {"type": "Choose one of the types."})
    return ExceptionType(given)


@login_required
@require_GET
def file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A file as the customer sent it, to be saved and never run."""
    found = panel.file(file_id, by=actor(request))
    if found is None:
        raise Http404("There is no such file, or it is not yours to see.")
    with found.file.open("rb") as content:
        answer = HttpResponse(content.read(), content_type=found.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, found.name)  # noqa: FBT003
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """What a text looks like while somebody types it; posted, since texts do not belong into addresses."""
    asked = request.POST
    text = "\n".join(words(asked.get(name, "")) for name in ("title", "description"))[:READ]
    said = Said(
        text,
        reference=words(asked.get("reference", ""))[:80],
        site_id=whole_number(asked.get("site", "")),
    )
    found = suggest(said, by=actor(request), at=timezone.now())
    return render(request, "dashboards/_suggested.html", {"suggestion": found})
