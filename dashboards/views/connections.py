"""Connections to platforms, for administrators: the catalogue, setting one up, trying it, how it stands."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connectors.forms import DeskForm
from connectors.inbound import hook_address
from connectors.listening.platforms import lacking, newest
from connectors.registry import BY_SLUG
from connectors.worker import Probed, probe
from dashboards import catalogue
from dashboards.actor import actor
from dashboards.answers import wants_fragment
from dashboards.connection_words import is_failing
from dashboards.forms import blame
from dashboards.guarding import only_for
from dashboards.viewing import viewer
from exceptions_app.errors import Refused, Stale
from exceptions_app.models import Connection, Playbook
from exceptions_app.outbox import connections as outbox
from exceptions_app.outbox import queries
from exceptions_app.outbox.connections import ConnectionRow
from exceptions_app.outbox.queries import Wanted
from exceptions_app.sealed import unreadable

DELIVERIES_SHOWN = 15


#: For administrators of every site.
configuring = only_for(outbox.insist_configures)


@configuring
@require_GET
def connections(request: HttpRequest) -> HttpResponse:
    """What is connected and how it stands, and what could be."""
    rows = outbox.listed(by=actor(request))
    failing = [row for row in rows if is_failing(row, now=viewer(request).now)]
    only_failing = request.GET.get("only") == "failing"
    asked = request.GET.get("q", "").strip()
    platforms = catalogue.platforms(row.platform for row in rows)
    found = {row.slug for row in catalogue.found(platforms, asked)}
    context = {
        "rows": failing if only_failing else rows,
        "connected": len(rows),
        "failing": len(failing),
        "only_failing": only_failing,
        "platforms": [(row, row.slug in found) for row in platforms],
        "found": len(found),
        "asked": asked,
        "abilities": catalogue.ABILITIES.items(),
    }
    return render(request, "dashboards/connections.html", context)


@configuring
@require_http_methods(["GET", "POST"])
def connect(request: HttpRequest, platform: str) -> HttpResponse:
    """Set up a new one."""
    if platform not in BY_SLUG:
        raise Http404("There is no such platform.")
    made = Connection(platform=platform, name=free_name(BY_SLUG[platform].name))
    form = DeskForm(request.POST or None, instance=made)
    if request.method == "POST" and kept(request, form):
        messages.success(request, f"{made.name} is connected. Test it once before it is needed.")
        return redirect("connection", made.pk)
    return drawn(request, form, f"Connect {BY_SLUG[platform].name}")


def free_name(name: str) -> str:
    """The platform's own, unless a connection has it."""
    taken = set(Connection.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)


@configuring
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Change its name, site or settings; secrets stay unless new ones are typed."""
    found = outbox.whole(connection_id, by=actor(request))
    if found.platform not in BY_SLUG:
        raise Http404(f"There is no platform {found.platform} any more.")
    title, now = found.name, mark_of(found)
    form = DeskForm(request.POST or None, instance=found)
    if form.is_bound and request.POST.get("seen", now) != now:
        form.full_clean()
        form.add_error(None, "Somebody changed it since you looked. Load the page again.")
    elif form.is_bound and kept(request, form):
        messages.success(request, f"{found.name} is saved.")
        return redirect("connection", found.pk)
    return drawn(request, form, title, seen=now)


def mark_of(found: Connection) -> str:
    """What a form was filled in against; of its secrets it tells nothing."""
    facts = [found.name, found.site_id, found.sandbox, found.settings]
    return salted_hmac("connection", json.dumps(facts, sort_keys=True)).hexdigest()


def kept(request: HttpRequest, form: DeskForm) -> bool:
    """Whether it could be saved; what is wrong is said beside its field."""
    if not form.is_valid():
        return False
    try:
        outbox.keep(form.instance, by=actor(request), at=timezone.now())
    except Refused as refusal:
        blame(form, refusal)
        return False
    except Stale as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def drawn(request: HttpRequest, form: DeskForm, title: str, *, seen: str = "") -> HttpResponse:
    """The form; what was typed stays, except secrets, and so does what it was filled in against."""
    connector = BY_SLUG[form.instance.platform]
    context = {
        "seen": request.POST.get("seen", seen),
        "form": form,
        "title": title,
        "connector": connector,
        "connection_id": form.instance.pk,
        "abilities": catalogue.abilities(connector),
    }
    return render(request, "dashboards/connect.html", context, status=422 if form.is_bound else 200)


@configuring
@require_GET
def connection(request: HttpRequest, connection_id: int) -> HttpResponse:
    """How it stands, where it knocks, and what was sent through it."""
    return shown(request, connection_id)


def shown(request: HttpRequest, connection_id: int, probed: Probed | None = None) -> HttpResponse:
    by = actor(request)
    row = outbox.row(connection_id, by=by)
    connector = BY_SLUG.get(row.platform)
    whole = outbox.whole(connection_id, by=by)
    log = queries.listed(Wanted(connection_id=connection_id), by=by).rows
    context = {
        **standing(row),
        "connector": connector,
        "abilities": catalogue.abilities(connector) if connector else (),
        "inbound": connector.inbound if connector else None,
        "hook_address": hook_address(whole),
        "lacking": lacking(whole),
        "unreadable": unreadable(whole.settings),
        "calls": newest(connection_id),
        "deliveries": log[:DELIVERIES_SHOWN],
        "more": len(log) > DELIVERIES_SHOWN,
        "probed": probed,
        "stays": outbox.STAYS,
    }
    return render(request, "dashboards/connection.html", context)


def standing(row: ConnectionRow) -> dict[str, Any]:
    playbooks = Playbook.objects.filter(connection=row.id, enabled=True)
    return {"row": row, "playbooks": playbooks.values_list("pk", "name")}


@configuring
@require_POST
def test(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask the platform something harmless, and show what it answers."""
    found = outbox.whole(connection_id, by=actor(request))
    probed = probe(found)
    if wants_fragment(request):
        now = standing(outbox.row(connection_id, by=actor(request)))
        return render(request, "dashboards/_probed.html", {"probed": probed, "alone": True, **now})
    return shown(request, connection_id, probed)


@configuring
@require_POST
def switch(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Disconnect it, or switch it on again."""
    on = request.POST.get("on") == "yes"
    found = outbox.switch(connection_id, on=on, by=actor(request), at=timezone.now())
    told = "sends again" if on else "is disconnected; what is owed to it waits"
    messages.success(request, f"{found.name} {told}.")
    return redirect("connection", found.pk)
