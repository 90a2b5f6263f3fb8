"""Flagging a problem by hand: the form, what it may be about, and what is open about that already."""

import json
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from dashboards.actor import actor
from dashboards.answers import status_of, wants_fragment, wants_json, whole_number, words
from dashboards.forms import Flag
from dashboards.viewing import viewer
from exceptions_app.cases import triage
from exceptions_app.cases.detail import About, similar
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.triage import Flagging
from exceptions_app.errors import DeskError, NotAllowedNow, NotPermitted, Refused
from exceptions_app.models import Case, Subject
from exceptions_app.people import access, replies
from exceptions_app.people.replies import KeyReused, Reply, Write
from exceptions_app.subjects.lookup import subjects_like
from exceptions_app.vocabulary import ExceptionType

#: Where the person flagged last; offered again next time.
LAST_PLACE = "flag_place"
SENT_BEFORE = (
    "What this form said before is flagged already; only the answer was lost. "
    "Find it on the board and add the rest there as a comment."
)


@login_required
@require_http_methods(["GET", "POST"])
def flag(request: HttpRequest) -> HttpResponse:
    """Raise a case, or add what was written to the one that is open already."""
    by = actor(request)
    if not access.may_somewhere(by, "flag"):
        return answer_refused(
            request, NotPermitted("Your role reads only. Ask a lead to flag this for you.")
        )
    if request.method == "GET":
        about = prefilled(request)
        form = Flag(by=by, initial=remembered(request) | initial_of(about))
        return render(request, form_template(request), {"form": form, "about": about})
    form = Flag(request.POST, by=by)
    if not form.is_valid():
        return answer_wrong(request, form)
    try:
        told = once(request, form)
    except DeskError as refusal:
        return answer_refused(request, refusal)
    if wants_json(request):
        return JsonResponse(told)
    messages.success(request, told["sentence"])
    return redirect(told["url"])


def once(request: HttpRequest, form: Flag) -> dict[str, Any]:
    """What became of the form; sent again because the answer was lost, it is told the first answer."""
    key = form.cleaned_data["key"]
    if key is None:
        return done(request, form)
    said = {**form.cleaned_data, "instead": request.POST.get("instead", "")}
    digest = sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()

    def act() -> Reply:
        return Reply(200, json.dumps(done(request, form)), "application/json", {})

    try:
        reply, _ = replies.once(
            Write(actor(request), f"flag:{key}", digest), at=timezone.now(), act=act
        )
    except KeyReused as refusal:
        raise NotAllowedNow(SENT_BEFORE) from refusal
    told: dict[str, Any] = json.loads(reply.text)
    return told


def done(request: HttpRequest, form: Flag) -> dict[str, Any]:
    added = bool(request.POST.get("instead"))
    found = add_to(request, form) if added else opened(request, form)
    return {
        "ok": True,
        "case": found.pk,
        "number": str(found),
        "sentence": f"Added to {found}." if added else f"{found} flagged.",
        "url": reverse("case", args=[found.pk]),
    }


def form_template(request: HttpRequest) -> str:
    return "dashboards/_flag_form.html" if wants_fragment(request) else "dashboards/flag.html"


def prefilled(request: HttpRequest) -> Subject | None:
    wanted = whole_number(request.GET.get("subject", ""))
    if wanted is None:
        return None
    return access.visible(Subject.objects.all(), actor(request)).filter(pk=wanted).first()


def initial_of(about: Subject | None) -> dict[str, Any]:
    if about is None:
        return {}
    return {
        "subject": about.pk,
        "reference": about.reference,
        "site": about.site_id,
        "team": about.team_id,
    }


def remembered(request: HttpRequest) -> dict[str, Any]:
    """The site and team of last time, else the only site, else the one the page is narrowed to."""
    last = request.session.get(LAST_PLACE) or {}
    seen = viewer(request)
    site = (
        last.get("site")
        or (seen.site.id if seen.site else None)
        or (seen.sites[0].id if seen.sites else None)
    )
    return {"site": site, "team": last.get("team")}


def opened(request: HttpRequest, form: Flag) -> Case:
    data = form.cleaned_data
    subject = data["subject"]
    found = triage.flag(
        Flagging(
            title=data["title"],
            exception_type=ExceptionType(data["exception_type"]),
            severity=data["severity"],
            site_id=data["site"],
            team_id=data["team"],
            subject_id=subject,
            reference=data["reference"],
            description=data["description"],
        ),
        by=actor(request),
        at=timezone.now(),
    )
    request.session[LAST_PLACE] = {"site": data["site"], "team": data["team"]}
    return found


def add_to(request: HttpRequest, form: Flag) -> Case:
    """“Add to EX-1039 instead”: what was written becomes a comment there."""
    instead = whole_number(request.POST.get("instead", ""))
    if instead is None:
        raise Refused("Choose the case to add this to.")
    data = form.cleaned_data
    text = "\n\n".join(part for part in (data["title"], data["description"].strip()) if part)
    return triage.comment(Seen(instead), by=actor(request), at=timezone.now(), text=text)


def answer_wrong(request: HttpRequest, form: Flag) -> HttpResponse:
    if not wants_json(request):
        return render(request, "dashboards/flag.html", {"form": form}, status=422)
    fields = {name: " ".join(map(str, texts)) for name, texts in form.errors.items()}
    return JsonResponse(
        {"ok": False, "sentence": next(iter(fields.values())), "fields": fields}, status=422
    )


def answer_refused(request: HttpRequest, refusal: DeskError) -> HttpResponse:
    status = status_of(refusal)
    if wants_json(request):
        fields = refusal.fields if isinstance(refusal, Refused) else {}
        return JsonResponse(
            {"ok": False, "sentence": str(refusal), "fields": fields}, status=status
        )
    context = {"sentence": str(refusal), "title": "Not flagged"}
    template = "dashboards/_refused.html" if wants_fragment(request) else "dashboards/refused.html"
    return render(request, template, context, status=200 if wants_fragment(request) else status)


@login_required
@require_GET
def similar_cases(request: HttpRequest) -> HttpResponse:
    """What is open about the same thing already; asked while somebody types."""
    asked = request.GET
    what = About(
        site_id=whole_number(asked.get("site", "")),
        subject_id=whole_number(asked.get("subject", "")),
        reference=words(asked.get("reference", ""))[:80],
        words=asked.get("title", "")[:200],
    )
    return render(request, "dashboards/_similar.html", {"rows": similar(what, by=actor(request))})


@login_required
@require_GET
def subject_options(request: HttpRequest) -> HttpResponse:
    """Subjects whose reference, name, customer or VIN begins with what is typed."""
    found = subjects_like(words(request.GET.get("q", "")), by=actor(request))
    return render(request, "dashboards/_subject_options.html", {"subjects": found})
