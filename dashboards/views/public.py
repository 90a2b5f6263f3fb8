"""Pages for customers, without an account: the complaint form, its receipt, and where things stand."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from dashboards import public
from dashboards.public_forms import Complaint as Form
from dashboards.public_forms import stamp
from exceptions_app.complaints import files, questions, receiving
from exceptions_app.complaints.receiving import FORM, FORM_SOURCE, Told, TooMany
from exceptions_app.errors import Refused
from exceptions_app.models import Complaint, Site
from exceptions_app.subjects.public import PublicState

#: Three files and the words; more is not even read.
LARGEST_POST = files.MOST * files.LARGEST + 256 * 1024


@csrf_exempt  # checked within, once the size is known: checking reads the whole post
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest, site: str) -> HttpResponse:
    """The form of a site."""
    place = Site.objects.filter(slug=site).first()
    if place is None:
        raise Http404("There is no such form. Look whether the address is whole.")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_POST:
        language = public.language_of_address(request)
        words = public.languages()[language]
        return shown(request, place, language, Form(words=words), words["too_large"], status=413)
    return within_size(request, place)


@csrf_protect
def within_size(request: HttpRequest, place: Site) -> HttpResponse:
    language = public.language_of(request)
    words = public.languages()[language]
    if request.method == "GET":
        return shown(request, place, language, Form(words=words))
    if request.POST.get("other") in public.languages():
        language = request.POST["other"]
        other = Form(words=public.languages()[language], initial=request.POST.dict())
        return shown(request, place, language, other)
    form = Form(request.POST, words=words)
    if not form.is_valid():
        return shown(request, place, language, form, words["mend"], status=422)
    try:
        kept, _ = receiving.receive(
            told(request, place, language, form),
            by=FORM,
            at=timezone.now(),
            source=FORM_SOURCE,
        )
    except TooMany:
        return shown(request, place, language, form, words["too_many_sent"], status=429)
    except Refused as refusal:
        sentence = words.get(refusal.fields.get("files", ""), str(refusal))
        return shown(request, place, language, form, sentence, status=422)
    return redirect(f"{reverse('public-received', args=[kept.key])}?lang={language}")


def told(request: HttpRequest, place: Site, language: str, form: Form) -> Told:
    said = form.cleaned_data
    return Told(
        site=place,
        text=said["text"],
        channel="form",
        key=form.key(),
        language=language,
        name=said["name"],
        email=form.email,
        phone=form.phone,
        reference=said["reference"],
        sender=public.sender(request),
        suspicion=form.suspicion(timezone.now()),
        files=files.checked(request.FILES.getlist("files")),
    )


def shown(
    request: HttpRequest,
    place: Site,
    language: str,
    form: Form,
    sentence: str = "",
    **answer: Any,
) -> HttpResponse:
    began = form.data.get("began") or form.initial.get("began") or stamp(timezone.now())
    context = public.context(place, language) | {
        "form": form,
        "sentence": sentence,
        "began": began,
        "lead": public.languages()[language]["form_lead"].format(site=place.name),
    }
    return page(request, "complain", context, **answer)


def page(
    request: HttpRequest, template: str, context: dict[str, Any], **answer: Any
) -> HttpResponse:
    """The address is the customer's secret: no referrer, no cache and no index carries it on."""
    drawn = render(request, f"public/{template}.html", context, **answer)
    drawn["Content-Language"] = context["language"]
    drawn["Referrer-Policy"] = "same-origin"
    drawn["Cache-Control"] = "no-store"
    drawn["X-Robots-Tag"] = "noindex"
    return drawn


@require_GET
def received(request: HttpRequest, key: str) -> HttpResponse:
    """That it has come in, and how far we are; for whoever has the link."""
    rows = Complaint.objects.select_related("site", "case").prefetch_related("files")
    kept = rows.filter(key=key).first()
    language = public.language_of(request)
    if kept is None:
        return gone(request, language)
    words = public.languages()[language]
    at = public.told_at(kept.received_at, kept.site.time_zone, language)
    subject = questions.proven_subject(kept, at=timezone.now())
    context = public.context(kept.site, language) | {
        "complaint": kept,
        "at": words["received_at"].format(at=at),
        "state": words[state_word(kept)],
        "status_url": public.status_url(subject.pk) if subject else "",
        "see_status": words["see_status"].format(reference=subject.reference) if subject else "",
    }
    return page(request, "received", context)


def state_word(kept: Complaint) -> str:
    case = kept.case
    if case is None or case.acknowledged_at is None:
        return "state_received"
    return "state_read" if case.is_open else "state_settled"


@require_GET
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Where a subject stands, in plain words; a visit is noted, unless it is one of ours."""
    language, at = public.language_of(request), timezone.now()
    subject_id = public.subject_of(token)
    found = questions.state_of(subject_id, at=at) if subject_id is not None else None
    if found is None:
        return gone(request, language)
    subject, state = found
    if not request.user.is_authenticated:
        questions.visited(subject.pk, at=at)
    words, zone = public.languages()[language], subject.site.time_zone
    as_of = words["as_of"].format(at=public.told_at(at, zone, language), zone=zone)
    context = public.context(subject.site, language) | told_state(state, zone, language, at)
    return page(request, "status", context | {"as_of": as_of})


def told_state(state: PublicState, zone: str, language: str, now: datetime) -> dict[str, Any]:
    """The state in the words of the language."""
    words = public.languages()[language]

    def when(at: Any, *, whole_day: bool = False) -> str:
        return public.told_at(at, zone, language, whole_day=whole_day) if at else ""

    done = [(words["steps"][one.name], one.done_at) for one in state.steps if one.done_at]
    done += [(words["reports"][word], at) for word, at in state.reports]
    before = when(state.promised_before, whole_day=True)
    return {
        "state": state,
        "kind": words["kinds"][state.kind],
        "state_words": words[f"state_{state.state}"],
        "promised": when(state.promised_at, whole_day=True),
        "promised_before": words["promised_before"].format(at=before) if before else "",
        "done": [(text, when(at)) for text, at in sorted(done, key=lambda one: one[1])],
        "coming": [
            (
                words["steps"][one.name],
                words["was_expected" if one.expected_at < now else "expected"].format(
                    at=when(one.expected_at, whole_day=True)
                )
                if one.expected_at
                else "",
                one.next,
            )
            for one in state.steps
            if not one.done_at
        ],
    }


def gone(request: HttpRequest, language: str) -> HttpResponse:
    """The same answer for every link that is not one of ours."""
    return page(request, "gone", public.context(None, language), status=404)


@require_GET
def colour(request: HttpRequest, site: str) -> HttpResponse:
    """The site's colour as a stylesheet, since pages carry no style of their own."""
    given = Site.objects.filter(slug=site).values_list("colour", flat=True).first()
    if given is None:
        raise Http404("There is no such site.")
    rules = f":root{{--site:{given};--on-site:{public.ink_on(given)}}}\n" if given else ""
    answer = HttpResponse(rules, content_type="text/css; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=300"
    return answer
