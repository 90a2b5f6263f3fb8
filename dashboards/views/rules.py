"""Rules, the threshold and journeys: what holds, and a page to change each."""

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from dashboards.actor import actor
from dashboards.answers import has_words, words
from dashboards.policy_forms import JourneyForm, RuleForm, ThresholdForm
from dashboards.policy_pages import Editor, answered
from exceptions_app.detection import rulebook
from exceptions_app.detection.changing import document_now
from exceptions_app.detection.editing import place_of, rule_named, threshold_at
from exceptions_app.detection.foreseeing import Holding, holding
from exceptions_app.detection.policy import OF_THRESHOLD, Setting, of_journey, of_rule, setting_of
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.errors import NotFound
from exceptions_app.models import Site
from exceptions_app.people import access
from exceptions_app.vocabulary import SubjectKind

#: The choices beside the search, by the mark they look for.
ONLY = {"": "All", "is:on": "On", "is:off": "Off", "is:changed": "Changed"}


def reading(request: HttpRequest) -> None:
    if not access.may_somewhere(actor(request), "see"):
        raise PermissionDenied("Rules are shown to people of a site.")


def place(request: HttpRequest) -> Site | None:
    """The site that the address names, if it is one of the person's."""
    slug = words(request.GET.get("site") or request.POST.get("site") or "")
    if not slug:
        return None
    mine = access.sites(actor(request)).filter(slug=slug)
    found = mine.first()
    if found is None:
        raise Http404("There is no such site, or you do not work for it.")
    return found


def words_of(row: rulebook.RuleRow) -> str:
    """What a rule is found by; ``narrow.js`` looks into the same."""
    held = (row.everywhere, *row.sites)
    marks = ["is:on" if any(one.on for one in held) else "is:off"]
    marks += ["is:changed"] if row.changed else []
    values = [f"{value.of.label}: {value.words}" for one in held for value in one.values]
    places = [one.site for one in row.sites]
    told = (row.title, row.says, row.slug, str(row.kind.label), *values, *places, *marks)
    return " ".join(told).lower()


@login_required
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule, by what it looks at."""
    reading(request)
    by = actor(request)
    asked, only = request.GET.get("q", "").strip(), request.GET.get("only", "")
    rows = [(row, words_of(row)) for row in rulebook.rules(by=by)]
    shown = [(row, text, has_words(text, f"{asked} {only}")) for row, text in rows]
    context = {
        "groups": [
            (kind.label, of, any(fits for *_, fits in of))
            for kind, rows in groupby(shown, lambda one: one[0].kind)
            for of in [list(rows)]
        ],
        "asked": asked,
        "only": only,
        "choices": ONLY,
        "shown_as": ONLY.get(only, "found").lower(),
        "found": sum(fits for *_, fits in shown),
        "of": len(shown),
        "threshold": rulebook.threshold(by=by),
        "replanning": rulebook.replanning(),
    }
    return render(request, "dashboards/rules.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, slug: str) -> HttpResponse:
    """One rule: on or off, its parameters, and its history."""
    reading(request)
    return answered(request, rule_editor(request, slug))


def rule_editor(request: HttpRequest, slug: str) -> Editor:
    by, site = actor(request), place(request)
    try:
        found = rule_named(slug)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    document, about = document_now(), of_rule(slug)
    row = rulebook.row_of(found, document, rulebook.sites_of(by), {})
    held = rulebook.held_at(found, document, site)
    said = document.get(about, {}).get(place_of(site.pk), {}) if site else {}

    def form(data: object) -> RuleForm:
        return RuleForm(data, about=about, by=by, site=site, rule=row, held=held, own="on" in said)

    more: dict[str, Any] = {"row": row, "held": held, "sites": rulebook.sites_of(by)}
    more["own"] = row.sites
    if isinstance(found, Predicted):
        more["foresees"] = True
        more["holding"] = [
            (one, alerting(setting_of(document, slug, place_of(one.site_id)), one))
            for one in holding(row.kind, by=by, site_id=site.pk if site else None)
        ]
    return Editor(about, row.title, "dashboards/rule.html", form, site, more)


def alerting(setting: Setting, found: Holding) -> str:
    """From what on the rule alerts by what it looks with."""
    if not setting.on:
        return "The rule is off here: nothing alerts by it now."
    least = setting.parameters.get("least")
    return (
        f"The desk chooses: {found.alerts_from}."
        if least is None
        else f"A fixed chance of {least} %."
    )


@login_required
@require_http_methods(["GET", "POST"])
def threshold(request: HttpRequest) -> HttpResponse:
    """From which score on findings open cases."""
    reading(request)
    by, site = actor(request), place(request)
    now = threshold_at(document_now(), place_of(site.pk if site else None))

    def form(data: object) -> ThresholdForm:
        return ThresholdForm(data, about=OF_THRESHOLD, by=by, site=site, initial={"threshold": now})

    more = {"now": now, "sites": rulebook.sites_of(by), "own": rulebook.threshold(by=by).sites}
    editor = Editor(OF_THRESHOLD, "Threshold", "dashboards/threshold.html", form, site, more)
    return answered(request, editor)


@login_required
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    """What each kind of subject goes through."""
    reading(request)
    context = {"rows": rulebook.journeys(by=actor(request)), "replanning": rulebook.replanning()}
    return render(request, "dashboards/journeys.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def journey(request: HttpRequest, kind: str) -> HttpResponse:
    """One journey: after what and within which time each milestone is expected."""
    reading(request)
    if kind not in SubjectKind.values:
        raise Http404("There is no such kind of subject.")
    by, row = actor(request), rulebook.journey_of(SubjectKind(kind), document_now())

    def form(data: object) -> JourneyForm:
        return JourneyForm(data, about=of_journey(row.kind), by=by, journey=row)

    title, more = f"Journey of {row.kind.with_article}", {"row": row}
    editor = Editor(of_journey(row.kind), title, "dashboards/journey.html", form, None, more)
    return answered(request, editor)
