"""Backtests: the rules and the learned risk tried on a site's own history, and what that says (D1-D3)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards.actor import actor
from dashboards.answers import turned_down
from dashboards.backtest_forms import BacktestForm, decimal
from dashboards.backtest_offers import ENOUGH, offers
from dashboards.policy_forms import SET, PolicyForm
from dashboards.viewing import tell_times_of
from dashboards.views.rules import reading, rule_editor
from exceptions_app import tasks
from exceptions_app.backtest import adopting, asking
from exceptions_app.backtest.asking import Question
from exceptions_app.backtest.choosing import for_capacity
from exceptions_app.detection.changing import VERB
from exceptions_app.errors import DeskError, NotFound, Refused
from exceptions_app.models import Backtest
from exceptions_app.people import access
from exceptions_app.vocabulary import BacktestState

LISTED = 50
LISTS = "Whom to remind goes by it from now on, and by what is learned anew."
STOPPED = "Nobody is listed to be reminded any more."
#: Not settings of a rule.
OWN = frozenset(
    {"csrfmiddlewaretoken", "rule", "site", "kind", "start", "model", "try", "why", "backtest"}
)


@login_required
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest) -> HttpResponse:
    """Those of your sites, newest first, and a form to ask for one; ``?rule=`` brings a change along."""
    reading(request)
    by, asked = actor(request), request.POST if request.method == "POST" else request.GET
    form = BacktestForm(request.POST or None, by=by, initial=request.GET.dict())
    slug = asked.get("rule", "") if changes(asked) else ""
    editor = rule_editor(request, slug) if slug else None
    if request.method == "POST":
        if not access.may_somewhere(by, VERB):
            raise PermissionDenied("Ask a manager of the site for a backtest.")
        if form.is_valid() and (found := begun(request, form, slug)):
            return redirect("backtest", found.pk)
    context = {
        "form": form,
        "rows": asking.visible(by).defer("report", "document")[:LISTED],
        "may_ask": access.may_somewhere(by, VERB),
        "rule": editor.title if editor else "",
        "tries": said_of(editor.form(asked)) if editor else "",
        "carried": [(n, asked.get(n)) for n in asked if slug and (n not in OWN or n == "rule")],
    }
    return render(request, "dashboards/backtests.html", context, status=422 if form.errors else 200)


def said_of(form: PolicyForm) -> str:
    """Which change it is, if it is one."""
    return form.edit.said if form.is_valid() and form.edit else ""


def changes(asked: QueryDict) -> bool:
    """Whether the address brings a change of a rule along, and not only the rule."""
    return any(name in ("on", "restore") or name.startswith(SET) for name in asked)


def begun(request: HttpRequest, form: BacktestForm, slug: str) -> Backtest | None:
    """The backtest, unless what is wrong with it stands on the form by now."""
    edit = None
    if slug:
        changed = rule_editor(request, slug).form(request.POST)
        if not changed.is_valid():
            form.add_error(None, " ".join(str(p) for of in changed.errors.values() for p in of))
            return None
        edit = changed.edit
    given = form.cleaned_data
    question = Question(given["site"], given["kind"], given["start"], given["model"], edit)
    try:
        found = asking.ask(question, by=actor(request), at=timezone.now())
    except Refused as refusal:
        form.add_error("model", str(refusal))
        return None
    tasks.wake_backtests()
    return found


@login_required
@require_GET
def one(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """How far it is, or what came out: figures, calibration, and a threshold for what you can work."""
    return render(request, "dashboards/backtest.html", shown(request, mine(request, backtest_id)))


@login_required
@require_GET
def progress(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    found = mine(request, backtest_id)
    if found.done_at and request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "dashboards/_backtest_progress.html", {"one": found})


@login_required
@require_POST
def cancel(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    page = reverse("backtest", args=[backtest_id])
    try:
        asking.cancel(backtest_id, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return turned_down(request, refusal, page)
    messages.success(request, "Cancelled.")
    return redirect(page)


@login_required
@require_POST
def remind(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """List whom to remind by what it learned, or ``stop`` listing anybody."""
    found, stop = mine(request, backtest_id), "stop" in request.POST
    does = adopting.remind_no_more if stop else adopting.remind
    page = reverse("backtest", args=[backtest_id])
    try:
        does(found, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return turned_down(request, refusal, page)
    messages.success(request, STOPPED if stop else LISTS)
    return redirect(page)


def mine(request: HttpRequest, backtest_id: UUID) -> Backtest:
    try:
        found = asking.one(backtest_id, by=actor(request))
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    tell_times_of(request, found.site.time_zone)
    return found


def shown(request: HttpRequest, found: Backtest) -> dict[str, Any]:
    context: dict[str, Any] = {"one": found}
    if found.state != BacktestState.DONE or not found.report:
        return context
    report, typed = found.report, request.GET.get("capacity", "")
    offered = report.get("choices", [])
    found_for, said = chosen_for(offered, typed)
    chosen, sooner = [*found_for, None, None][:2]
    tried = "Rules as tried" if found.document is not None else "Rules"
    parts = [(tried, report["rules"]), ("Rules and learned risk", report["policy"])]
    if "current" in report:
        parts.insert(0, ("Rules as they hold", report["current"]["rules"]))
    return context | {
        "report": report,
        "parts": parts,
        "by_rule": by_rule(report),
        "ranks": ranks(report),
        "calibration": report.get(found.model, report["plain"])["calibration"],
        "offered": offered,
        "capacity": typed,
        "chosen": chosen,
        "sooner": sooner,
        "capacity_said": said,
        "few": report["subjects"] < ENOUGH,
        "enough": ENOUGH,
        "may_change": access.may(actor(request), VERB, site_id=found.site_id),
        **offers(found, chosen, by=actor(request)),
    }


def ranks(report: dict[str, Any]) -> list[tuple[str, Any]]:
    found = report["precision_at_recall_80"].items()
    return [(name.replace("_", " "), value) for name, value in found if value is not None]


def by_rule(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Each rule's alerts, and how many it had by the rules that hold where others were tried."""
    now = report["policy"]["by_rule"]
    before = report.get("current", {}).get("policy", {}).get("by_rule", {})
    return [
        {"rule": rule, "now": now.get(rule), "before": before.get(rule)}
        for rule in sorted({*now, *before})
    ]


def chosen_for(offered: list[dict[str, Any]], typed: str) -> tuple[list[dict[str, Any]], str]:
    """The threshold for what can be worked, and one that is sooner; or why there is none."""
    if not typed:
        return [], ""
    capacity = decimal(typed)
    if capacity is None:
        return [], "Write how many cases a day, as a number such as 2 or 0.5."
    chosen = for_capacity(offered, capacity)
    if not chosen:
        return [], "Every threshold brings more than that."
    if not chosen[0]["alerts"]:
        return [], "No threshold found anything in this history, so there is none to choose."
    return chosen, ""
