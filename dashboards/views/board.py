"""The board: views, filters, rows, preview, and many cases at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dashboards import case_rows, chips, forms
from dashboards.actor import actor
from dashboards.answers import back, wants_fragment, wants_json, whole_number
from dashboards.filters import CaseFilter
from dashboards.verbs import VERBS
from dashboards.viewing import viewer
from exceptions_app.cases import queries
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.queries import SORTS, URGENT, Page, Sort
from exceptions_app.cases.rows import LastChange, Row, last_changes, rows_of
from exceptions_app.cases.searching import words_of
from exceptions_app.cases.triage import BULK, Done, each
from exceptions_app.errors import DeskError, Refused
from exceptions_app.models import Case
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.timeline.entries import now_seen
from exceptions_app.vocabulary import OPEN_STATUSES

MOST_IDS = 300


@dataclass(frozen=True)
class Asked:
    """A question to the board, read from its address."""

    filters: CaseFilter
    sort: Sort
    after: str
    words: tuple[str, ...]
    query: QueryDict
    wrong: Sequence[str]


def asked(request: HttpRequest, by: Actor) -> Asked:
    """Open cases unless a status or words are asked for: a search finds settled ones too.

    What is known from history only, or is in an event with a row of its own, is left out as long as
    nobody asks for more than some open cases.
    """
    query = request.GET.copy()
    for name in ("after", "ids", "tabs"):
        query.pop(name, None)
    data = query.copy()
    if not data.getlist("status") and not data.get("q", "").strip():
        data.setlist("status", ["open"])
    if is_everyday(query):
        data["imported"], data["part_of"] = "false", "none"
    filters = CaseFilter(data, by=by, request=request)
    wrong = (
        []
        if filters.is_valid()
        else [str(text) for texts in filters.errors.values() for text in texts]
    )
    sort = SORTS.get(request.GET.get("sort", usual_sort(data)), URGENT)
    return Asked(
        filters, sort, request.GET.get("after", ""), words_of(data.get("q", "")), query, wrong
    )


def is_everyday(query: QueryDict) -> bool:
    """Words, a subject, and the doors of the reports (``open``, ``any``) find what is imported as well."""
    wider = any(query.get(name, "").strip() for name in ("q", "subject", "imported", "part_of"))
    return not wider and set(query.getlist("status")) <= {"", *OPEN_STATUSES}


def usual_sort(data: QueryDict) -> str:
    """Open cases by urgency; what is settled has none, and a search finds it too."""
    statuses = set(data.getlist("status"))
    urgent = statuses <= {"open", *OPEN_STATUSES} and not data.get("q", "").strip()
    return URGENT.slug if urgent else "newest"


def page_of(question: Asked, by: Actor) -> Page:
    if question.wrong:
        return Page(())
    return queries.board(question.filters.qs, by=by, sort=question.sort, after=question.after)


@login_required
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The list of cases; ``mark`` is taken before the rows are read, so that nothing falls between."""
    mark = now_seen()
    by = actor(request)
    question = asked(request, by)
    try:
        page = page_of(question, by)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("board")
    context = rows_context(request, page, question)
    if request.headers.get("HX-Target") == "more":
        return render(request, "dashboards/_case_rows.html", context)
    context |= tabs_context(request, question, by) | {
        "mark": mark,
        "sorts": chips.sorts(question.query, question.sort, usual_sort(question.filters.data)),
        "chips": chips.chips(question.filters, question.query),
        "wrong": question.wrong,
        "people": forms.assignable(by, site_id=None, team_id=None),
        "no_scope": by.grants == (),
    }
    return render(request, "dashboards/board.html", context)


def rows_context(request: HttpRequest, page: Page, question: Asked) -> dict[str, Any]:
    more = question.query.copy()
    more["after"] = page.after
    ranked = [(row, queries.rank(row, question.sort)) for row in page.rows]
    return {
        "drawn": case_rows.drawn(ranked, question.words, viewer(request)),
        "words": question.words,
        "sort": question.sort,
        "query": question.query.urlencode(),
        "more": f"{reverse('board')}?{more.urlencode()}" if page.after else "",
    }


def tabs_context(request: HttpRequest, question: Asked, by: Actor) -> dict[str, Any]:
    """The views with how many each holds, and how many the present choice holds."""
    open_ones = queries.live_cases().filter(**site_of(request))
    soon = viewer(request).now + timedelta(hours=1)
    views = [
        open_ones.filter(assignee=None),
        open_ones.filter(assignee=by.user_id),
        open_ones.filter(due_at__lte=soon),
        open_ones,
    ]
    chosen = Case.objects.none() if question.wrong else question.filters.qs
    counts = queries.counted([*views, *([] if question.filters.common else [chosen])], by=by)
    tabs = chips.tabs(question.query, counts[: len(views)])
    # Counting what a common word finds would take longer than showing it.
    total = None if question.filters.common else counts[-1]
    return {"tabs": tabs, "total": total, "mine": any(t.current and t.slug == "mine" for t in tabs)}


def site_of(request: HttpRequest) -> dict[str, Any]:
    chosen = [site.id for site in viewer(request).sites if site.current]
    if not chosen:
        return {}
    return {"site": chosen[0]} if len(chosen) == 1 else {"site__in": chosen}


@login_required
@require_GET
def rows(request: HttpRequest) -> JsonResponse:
    """Changed cases as rows of this very board, and whether its filters still want them."""
    by = actor(request)
    question = asked(request, by)
    ids = [
        pk for one in request.GET.get("ids", "").split(",")[:MOST_IDS] if (pk := whole_number(one))
    ]
    seen = list(
        access.visible(Case.objects.filter(pk__in=ids), by).order_by().values_list("pk", flat=True)
    )
    found = rows_of(seen)
    here = (
        set()
        if question.wrong
        else set(question.filters.qs.filter(pk__in=seen).values_list("pk", flat=True))
    )
    changes = last_changes(seen)
    told = {
        pk: row_told(request, row, question, changes.get(pk)) | {"here": pk in here}
        for pk, row in found.items()
    }
    if "tabs" not in request.GET:
        return JsonResponse({"rows": told})
    context = tabs_context(request, question, by)
    tabs = render_to_string("dashboards/_tabs.html", context, request)
    return JsonResponse({"rows": told, "tabs": tabs, "total": str(context["total"] or "")})


def row_told(
    request: HttpRequest, row: Row, question: Asked, change: LastChange | None
) -> dict[str, Any]:
    rank = queries.rank(row, question.sort)
    return {
        "html": case_rows.drawn([(row, rank)], question.words, viewer(request)),
        "rank": rank,
        "number": row.shown_number,
        "title": row.title,
        "by": change.actor if change else "",
        "mine": change is not None and change.is_by(viewer(request).user_id),
        "verb": change.verb if change else "",
    }


@login_required
@require_GET
def filter_menu(request: HttpRequest) -> HttpResponse:
    """What the board can be narrowed by now, with counts where these are cheap."""
    by = actor(request)
    question = asked(request, by)
    found = None if question.wrong else queries.facets(question.filters.qs, by=by)
    context = {"groups": chips.menu(question.filters, question.query, found)}
    template = (
        "dashboards/_filter_menu.html" if wants_fragment(request) else "dashboards/filters.html"
    )
    return render(request, template, context)


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """One verb to many cases; each says for itself what became of it."""
    verb = request.POST.get("verb", "")
    try:
        seens = [read_seen(one) for one in request.POST.getlist("case")][:MOST_IDS]
        if verb not in BULK or not seens:
            raise Refused("Select cases, then choose what to do with them.")
        args = {"to": int(request.POST.get("to", ""))} if verb == "assign" else {}
        before = Case.objects.in_bulk([seen.case_id for seen in seens])
        done = each(verb, seens, by=actor(request), at=timezone.now(), **args)
    except ValueError:
        return bulk_refused(request, "Choose who shall own them.")
    except DeskError as refusal:
        return bulk_refused(request, str(refusal))
    if wants_json(request):
        return JsonResponse(
            {"sentence": summary(verb, done), "done": [told(verb, one, before) for one in done]}
        )
    messages.success(request, summary(verb, done))
    for one in done:
        if not one.ok:
            messages.error(request, one.sentence)
    return redirect(back(request))


def read_seen(text: str) -> Seen:
    pk, _, version = text.partition(":")
    return Seen(int(pk), int(version) if version else None)


def bulk_refused(request: HttpRequest, sentence: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"sentence": sentence, "done": []}, status=400)
    messages.error(request, sentence)
    return redirect(back(request))


def told(verb: str, one: Done, before: Mapping[int, Case]) -> dict[str, Any]:
    """What became of one, and its own way back where there is one."""
    undo = VERBS[verb].undo(before[one.case_id]) if one.ok else None
    way_back = undo and {"url": reverse("do", args=[one.case_id, undo.verb]), "fields": undo.fields}
    return {
        "case": one.case_id,
        "number": one.number,
        "ok": one.ok,
        "sentence": one.sentence,
        "version": one.version if one.ok else None,
        "undo": way_back,
    }


#: Verb → what became of the cases.
DONE = {
    "acknowledge": "acknowledged",
    "assign": "assigned",
    "claim": "taken",
    "release": "released",
}


def summary(verb: str, done: Sequence[Done]) -> str:
    kept = sum(one.ok for one in done)
    refused = f", {len(done) - kept} refused" if kept < len(done) else ""
    return f"{kept} {'case' if kept == 1 else 'cases'} {DONE[verb]}{refused}."
