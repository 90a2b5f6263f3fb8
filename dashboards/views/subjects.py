"""What is promised and what is at risk: the list of subjects, each of them, and what it was learnt from."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dashboards.actor import actor
from dashboards.answers import words
from dashboards.axis import axis
from dashboards.chips import Chip, Choice, Group, changed
from dashboards.public import status_url
from dashboards.viewing import tell_times_of, viewer
from exceptions_app.cases.detail import about, shown
from exceptions_app.cases.queries import Count
from exceptions_app.detection.reminding import Reminder, nobody, reminders
from exceptions_app.detection.watching import watched_of
from exceptions_app.errors import NotFound, Refused
from exceptions_app.intake import why
from exceptions_app.models import Case, Subject
from exceptions_app.people import access
from exceptions_app.subjects import pages, queries, rows
from exceptions_app.subjects.facts import Document
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.knowing import documents_of, parcels_of
from exceptions_app.subjects.pages import REMIND, VIEWS, Page, View
from exceptions_app.subjects.public import STEPS
from exceptions_app.subjects.queries import Wanted
from exceptions_app.vocabulary import SubjectKind

NARROWING = ("q", "kind", "site")
CASES_SHOWN = 20


@login_required
@require_GET
def subjects(request: HttpRequest) -> HttpResponse:
    """The list; a search looks through everything unless a view is asked for."""
    by, at = actor(request), viewer(request).now
    query, view = asked(request)
    wanted = Wanted(kind=query.get("kind", ""), site=query.get("site", ""))
    chosen = pages.narrowed(wanted, query.get("q", ""), by=by, at=at)
    try:
        page, chances = listed(request, chosen, view)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("subjects")
    reminds_nobody = view.slug == REMIND and not page.rows
    context = {
        "nobody": nobody(pages.of(chosen, view, by=by, at=at), by=by) if reminds_nobody else "",
        "rows": page.rows,
        "chances": chances,
        "now": at,
        "view": view,
        "more": address(changed(query, after=[page.after])) if page.after else "",
        "tabs": tabs(query, view, pages.counts(chosen, by=by, at=at)),
        "chips": chips(request, query),
        "kinds": Group("Kind", tuple(kind(query, one) for one in SubjectKind)),
        "words": query.get("q", ""),
        "no_scope": by.grants == (),
        "may_mend": access.may_somewhere(by, "send_signals"),
    }
    return render(request, "dashboards/subjects.html", context)


def listed(
    request: HttpRequest, chosen: QuerySet[Subject], view: View
) -> tuple[Page, dict[int, Reminder]]:
    """A page of the view; whom to remind is one page, the likeliest to be missed first."""
    by, at = actor(request), viewer(request).now
    if view.slug != REMIND:
        after = request.GET.get("after", "")
        return pages.listed(chosen, view, by=by, at=at, after=after), {}
    found = {one.subject_id: one for one in reminders(pages.of(chosen, view, by=by, at=at), at=at)}
    return Page(rows.rows_of(list(found), by=by)), found


def asked(request: HttpRequest) -> tuple[QueryDict, View]:
    query = QueryDict(mutable=True)
    for name in ("view", *NARROWING):
        value = words(request.GET.get(name, ""))
        if value and (name != "kind" or value in SubjectKind.values):
            query[name] = value
    usual = "all" if query.get("q") else "promised"
    return query, VIEWS.get(query.get("view", usual), VIEWS[usual])


def address(query: QueryDict) -> str:
    return f"{reverse('subjects')}?{query.urlencode()}" if query else reverse("subjects")


def tabs(query: QueryDict, view: View, counts: dict[str, int]) -> list[Choice]:
    return [
        Choice(
            one.label,
            address(changed(query, view=[one.slug])),
            one is view,
            Count(counts[one.slug]),
        )
        for one in VIEWS.values()
    ]


def chips(request: HttpRequest, query: QueryDict) -> list[Chip]:
    sites = {site.slug: site.name for site in viewer(request).sites}
    labels = {"kind": "kind", "site": "site", "q": "search"}
    named = {**sites, **{one.value: str(one.label) for one in SubjectKind}}
    given = {name: query.getlist(name)[-1] for name in NARROWING if name in query}
    return [
        Chip(
            labels[name],
            value if name == "q" else named.get(value, value),
            address(changed(query, **{name: []})),
        )
        for name, value in given.items()
    ]


def kind(query: QueryDict, one: SubjectKind) -> Choice:
    on = query.get("kind") == one.value
    return Choice(
        str(one.label), address(changed(query, kind=[] if on else [one.value])), on, slug="kind"
    )


@login_required
@require_GET
def subject(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Everything known about one, in the time of its site."""
    by, seen = actor(request), viewer(request)
    try:
        found = queries.subject(subject_id, by=by)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    zone = tell_times_of(request, found.site.time_zone).zone
    line = about(found, {})
    row = rows.rows_of([found.pk], by=by)[0]
    cases = access.visible(Case.objects.filter(subject=found), by).order_by("-opened_at", "-pk")
    context = {
        "row": row,
        "subject": line,
        "promises": line.promises,
        "axis": axis(line, now=seen.now, zone=zone, live=line.watched),
        "reports": rows.reports_of(found),
        "documents": documents(found),
        "parcels": parcels_of(found).items(),
        "watched": watched_of(found.pk),
        "signals": rows.signals_of(found.pk),
        "most_signals": rows.SIGNALS_SHOWN,
        "cases": shown(cases.values_list("pk", flat=True)[:CASES_SHOWN]),
        "zone": zone.key,
        "status_url": status_url(found.pk) if found.kind in STEPS else "",
        "answer": why.of_subject(found, by=by, now=seen.now, zone=zone),
        "may_flag": access.may(by, "flag", site_id=found.site_id, team_id=found.team_id),
    }
    return render(request, "dashboards/subject.html", context)


def documents(subject: Subject) -> list[tuple[str, Document]]:
    """The papers that are known, by what they are called."""
    labels = JOURNEYS[SubjectKind(subject.kind)].documents
    known = documents_of(subject).items()
    return [(labels.get(name, name).capitalize(), document) for name, document in known]


@login_required
@require_GET
def signal(request: HttpRequest, signal_id: int) -> HttpResponse:
    """One signal as its source sent it."""
    try:
        found = queries.signal(signal_id, by=actor(request))
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    about_it = queries.subject(found.subject_id, by=actor(request)) if found.subject_id else None
    if about_it:
        tell_times_of(request, about_it.site.time_zone)
    zone = about_it.site.time_zone if about_it else ""
    context = {
        "signal": found,
        "subject": about_it,
        "zone": zone,
        "answer": why.of_signal(found, by=actor(request), zone=ZoneInfo(zone or "UTC")),
    }
    return render(request, "dashboards/signal.html", context)
