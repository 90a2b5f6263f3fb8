"""The outbox page: what was owed outside and what became of it, and deciding about what failed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from connectors.listening import conflicts
from dashboards import confirming
from dashboards.actor import actor
from dashboards.answers import turned_down, whole_number, words
from dashboards.chips import Chip, Choice, Group, changed
from dashboards.viewing import tell_times_of
from exceptions_app.errors import DeskError, NotFound, Refused
from exceptions_app.models import Case
from exceptions_app.outbox import deciding, queries
from exceptions_app.outbox.queries import DeliveryRow, Wanted
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import TROUBLED, DeliveryState, Operation

REFUSAL = "Your role does not let you see the outbox. Ask a lead or an administrator of your site."
NARROWING = ("state", "connection", "case", "site")
#: Seconds after which a page looks again at what is going out now, and at what waits for later.
SOON, LATER = 2, 15


def insist_may_see(request: HttpRequest) -> None:
    if not access.may_somewhere(actor(request), "see_deliveries"):
        raise PermissionDenied(REFUSAL)


@login_required
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """The log, newest first."""
    insist_may_see(request)
    query, wanted = asked(request)
    try:
        page = queries.listed(wanted, by=actor(request), after=request.GET.get("after", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("deliveries")
    connections = queries.connections(by=actor(request))
    context = {
        "rows": page.rows,
        "more": address(changed(query, after=[page.after])) if page.after else "",
        "chips": chips(query, dict(connections), actor(request)),
        "groups": menu(query, connections),
        "conflicts": conflicts.count(actor(request)),
    }
    return render(request, "dashboards/deliveries.html", context)


def asked(request: HttpRequest) -> tuple[QueryDict, Wanted]:
    """What the address narrows the log by; what cannot be read is left out."""
    query = QueryDict(mutable=True)
    for name in NARROWING:
        if values := [value for value in request.GET.getlist(name) if readable(name, value)]:
            query.setlist(name, values)
    wanted = Wanted(
        states=query.getlist("state"),
        connection_id=whole_number(query.get("connection", "")),
        case_id=whole_number(query.get("case", "")),
        site=query.get("site", ""),
    )
    return query, wanted


def readable(name: str, value: str) -> bool:
    if name == "state":
        return value in DeliveryState.values
    return value == words(value) != "" if name == "site" else whole_number(value) is not None


def address(query: QueryDict) -> str:
    return f"{reverse('deliveries')}?{query.urlencode()}" if query else reverse("deliveries")


def chips(query: QueryDict, connections: dict[int, str], by: Actor) -> list[Chip]:
    """What narrows the log, each with the log without it."""
    found = []
    for name in NARROWING:
        values = query.getlist(name)
        for value in values:
            rest = [other for other in values if other != value]
            without = address(changed(query, **{name: rest}))
            found.append(Chip(name, shown(name, value, connections, by), without))
    return found


def shown(name: str, value: str, connections: dict[int, str], by: Actor) -> str:
    match name:
        case "state":
            return str(DeliveryState(value).label)
        case "connection":
            return connections.get(int(value), value)
        case "case":
            case = access.visible(Case.objects.filter(pk=int(value)), by).first()
            return str(case or value)
        case _:
            return value


def menu(query: QueryDict, connections: list[tuple[int, str]]) -> list[Group]:
    states = [(state.value, str(state.label)) for state in DeliveryState]
    return [
        Group("State", tuple(choice(query, "state", *one) for one in states)),
        Group(
            "Connection",
            tuple(choice(query, "connection", str(pk), name) for pk, name in connections),
        ),
    ]


def choice(query: QueryDict, name: str, value: str, label: str) -> Choice:
    """Pressing a choice adds it, pressing it again takes it out."""
    values = query.getlist(name)
    rest = [other for other in values if other != value] if name == "state" else []
    url = address(changed(query, **{name: rest if value in values else [*rest, value]}))
    return Choice(label, url, value in values, slug=name)


@login_required
@require_GET
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery, every try with what was sent and what came back; the page asks again while it moves."""
    insist_may_see(request)
    context = page_context(request, delivery_id)
    if request.GET.get("seen") == context["mark"]:
        return HttpResponse(status=204)
    return render(request, "dashboards/delivery.html", context)


def page_context(request: HttpRequest, delivery_id: UUID) -> dict[str, Any]:
    try:
        found = queries.whole(delivery_id, by=actor(request))
    except NotFound as refusal:
        raise Http404(str(refusal)) from refusal
    state = found.row.state
    seen, failed = tell_times_of(request, found.row.time_zone), state in TROUBLED
    return {
        "whole": found,
        "row": found.row,
        "mark": f"{state}-{len(found.tries)}",
        "moving": asks_again(found.row, seen.now),
        "can_resend": failed or state in (DeliveryState.SKIPPED, DeliveryState.SUPERSEDED),
        "can_skip": failed or state == DeliveryState.WAITING,
        "in_doubt": state == DeliveryState.UNCERTAIN,
        "made_record": found.row.operation == Operation.CREATE,
        "can_relink": found.row.operation == Operation.CREATE and state == DeliveryState.SENT,
    }


def asks_again(row: DeliveryRow, at: datetime) -> int | None:
    """After so many seconds the page looks whether anything happened; None once it has come to rest."""
    if row.state == DeliveryState.SENDING or (
        row.state == DeliveryState.WAITING and row.due_at <= at
    ):
        return SOON
    return LATER if row.state == DeliveryState.WAITING else None


@login_required
@require_POST
def skip(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Decide that the platform need not be told."""
    page = reverse("delivery", args=[delivery_id])
    try:
        reason = request.POST.get("reason", "")
        skipped = deciding.skip(delivery_id, by=actor(request), at=timezone.now(), reason=reason)
    except DeskError as refusal:
        return turned_down(request, refusal, page)
    messages.success(request, f"{skipped.connection} will not be told this about {skipped.case}.")
    return redirect(page)


@login_required
@require_POST
def arrived(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Say that the platform has it after all, and which record that is."""
    page = reverse("delivery", args=[delivery_id])
    try:
        named = request.POST.get("external_id", "").strip()
        known = confirming.arrived(delivery_id, named, by=actor(request), at=timezone.now())
    except DeskError as refusal:
        return turned_down(request, refusal, page)
    which = f" as {named}" if named else ""
    messages.success(request, f"{known.connection} has it{which}; nothing is made again.")
    return redirect(page)
