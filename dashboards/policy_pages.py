"""The page on which one thing of the policy is changed: shown, tried on what is open, and let hold."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from dashboards.actor import actor
from dashboards.answers import status_of, wants_fragment, whole_number
from dashboards.policy_forms import PolicyForm, Why
from exceptions_app.detection import changing, effects, rulebook
from exceptions_app.detection.changing import VERB
from exceptions_app.detection.effects import Affected, Effects
from exceptions_app.detection.replanning import replan
from exceptions_app.errors import DeskError
from exceptions_app.models import Site
from exceptions_app.people import access

#: A page waits so many seconds for counting or planning; the rest follows in pieces, or on the clock.
PATIENCE = 1.5
ROWS_SHOWN = 50
#: What goes from one piece of counting to the next.
COUNTED = ("total", "looked", "opens", "reopens", "watched", "ceases", "moved", "after")


@dataclass(frozen=True)
class Editor:
    """What is changed, where, by which form, and on which page."""

    about: str
    title: str
    template: str
    form: Callable[[QueryDict | None], PolicyForm]
    site: Site | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def site_id(self) -> int | None:
        return self.site.pk if self.site else None


def answered(request: HttpRequest, editor: Editor) -> HttpResponse:
    """Show it; with ``try`` in the address also what a change would do; a post lets the change hold."""
    if request.method == "POST":
        return settled(request, editor)
    asked = "try" in request.GET and may_change(request, editor)
    form = editor.form(request.GET if asked else None)
    if not asked or not form.is_valid():
        return drawn(request, editor, form, status=422 if asked else 200)
    counted = count(request, form)
    context = continued(request, counted) | {"tried": True, "edit": form.edit}
    if wants_fragment(request):
        return render(request, "dashboards/_effects_more.html", context)
    return drawn(request, editor, form, more=context)


def may_change(request: HttpRequest, editor: Editor) -> bool:
    return access.may(actor(request), VERB, site_id=editor.site_id)


def drawn(
    request: HttpRequest,
    editor: Editor,
    form: PolicyForm,
    *,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    by = actor(request)
    last = changing.last_about(editor.about, editor.site_id)
    restores = form.is_bound and bool(form.data.get("restore"))
    context = {
        "problem": " ".join(map(str, form.non_field_errors())) if restores else "",
        "title": editor.title,
        "site": editor.site,
        "form": editor.form(None) if restores else form,
        "why": Why(),
        "may_change": may_change(request, editor),
        "history": rulebook.history(editor.about, by=by),
        "seen": last.pk if last else 0,
        "posted": repeated(request.GET),
        "replanning": rulebook.replanning(),
        **editor.more,
        **(more or {}),
    }
    return render(request, editor.template, context, status=status)


def repeated(asked: QueryDict) -> list[tuple[str, str]]:
    """What was tried, to be sent again for good."""
    left_out = {"try", "shown", "why", *COUNTED}
    return [(name, str(value)) for name, value in asked.items() if name not in left_out]


def count(request: HttpRequest, form: PolicyForm) -> Effects:
    """Go on counting from where the address says, for as long as a person waits without asking."""
    if form.edit is None:
        raise LookupError("Only a valid form has an edit to try.")
    by, at = actor(request), timezone.now()
    tried = effects.trial(form.edit)
    counted = so_far(request.GET) or effects.begin(tried, by=by)
    rows, until = list[Affected](), time.monotonic() + PATIENCE
    while not counted.done:
        counted = effects.count_on(tried, counted, by=by, at=at)
        rows += counted.rows
        if time.monotonic() > until:
            break
    return replace(counted, rows=tuple(rows))


def so_far(asked: QueryDict) -> Effects | None:
    """What the pieces before this one counted."""
    numbers = [whole_number(asked.get(name, "")) or 0 for name in COUNTED]
    if not all(name in asked for name in COUNTED):
        return None
    total, looked, opens, reopens, watched, ceases, moved, after = numbers
    return Effects(total, looked, opens, reopens, watched, ceases, moved, after)


def continued(request: HttpRequest, counted: Effects) -> dict[str, Any]:
    """The counts as a page shows them, and the address of the next piece."""
    shown = whole_number(request.GET.get("shown", "")) or 0
    rows = counted.rows[: max(ROWS_SHOWN - shown, 0)]
    query = request.GET.copy()
    for name in COUNTED:
        query[name] = str(getattr(counted, name))
    query["shown"] = str(shown + len(rows))
    found = counted.opens + counted.reopens + counted.watched + counted.ceases
    return {
        "effects": counted,
        "rows": rows,
        "found": found,
        "unshown": max(found - shown - len(rows), 0),
        "go_on": "" if counted.done else f"{request.path}?{query.urlencode()}",
    }


def settled(request: HttpRequest, editor: Editor) -> HttpResponse:
    """Let it hold, and plan anew what can be at once; the clock does the rest."""
    if not may_change(request, editor):
        raise PermissionDenied("Your role lets you look at rules. A manager may change them.")
    form, why = editor.form(request.POST), Why(request.POST)
    if not form.is_valid() or form.edit is None:
        return drawn(request, editor, form, status=422)
    if not why.is_valid():
        problem = str(why.errors["why"][0])
        return drawn(request, editor, form, more={"problem": problem}, status=422)
    try:
        version = changing.change(
            form.edit,
            why=why.cleaned_data["why"],
            by=actor(request),
            at=timezone.now(),
            seen=whole_number(request.POST.get("seen", "")),
        )
    except DeskError as refusal:
        status = status_of(refusal)
        return drawn(request, editor, form, more={"problem": str(refusal)}, status=status)
    messages.success(request, f"Version {version.pk} holds: {version.said}. {planned()}")
    return redirect(request.get_full_path().partition("?")[0] + place_query(editor))


def place_query(editor: Editor) -> str:
    return f"?site={editor.site.slug}" if editor.site else ""


def planned() -> str:
    """Plan what fits into a moment; in words, whether more is to come."""
    until = time.monotonic() + PATIENCE
    while replan(timezone.now()):
        if time.monotonic() > until:
            break
    if rulebook.replanning():
        return "Open subjects are being planned anew in the background."
    return "Every open subject is planned anew."
