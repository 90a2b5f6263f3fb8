"""What sources sent and nobody could take: why, and sending it again as it is or mended (I7)."""

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboards.actor import actor
from dashboards.answers import turned_down, whole_number, words
from dashboards.chips import Chip, changed
from exceptions_app.errors import DeskError, NotFound, NotPermitted, Refused
from exceptions_app.intake import mending
from exceptions_app.intake.accept import MOST
from exceptions_app.intake.mending import Wanted
from exceptions_app.models import Receipt, RefusedSignal

PAGE_SIZE = 50
#: Nobody counts further; a list that long says "10,000+".
COUNTED = 10_000
NARROWING = ("source", "reason", "day")
TABS = (("", "Waiting"), ("settled", "Taken after all"), ("put_away", "Put away"))
STATES = tuple(name for name, _ in TABS if name)
CLEARED: dict[str, list[str]] = {name: [] for name in STATES}


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What waits, newest first, and above it the reasons with how many share each."""
    query = asked(request)
    rows = found(request, wanted(query))
    state = next((name for name in STATES if query.get(name)), "")
    after = whole_number(request.GET.get("after", ""))
    here = (rows.filter(pk__lt=after) if after else rows).order_by("-pk")[: PAGE_SIZE + 1]
    shown = list(here)
    count = rows.order_by()[: COUNTED + 1].count()
    context = {
        "rows": shown[:PAGE_SIZE],
        "count": f"{COUNTED:,}+" if count > COUNTED else f"{count:,}",
        "reasons": [] if state else mending.reasons(rows),
        "chips": chips(query),
        "state": state,
        "tabs": [
            (label, address(changed(query, **{**CLEARED, name: ["1"]} if name else CLEARED)), name)
            for name, label in TABS
        ],
        "most": MOST,
        "more": address(changed(query, after=[str(shown[PAGE_SIZE - 1].pk)]))
        if len(shown) > PAGE_SIZE
        else "",
    }
    return render(request, "dashboards/refused_signals.html", context)


def asked(request: HttpRequest) -> QueryDict:
    query = QueryDict(mutable=True)
    for name in (*NARROWING, *STATES):
        if (value := words(request.GET.get(name, ""))) and (name != "day" or day(value)):
            query[name] = value
    return query


def day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wanted(query: QueryDict) -> Wanted:
    return Wanted(
        source=query.get("source") or None,
        reason=query.get("reason", ""),
        day=day(query.get("day", "")),
        settled=bool(query.get("settled")),
        put_away=bool(query.get("put_away")),
    )


def found(request: HttpRequest, asked_for: Wanted) -> QuerySet[RefusedSignal]:
    try:
        return mending.refused(asked_for, by=actor(request))
    except NotPermitted as refusal:
        raise PermissionDenied(str(refusal)) from refusal


def address(query: QueryDict) -> str:
    page = reverse("refused-signals")
    return f"{page}?{query.urlencode()}" if query else page


def chips(query: QueryDict) -> list[Chip]:
    return [
        Chip(name, str(query[name]), address(changed(query, **{name: []})))
        for name in NARROWING
        if name in query
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, refused_id: int) -> HttpResponse:
    """One of them as it was sent, to be mended in place and sent again."""
    try:
        row = mending.one(refused_id, by=actor(request))
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    except NotPermitted as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    text = row.body
    wrong: Sequence[tuple[str, str]] = [*mending.mistakes(row).items()]
    if request.method == "POST":
        text = request.POST.get("body", "")
        wrong = sent(request, row, text)
        if not wrong:
            return redirect("refused-signals")
        row.refresh_from_db()
    context = {"row": row, "text": text, "wrong": wrong, "again": request.method == "POST"}
    status = 422 if context["again"] else 200
    return render(request, "dashboards/refused_signal.html", context, status=status)


def sent(request: HttpRequest, row: RefusedSignal, text: str) -> Sequence[tuple[str, str]]:
    """All for which it was refused once more; nothing if it was taken."""
    rows = RefusedSignal.objects.filter(pk=row.pk)
    try:
        receipt = mending.send_again(rows, by=actor(request), at=timezone.now(), mended=text)
    except Refused as refusal:
        return [("", str(refusal))]
    wrong = mending.wrong_in(receipt)
    if not wrong:
        messages.success(request, f"{row} was taken.")
    return wrong


@login_required
@require_POST
def put_away(request: HttpRequest, refused_id: int) -> HttpResponse:
    """Say that it need not be taken, and why."""
    why = request.POST.get("why", "")
    try:
        row = mending.put_away(refused_id, why, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return turned_down(request, refusal, reverse("refused-signal", args=[refused_id]))
    messages.success(request, f"{row} is put away.")
    return redirect("refused-signals")


@login_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send all again that share a source and a reason, such as after the source was added."""
    source, reason = (words(request.POST.get(name, "")) for name in ("source", "reason"))
    rows = found(request, Wanted(source=source, reason=reason))
    try:
        receipt = mending.send_again(rows, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        messages.error(request, str(refusal))
        return redirect("refused-signals")
    tell(request, receipt, mending.left(receipt))
    return redirect("refused-signals")


def tell(request: HttpRequest, receipt: Receipt, left: Sequence[str]) -> None:
    """How many were taken, and why the others were not."""
    taken = receipt.stored + receipt.duplicate
    others = receipt.conflict + receipt.refused
    if taken:
        messages.success(request, f"{taken:,} {'was' if taken == 1 else 'were'} taken.")
    if others:
        messages.error(request, f"{others:,} still refused. {left[0]}")
