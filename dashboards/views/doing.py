"""Pressing a verb: ask what it needs, do it, and say what came of it, with and without scripts."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from dashboards.actor import actor
from dashboards.answers import back, status_of, wants_fragment, wants_json, whole_number
from dashboards.forms import Resolve, VerbForm
from dashboards.verbs import VERBS, PageVerb
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.steps import steps
from exceptions_app.cases.unkept import unkept_without
from exceptions_app.errors import DeskError, NotFound, Refused, Stale
from exceptions_app.models import Case
from exceptions_app.people import access


@login_required
@require_http_methods(["GET", "POST"])
def do(request: HttpRequest, case_id: int, verb: str) -> HttpResponse:
    """Ask what a verb needs, then do it; one address with and without scripts."""
    if verb not in VERBS:
        raise Http404("There is no such verb.")
    target = (
        access.visible(Case.objects.select_related("site", "team"), actor(request))
        .filter(pk=case_id)
        .first()
    )
    if target is None:
        return answer_refusal(
            request, case_id, verb, NotFound("There is no such case, or it is not yours to see.")
        )
    # Times are typed and shown as they are on the wall of the site.
    with timezone.override(ZoneInfo(target.site.time_zone)):
        form = form_for(request, VERBS[verb], target)
        if request.method == "GET":
            return asked(request, target, verb, form)
        return done(request, target, verb, form)


def done(request: HttpRequest, target: Case, verb: str, form: VerbForm | None) -> HttpResponse:
    if form is not None and not form.is_valid():
        return answer_wrong(request, target, verb, form)
    seen = Seen(target.pk, whole_number(request.POST.get("version", "")))
    try:
        after = VERBS[verb].run(
            seen, by=actor(request), at=timezone.now(), **(form.cleaned_data if form else {})
        )
    except DeskError as refusal:
        return answer_refusal(request, target.pk, verb, refusal)
    return answer_done(request, verb, target, after)


def form_for(request: HttpRequest, verb: PageVerb, target: Case) -> VerbForm | None:
    if verb.form is None:
        return None
    data = request.POST if request.method == "POST" else None
    left = unkept_without(target, at=timezone.now()) if verb.form is Resolve else None
    return verb.form(
        data, by=actor(request), site_id=target.site_id, team_id=target.team_id, unkept=left
    )


def asked(request: HttpRequest, target: Case, verb: str, form: VerbForm | None) -> HttpResponse:
    """The form, or why there is none now."""
    step = next(step for step in steps(target, actor(request)) if step.verb == verb)
    fragment = wants_fragment(request)
    if not step.allowed:
        context = {"title": VERBS[verb].title, "sentence": step.why, "case": target.pk}
        if fragment:
            return render(request, "dashboards/_refused.html", context)
        return render(request, "dashboards/refused.html", context, status=409)
    template = "dashboards/_verb_form.html" if fragment else "dashboards/verb.html"
    return render(request, template, form_context(target, verb, form))


def form_context(target: Case, verb: str, form: VerbForm | None) -> dict[str, Any]:
    return {
        "case": target,
        "number": str(target),
        "verb": verb,
        "page_verb": VERBS[verb],
        "form": form,
    }


def answer_done(request: HttpRequest, verb: str, before: Case, after: Case) -> HttpResponse:
    """Say what happened, and offer the way back where there is one."""
    sentence = f"{after} {VERBS[verb].done}."
    if not wants_json(request):
        messages.success(request, sentence)
        return redirect(back(request, reverse("case", args=[after.pk])))
    undo = VERBS[verb].undo(before)
    way_back = (
        {"url": reverse("do", args=[after.pk, undo.verb]), "fields": undo.fields} if undo else None
    )
    told = {
        "ok": True,
        "case": after.pk,
        "sentence": sentence,
        "version": after.version,
        "undo": way_back,
    }
    return JsonResponse(told)


def answer_wrong(request: HttpRequest, target: Case, verb: str, form: VerbForm) -> HttpResponse:
    if not wants_json(request):
        return render(request, "dashboards/verb.html", form_context(target, verb, form), status=422)
    fields = {name: " ".join(map(str, texts)) for name, texts in form.errors.items()}
    return JsonResponse(
        {"ok": False, "case": target.pk, "sentence": next(iter(fields.values())), "fields": fields},
        status=422,
    )


def answer_refusal(
    request: HttpRequest, case_id: int, verb: str, refusal: DeskError
) -> HttpResponse:
    """Why not; after somebody else's change also with the version that is there now, to try again."""
    status = status_of(refusal)
    told: dict[str, Any] = {
        "ok": False,
        "case": case_id,
        "code": refusal.code,
        "sentence": str(refusal),
    }
    if isinstance(refusal, Stale):
        told["version"] = refusal.details.get("version")
    if isinstance(refusal, Refused):
        told["fields"] = refusal.fields
    if wants_json(request):
        return JsonResponse(told, status=status)
    if isinstance(refusal, NotFound):
        raise Http404(str(refusal))
    context = told | {"verb": verb, "page_verb": VERBS[verb], "posted": repeated(request.POST)}
    return render(request, "dashboards/refused.html", context, status=status)


def repeated(posted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was sent, to be sent again once the person has read what changed."""
    return [
        (name, value)
        for name, value in posted.items()
        if name not in {"csrfmiddlewaretoken", "version"}
    ]
