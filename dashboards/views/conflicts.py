"""What platforms said that the desk could not settle by itself: both sides, and a person's choice (Y2)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from connectors.listening import conflicts
from dashboards.actor import actor
from dashboards.answers import whole_number
from dashboards.forms import assignable
from dashboards.guarding import only_for
from exceptions_app.errors import NotAllowedNow, Refused
from exceptions_app.mirroring.settling import Choice

#: For whoever sees what is sent.
seeing = only_for(conflicts.insist_sees)


@seeing
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The newest first, each with what either side holds."""
    by = actor(request)
    rows = conflicts.listed(by)
    people = assignable(by, site_id=None, team_id=None) if any(r.takes_person for r in rows) else []
    context = {
        "rows": rows,
        "conflicts": conflicts.count(by),
        "people": people,
        "most": conflicts.SHOWN,
    }
    return render(request, "dashboards/conflicts.html", context)


@seeing
@require_POST
def settle(request: HttpRequest, call_id: int) -> HttpResponse:
    """Take theirs, keep ours, or dismiss it."""
    choice = request.POST.get("choice", "")
    if choice not in Choice.values:
        raise Http404("There is no such choice.")
    field, to = request.POST.get("field", ""), whole_number(request.POST.get("to", ""))
    try:
        call = conflicts.settle(
            call_id, field, Choice(choice), by=actor(request), at=timezone.now(), to=to
        )
    except (Refused, NotAllowedNow) as refusal:
        messages.error(request, f"{refusal} Nothing was changed.")
    else:
        messages.success(request, said(Choice(choice), field).format(call.case or call.connection))
    return redirect("conflicts")


def said(choice: Choice, field: str) -> str:
    """What was said over there needs no answer."""
    return "{} stays as it is." if (choice, field) == (Choice.OURS, "comment") else SAID[choice]


SAID = {
    Choice.THEIRS: "{} follows them.",
    Choice.OURS: "{} stays as it is, and they are told so.",
    Choice.DISMISS: "{}: dismissed. Both sides stay as they are.",
}
