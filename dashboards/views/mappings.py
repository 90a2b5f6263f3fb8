"""Mappings, for integrators and administrators: written beside a sample, tried, saved, restored."""

import csv
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards.actor import actor
from dashboards.answers import wants_fragment
from dashboards.guarding import only_for
from dashboards.mapping_forms import STARTS, MappingForm, body_of, initial_of
from dashboards.viewing import viewer
from exceptions_app.errors import DeskError, Refused
from exceptions_app.intake import expressions, mappings, saving
from exceptions_app.intake.trial import Tried, tried
from exceptions_app.models import SavedMapping, Source
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import MappingKind

#: A pasted sample of a file is read so far.
SAMPLE_ROWS = 100
#: What refusals call all of it.
WHOLE = ("", "expression")


#: For those who send signals.
mapping_views = only_for(saving.insist)


@mapping_views
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Those that staff wrote, and those that come along."""
    along = {each.name: each for each in mappings.shipped().values()}
    context = {"rows": saving.listed(actor(request)), "along": along.values()}
    return render(request, "dashboards/mappings.html", context)


@mapping_views
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write one; ``?from=`` begins with one that comes along."""
    kind = request.GET.get("kind", MappingKind.JSON)
    if kind not in MappingKind.values:
        raise Http404("There is no such kind of mapping.")
    made = SavedMapping(kind=kind, version=0)
    initial: dict[str, Any] = {"zone": "UTC", "body": STARTS[kind]}
    if along := mappings.shipped().get(request.GET.get("from", "")):
        initial = {"name": along.title, "zone": along.zone, "body": body_of(along.document)}
    return written(request, made, initial, "New mapping")


@mapping_views
@require_http_methods(["GET", "POST"])
def mapping(request: HttpRequest, slug: str) -> HttpResponse:
    """Look at it, try it, change it; its history is below."""
    found = saving.one(slug, by=actor(request))
    return written(request, found, initial_of(found), found.name)


def written(
    request: HttpRequest, made: SavedMapping, initial: dict[str, Any], title: str
) -> HttpResponse:
    form = MappingForm(request.POST or None, by=actor(request), kind=made.kind, initial=initial)
    trying = request.POST.get("press") == "try"
    if trying:
        context = trial(request, form, made)
        if wants_fragment(request):
            return render(request, "dashboards/_tried.html", context)
        return drawn(request, form, made, {"title": title, **context})
    if request.method == "POST" and kept(request, form, made):
        messages.success(request, f"“{made.name}” is saved as version {made.version}.")
        return redirect("mapping", made.slug)
    return drawn(request, form, made, {"title": title})


def filled(form: MappingForm, made: SavedMapping, request: HttpRequest) -> SavedMapping:
    """The mapping with what was typed; it is not saved."""
    given = form.cleaned_data
    mine = {source.pk: source for source in saving.sources(actor(request))}
    made.name, made.zone, made.body = given["name"], given["zone"], given["body"]
    made.source = mine[given["source"]]
    return made


def kept(request: HttpRequest, form: MappingForm, made: SavedMapping) -> bool:
    """Whether it could be saved; what is wrong is said beside its field."""
    if not form.is_valid():
        return False
    try:
        seen = form.cleaned_data["seen"] or 0
        saving.keep(filled(form, made, request), seen=seen, by=actor(request), at=timezone.now())
    except Refused as refusal:
        blame(form, refusal)
        return False
    except DeskError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def blame(form: MappingForm, refusal: Refused) -> None:
    if not refusal.fields:
        form.add_error(None, str(refusal))
    for name, reason in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, reason)
        else:
            part = "" if name in WHOLE else f"{name}: "
            form.add_error("body", part + reason)


def trial(request: HttpRequest, form: MappingForm, made: SavedMapping) -> dict[str, Any]:
    """What the mapping makes of the sample, field by field; nothing is stored."""
    form.fields["name"].required = False
    if not form.is_valid():
        wrong = {form[name].label: errors[0] for name, errors in form.errors.items()}
        return {"tried_wrong": "It cannot be tried yet.", "tried_fields": wrong}
    given = form.cleaned_data
    try:
        signals, bad = sampled(filled(form, made, request), given["sample"])
        results = tried(signals, by=actor(request), zone=given["zone"], at=timezone.now())
    except DeskError as refusal:
        return {"tried_wrong": str(refusal), "tried_fields": said_besides(refusal)}
    return {"tried": results, "bad_rows": bad, "counts": counted(results)}


def said_besides(refusal: DeskError) -> dict[str, str]:
    """What is wrong with each part of the mapping, as far as the sentence does not say it."""
    fields = refusal.fields if isinstance(refusal, Refused) else {}
    return {name: why for name, why in fields.items() if why.rstrip(".") not in str(refusal)}


def body_in(sample: str) -> Any:
    """The pasted body, or why it is none; the mapping may be right."""
    try:
        return expressions.body_of(sample)
    except Refused as refusal:
        raise Refused(f"The sample cannot be used. {refusal}") from None


def sampled(made: SavedMapping, sample: str) -> tuple[list[Any], dict[int, dict[str, str]]]:
    """The signals that come of the sample, and the rows of it that are refused."""
    if not sample.strip():
        raise Refused("Paste a sample first, as the system sends it.")
    if made.kind == MappingKind.JSON:
        return saving.signals_of(made, body_in(sample)), {}
    made.name = made.name or "sample"
    columns, signals, bad = mappings.of_saved(made), [], {}
    for number, row in enumerate(csv.DictReader(StringIO(sample)), start=2):
        if number > SAMPLE_ROWS + 1:
            break
        try:
            signals += list(columns.signals(columns.reader(row)))
        except Refused as refusal:
            bad[number] = refusal.fields
    return signals, bad


def counted(results: list[Tried]) -> list[tuple[str, int]]:
    """How many would be taken, and how many not, in words."""
    found: dict[str, int] = {}
    for one in results:
        found[one.words] = found.get(one.words, 0) + 1
    return list(found.items())


def drawn(
    request: HttpRequest, form: MappingForm, made: SavedMapping, context: dict[str, Any]
) -> HttpResponse:
    address = (
        request.build_absolute_uri(reverse("api-mapped-signals", args=[made.slug]))
        if made.slug
        else ""
    )
    context |= {
        "form": form,
        "mapping": made,
        "versions": saving.versions(made) if made.pk else (),
        "journeys": [(kind, journey) for kind, journey in JOURNEYS.items()],
        "address": address if made.kind == MappingKind.JSON else "",
        "viewer_configures": viewer(request).configures,
        "no_sources": not Source.objects.exists(),
    }
    wrong = (
        form.is_bound and form.errors and "tried" not in context and "tried_wrong" not in context
    )
    return render(request, "dashboards/mapping.html", context, status=422 if wrong else 200)


@mapping_views
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Have an earlier version hold again."""
    try:
        found = saving.restore(slug, number, by=actor(request), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("mapping", slug)
    messages.success(request, f"Version {number} holds again, as version {found.version}.")
    return redirect("mapping", found.slug)
