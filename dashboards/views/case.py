"""The case page, its verbs, its clocks' proofs, and sending again what a platform did not take."""

from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from dashboards.actor import actor
from dashboards.answers import back, refused, wants_fragment, wants_json
from dashboards.axis import axis
from dashboards.public import status_url
from dashboards.telling import MARKS, quoted, told, who
from dashboards.verbs import VERBS
from dashboards.viewing import Viewer, tell_times_of, viewer
from dashboards.wording import length, local_times
from exceptions_app.cases.detail import Detail, EntryLine, detail
from exceptions_app.complaints import panel
from exceptions_app.errors import DeskError, NotFound
from exceptions_app.intake import why
from exceptions_app.models import Case, Clock
from exceptions_app.outbox import deciding
from exceptions_app.people import access
from exceptions_app.sla import clocks
from exceptions_app.subjects.public import STEPS
from exceptions_app.timeline.entries import now_seen
from exceptions_app.vocabulary import DeliveryState, ExceptionType

#: The verbs with a button of their own; the rest is in the menu beside them.
IN_FRONT = ("acknowledge", "resume", "claim", "resolve", "close", "reopen", "assign", "wait")
LATELY = 4


@login_required
@require_GET
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    mark = now_seen()
    try:
        found = detail(case_id, by=actor(request), at=viewer(request).now)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    context = page_context(request, found) | about_customer(request, found)
    context |= {"because": why.of_case(case_id, zone=ZoneInfo(found.row.time_zone)), "mark": mark}
    return render(request, "dashboards/case.html", context)


def about_customer(request: HttpRequest, found: Detail) -> dict[str, Any]:
    """What a customer complains about, and the page that a customer of the subject has."""
    complaint = panel.of_case(found.row.id, by=actor(request), at=viewer(request).now)
    subject = found.subject
    return {
        "complaint": complaint,
        "types": ExceptionType.choices if complaint else (),
        "status_url": status_url(subject.id) if subject and subject.kind in STEPS else "",
    }


@login_required
@require_GET
def preview(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case beside the list."""
    try:
        found = detail(case_id, by=actor(request), at=viewer(request).now, entries=LATELY)
    except NotFound as refusal:
        return HttpResponse(str(refusal), status=404, content_type="text/plain; charset=utf-8")
    return render(request, "dashboards/_preview.html", page_context(request, found, buttons=3))


def page_context(request: HttpRequest, found: Detail, *, buttons: int = 4) -> dict[str, Any]:
    seen = tell_times_of(request, found.row.time_zone)
    steps = [(step, VERBS[step.verb]) for step in found.steps if step.verb != "comment"]
    comment = next((step for step in found.steps if step.verb == "comment"), None)
    here = {"site_id": found.row.site_id, "team_id": found.row.team_id}
    steps = [pair for pair in steps if access.may(actor(request), pair[0].verb, **here)]
    mine = found.row.assignee_id == seen.user_id
    usable = [pair for pair in steps if pair[0].allowed and not (mine and pair[0].verb == "claim")]
    front = sorted(
        (p for p in usable if p[0].verb in IN_FRONT), key=lambda pair: IN_FRONT.index(pair[0].verb)
    )[:buttons]
    return {
        "detail": found,
        "row": found.row,
        "axis": axis(found.subject, now=seen.now, zone=seen.zone, live=found.subject.watched)
        if found.subject
        else None,
        "days": days(request, found.entries),
        "front": front,
        "more": sorted(
            (pair for pair in steps if pair not in front), key=lambda pair: not pair[0].allowed
        ),
        "comment": comment,
        "may_resend": access.may(actor(request), "resend", **here),
    }


def days(
    request: HttpRequest, entries: tuple[EntryLine, ...]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The timeline by day, newest first."""
    seen = viewer(request)
    today = seen.now.astimezone(seen.zone).date()

    def day(entry: EntryLine) -> str:
        on = entry.at.astimezone(seen.zone).date()
        near = {0: "Today", 1: "Yesterday"}.get((today - on).days)
        return near or f"{on:%A} {on.day} {on:%B}" + (
            f" {on.year}" if on.year != today.year else ""
        )

    return [
        (label, [line(entry, seen) for entry in group])
        for label, group in groupby(entries, key=day)
    ]


def line(entry: EntryLine, seen: Viewer) -> dict[str, Any]:
    return {
        "entry": entry,
        "who": who(entry.verb, entry.actor_kind, entry.actor),
        "icon": MARKS.get(entry.verb, "dot"),
        "told": local_times(told(entry.verb, entry.data), seen),
        "quote": quoted(entry.verb, entry.data),
    }


@login_required
@require_GET
def proof(request: HttpRequest, clock_id: int) -> HttpResponse:
    """Why a clock is due when it is: every interval, counted or not, and why."""
    one = Clock.objects.select_related("case__site").filter(pk=clock_id).first()
    if (
        one is None
        or not access.visible(Case.objects.filter(pk=one.case_id), actor(request)).exists()
    ):
        raise Http404("There is no such clock.")
    seen = tell_times_of(request, one.case.site.time_zone)
    spans = [
        {"span": span, "length": length(int((span.end - span.start).total_seconds()))}
        for span in clocks.proof_of(one, at=seen.now)
    ]
    context = {"clock": one, "case": one.case, "spans": spans, "zone": seen.zone.key}
    fragment = wants_fragment(request)
    return render(
        request, "dashboards/_proof.html" if fragment else "dashboards/proof.html", context
    )


@login_required
@require_POST
def resend(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Send again what a platform did not take."""
    try:
        owed = deciding.resend(delivery_id, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return refused(request, refusal, back(request))
    sentence = f"{owed.connection.name} will be told again about {owed.case}."
    if owed.state == DeliveryState.SUPERSEDED:
        sentence = f"It was not sent again. {owed.reason}"
    if wants_json(request):
        return JsonResponse({"ok": True, "case": owed.case_id, "sentence": sentence})
    messages.success(request, sentence)
    return redirect(back(request, reverse("case", args=[owed.case_id])))
