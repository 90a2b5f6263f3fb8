"""The systems that send signals: how each should speak and does, and letting one out of quarantine."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboards.actor import actor
from dashboards.answers import turned_down
from dashboards.forms import Expectation, blame
from dashboards.viewing import tell_times_of, viewer
from exceptions_app.detection.expecting import Expected, expect
from exceptions_app.errors import DeskError, NotFound, NotPermitted, Refused
from exceptions_app.people import access
from exceptions_app.playbooks import quarantine
from exceptions_app.subjects import sources as known
from exceptions_app.subjects.sources import SourceRow

WITHHELD_SHOWN = 50


@login_required
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """Who speaks, who should and does not, and who is not believed yet."""
    by, at = actor(request), viewer(request).now
    rows = known.listed(by=by, at=at)
    withheld = quarantine.counts([row.id for row in rows])
    context = {
        "rows": [(row, withheld.get(row.id, 0)) for row in rows],
        "no_scope": by.grants == (),
        "may_mend": access.may_somewhere(by, "send_signals"),
        "configures": viewer(request).configures,
    }
    return render(request, "dashboards/sources.html", context)


@login_required
@require_GET
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    row = found(request, source_id)
    return drawn(request, row, Expectation(initial=expected_of(row)))


def found(request: HttpRequest, source_id: int) -> SourceRow:
    try:
        return known.one(source_id, by=actor(request), at=viewer(request).now)
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal


def expected_of(row: SourceRow) -> dict[str, Any]:
    names = ("rhythm", "every_minutes", "daily_by", "catch_up_minutes", "late_is_usual")
    return {name: getattr(row, name) for name in names} | {"calendar": row.calendar_id}


def drawn(
    request: HttpRequest, row: SourceRow, form: Expectation, *, status: int = 200
) -> HttpResponse:
    tell_times_of(request, row.time_zone)
    mine = quarantine.shown(row.id, by=actor(request))
    lines = mine.select_related("case", "connection")[: WITHHELD_SHOWN + 1]
    context = {
        "row": row,
        "form": form,
        "manages": access.may(actor(request), "manage_sources", site_id=row.site_id),
        "held": known.held_lines(source_id=row.id, by=actor(request)) if row.held else [],
        "withheld": lines[:WITHHELD_SHOWN],
        "withheld_count": quarantine.withheld(row.id).count(),
        "zone": row.time_zone,
        "may_mend": access.may_somewhere(actor(request), "send_signals"),
        "configures": viewer(request).configures,
    }
    return render(request, "dashboards/source.html", context, status=status)


@login_required
@require_POST
def expectation(request: HttpRequest, source_id: int) -> HttpResponse:
    """Say how often it has to speak."""
    row = found(request, source_id)
    form = Expectation(request.POST)
    if not form.is_valid():
        return drawn(request, row, form, status=422)
    wanted = dict(form.cleaned_data)
    calendar = wanted.pop("calendar")
    asked = Expected(**wanted, calendar_id=calendar.pk if calendar else None)
    try:
        kept = expect(row.id, asked, by=actor(request), at=viewer(request).now)
    except NotPermitted as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refused as refusal:
        blame(form, refusal)
        return drawn(request, row, form, status=422)
    waits = "is waited for" if kept.rhythm else "may speak when it likes"
    messages.success(request, f"Saved. {kept.name} {waits} from now on.")
    return redirect("source", row.id)


@login_required
@require_POST
def release(request: HttpRequest, source_id: int) -> HttpResponse:
    """Let it out of quarantine; what was withheld is sent as far as it still matters, or discarded."""
    row = found(request, source_id)
    send = request.POST.get("send") == "yes"
    try:
        done = quarantine.release(row.id, send=send, by=actor(request), at=viewer(request).now)
    except DeskError as refusal:
        return turned_down(request, refusal, reverse("source", args=[row.id]))
    told = f"{done.sent:,} sent, {done.discarded:,} discarded" if send else "nothing was sent"
    messages.success(
        request, f"{row.name} is out of quarantine: {done.cases:,} cases let go, {told}."
    )
    return redirect("source", row.id)
