"""Playbooks, for administrators: which cases are pushed where, tried on the last weeks before one holds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards.actor import actor
from dashboards.answers import wants_fragment
from dashboards.forms import blame
from dashboards.guarding import only_for
from dashboards.playbook_forms import PlaybookForm, drawable, says
from exceptions_app.errors import DeskError, Refused, Stale
from exceptions_app.models import Connection, Playbook
from exceptions_app.playbooks import keeping

#: For administrators of every site.
configuring = only_for(keeping.insist)


@configuring
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is pushed where, and what is off."""
    rows = [(row, says(row)) for row in keeping.listed(by=actor(request))]
    context = {"rows": rows, "nothing_connected": not Connection.objects.exists()}
    return render(request, "dashboards/playbooks.html", context)


@configuring
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make one; ``?connection=`` begins with where to."""
    asked = request.GET.get("connection", "")
    made = Playbook()
    if asked.isdecimal():
        made.connection_id = int(asked)
    return written(request, made, "New playbook")


@configuring
@require_http_methods(["GET", "POST"])
def playbook(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Look at it, try it, change it."""
    found = keeping.one(playbook_id, by=actor(request))
    if not drawable(found):
        by_hand = {"playbook": found, "title": found.name, "says": says(found)}
        return render(request, "dashboards/playbook_by_hand.html", by_hand)
    return written(request, found, found.name)


def written(request: HttpRequest, made: Playbook, title: str) -> HttpResponse:
    form = PlaybookForm(request.POST or None, instance=made, by=actor(request))
    if request.POST.get("press") == "try":
        context = trial(request, form)
        if wants_fragment(request):
            return render(request, "dashboards/_rehearsed.html", context)
        return drawn(request, form, {"title": title, **context})
    if request.method == "POST" and kept(request, form):
        on = "It holds from now on." if made.enabled else "It is off."
        messages.success(request, f"“{made.name}” is saved. {on}")
        return redirect("playbooks")
    return drawn(request, form, {"title": title})


def kept(request: HttpRequest, form: PlaybookForm) -> bool:
    """Whether it could be saved; what is wrong is said beside its field."""
    if not form.is_valid():
        return False
    try:
        seen = form.cleaned_data["seen"]
        keeping.keep(form.filled(), by=actor(request), at=timezone.now(), seen=seen)
    except Refused as refusal:
        blame(form, refusal)
        return False
    except Stale as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def trial(request: HttpRequest, form: PlaybookForm) -> dict[str, Any]:
    """Which cases of the last weeks it would have pushed; it needs no name for that."""
    form.fields["name"].required = False
    if not form.is_valid():
        wrong = {form[name].label: errors[0] for name, errors in form.errors.items()}
        return {"rehearsed_wrong": wrong}
    by, at = actor(request), timezone.now()
    made = form.filled()
    return {
        "rehearsed": keeping.rehearsed(made, by=by, at=at),
        "playbook": made,
        "days": keeping.SPAN.days,
    }


def drawn(request: HttpRequest, form: PlaybookForm, context: dict[str, Any]) -> HttpResponse:
    made = form.instance
    tried = "rehearsed" in context or "rehearsed_wrong" in context
    wrong = form.is_bound and bool(form.errors) and not tried
    context |= {"form": form, "playbook": made, "wrong": wrong}
    return render(request, "dashboards/playbook.html", context, status=422 if wrong else 200)


@configuring
@require_POST
def remove(request: HttpRequest, playbook_id: int) -> HttpResponse:
    """Delete one that is off."""
    try:
        gone = keeping.remove(playbook_id, by=actor(request))
    except DeskError as refusal:
        messages.error(request, str(refusal))
        return redirect("playbook", playbook_id)
    messages.success(
        request, f"“{gone.name}” is deleted. What it pushed stays, and is kept in step."
    )
    return redirect("playbooks")
