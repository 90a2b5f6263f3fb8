"""Imports of CSV files: choose a file, find its mapping, try its first rows, start, watch."""

import csv
import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards.actor import actor
from dashboards.mapping_forms import ColumnsForm, Upload, by_choosing, column_choices, columns_in
from dashboards.report_file import harmless
from dashboards.views.mappings import mapping_views
from exceptions_app import tasks
from exceptions_app.errors import DeskError, NotAllowedNow, NotFound, NotPermitted, Refused
from exceptions_app.intake import importing, saving
from exceptions_app.models import SavedMapping, Source, TableImport
from exceptions_app.vocabulary import ImportMode, ImportState, SubjectKind

LISTED = 50
SHOWN_PROBLEMS, SHOWN_SIGNALS = 20, 3
#: How each way of taking a file in is explained.
MODES = {
    ImportMode.HISTORY: (
        "As history",
        "Each row is heard as of its own moment. Cases that would have been opened then are there to "
        "be counted and compared; nothing goes to any platform or customer, and the subjects sleep "
        "until a live signal wakes them. Right for anything that happened before today.",
    ),
    ImportMode.LIVE: (
        "As live signals",
        "All rows are heard now, as if the source had just sent them: late promises open cases, clocks "
        "start, platforms are told. Right for an export that replaces a connection, such as each "
        "night's open orders.",
    ),
}


@mapping_views
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Those of your sites, newest first, and how far each is."""
    rows = importing.visible(actor(request))[:LISTED]
    return render(request, "dashboards/imports.html", {"rows": rows})


@mapping_views
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = importing.upload(
                str(file.name), file, file.size or 0, by=actor(request), at=timezone.now()
            )
            return redirect("import", made.pk)
        except Refused as refusal:
            form.add_error("file", refusal.fields.get("file", str(refusal)))
    return render(
        request, "dashboards/import_new.html", {"form": form}, status=422 if form.errors else 200
    )


@mapping_views
@require_GET
def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The file and its first rows; its dry run by ``?mapping=``; or how it went."""
    found = importing.one(import_id, by=actor(request))
    context: dict[str, Any] = {"one": found, "kinds": SubjectKind.choices}
    if found.state == ImportState.UPLOADED:
        context |= before(request, found)
    else:
        context["problems"] = [*importing.problems(found, most=SHOWN_PROBLEMS)]
    return render(request, "dashboards/import.html", context)


def before(request: HttpRequest, found: TableImport) -> dict[str, Any]:
    by, name = actor(request), request.GET.get("mapping", "")
    context: dict[str, Any] = {
        "choices": column_choices(by),
        "chosen": name,
        "modes": [(mode, *words) for mode, words in MODES.items()],
    }
    try:
        context["head"] = importing.head(found)
        if name:
            context |= first_rows(request, found, name)
    except (NotAllowedNow, NotFound, NotPermitted, Refused) as refusal:
        context["refusal"] = str(refusal)
    return context


def first_rows(request: HttpRequest, found: TableImport, name: str) -> dict[str, Any]:
    """The first rows by this mapping: how many would be taken, what is wrong, some of them in full."""
    by = actor(request)
    mapping = saving.columns_of(name, by=by)
    rows = importing.dry_run(found, mapping, by=by, at=timezone.now())
    wrong = [(row.number, field, why) for row in rows for field, why in row.wrong.items()]
    wrong += [
        (row.number, mapping.fields.get(field, field), why)
        for row in rows
        for signal in row.signals
        for field, why in signal.item.errors.items()
    ]
    counts, missing = importing.counts(rows), not known(mapping.source)
    saved = SavedMapping.objects.filter(slug=name).exists()
    return {
        "mapping": mapping,
        "kind_to_change": mapping.kind if saved and by_choosing(mapping.document) else "",
        "counts": counts,
        "may_start": counts["stored"] or counts["duplicate"] or missing,
        "wrong": wrong[:SHOWN_PROBLEMS],
        "wrong_more": max(0, len(wrong) - SHOWN_PROBLEMS),
        "tried": [signal for row in rows for signal in row.signals][:SHOWN_SIGNALS],
        "source_missing": missing,
    }


def known(source: str) -> bool:
    return Source.objects.filter(slug=source).exists()


@mapping_views
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Make a mapping for this file by choosing a column for each fact."""
    by = actor(request)
    found = importing.one(import_id, by=by)
    kind = request.GET.get("kind", "")
    if kind not in SubjectKind.values:
        raise NotFound("There is no such kind of subject.")
    try:
        head = importing.head(found)
    except NotAllowedNow as gone:
        raise NotFound(str(gone)) from gone
    slug = request.GET.get("mapping", "")
    before = columns_in(saving.one(slug, by=by), SubjectKind(kind)) if slug else None
    initial = before or {"name": found.name.partition(".")[0]}
    form = ColumnsForm(
        request.POST or None, by=by, kind=SubjectKind(kind), head=head, initial=initial
    )
    if request.method == "POST" and form.is_valid() and (made := kept(request, form)):
        version = f" as version {made.version}" if made.version > 1 else ""
        told = f"“{made.name}” is saved{version}. See below what it makes of your file."
        messages.success(request, told)
        return redirect(f"{request.path.removesuffix('columns/')}?mapping={made.slug}")
    context = {"form": form, "one": found, "kind": SubjectKind(kind)}
    return render(
        request, "dashboards/import_columns.html", context, status=422 if form.errors else 200
    )


def kept(request: HttpRequest, form: ColumnsForm) -> SavedMapping | None:
    given, by = form.cleaned_data, actor(request)
    mine = {source.pk: source for source in saving.sources(by)}
    source = mine[given["source"]]
    made = saving.columns_named(given["name"], source, by=by)
    made.name, made.zone = given["name"], given["zone"] or source.zone.key
    made.body = json.dumps(form.document(), indent=2, ensure_ascii=False)
    try:
        return saving.keep(made, seen=given["seen"] or 0, by=by, at=timezone.now())
    except DeskError as refusal:
        fields = refusal.fields if isinstance(refusal, Refused) else {}
        form.add_error("name" if "name" in fields else None, str(refusal))
        return None


@mapping_views
@require_POST
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Hand it to a worker."""
    name, mode = request.POST.get("mapping", ""), request.POST.get("mode", "")
    try:
        importing.start(import_id, name, mode, by=actor(request), at=timezone.now())
    except (Refused, NotAllowedNow) as refusal:
        messages.error(request, str(refusal))
    else:
        tasks.wake_imports()
        messages.success(request, "Started. You can leave this page; it goes on.")
    return redirect("import", import_id)


@mapping_views
@require_POST
def cancel(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Stop it; what was taken stays."""
    try:
        importing.cancel(import_id, by=actor(request), at=timezone.now())
        messages.success(request, "Cancelled. What was taken until then stays.")
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
    return redirect("import", import_id)


@mapping_views
@require_POST
def resume(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Go on with one that was cancelled."""
    try:
        importing.resume(import_id, by=actor(request))
    except NotAllowedNow as refusal:
        messages.error(request, str(refusal))
    else:
        tasks.wake_imports()
        messages.success(request, "It goes on where it was cancelled.")
    return redirect("import", import_id)


@mapping_views
@require_GET
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far it is, asked every other second by its page."""
    found = importing.one(import_id, by=actor(request))
    return render(request, "dashboards/_import_progress.html", {"one": found})


class Line:
    """What csv writes to; gives back the line."""

    def write(self, text: str) -> str:
        return text


@mapping_views
@require_GET
def errors(request: HttpRequest, import_id: UUID) -> StreamingHttpResponse:
    """Every row that was refused, as it was and with the reason, to be mended and uploaded again."""
    found = importing.one(import_id, by=actor(request))
    delimiter, rows = importing.refused_rows(found)
    writer = csv.writer(Line(), delimiter=delimiter)
    answer = StreamingHttpResponse(
        (writer.writerow([harmless(cell) for cell in row]) for row in rows),
        content_type="text/csv",
    )
    stem = found.name.removesuffix(".gz").removesuffix(".csv")
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{stem}.refused.csv"
    )
    return answer
