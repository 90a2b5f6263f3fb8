"""Who looks at a page and how: zone, theme, sites, the entries of the rail and the server's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from dashboards.actor import actor
from exceptions_app.models import User
from exceptions_app.people import access
from exceptions_app.people.administrators import administers

#: Pages that take ?site= themselves; elsewhere the site switcher leads to the board.
SITED = ("board", "subjects", "reports")


@dataclass(frozen=True, slots=True)
class SiteChoice:
    id: int
    slug: str
    name: str
    time_zone: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A way from the rail to a page."""

    label: str
    icon: str
    url: str
    current: bool
    parted: bool = False


@dataclass(frozen=True)
class Viewer:
    """The signed-in person as pages need to know them."""

    now: datetime
    zone: ZoneInfo
    user_id: int
    name: str
    theme: str
    single_keys: bool
    may_flag: bool
    configures: bool
    sends: bool
    sees_deliveries: bool
    may_act: bool
    staff: bool
    sites: Sequence[SiteChoice]
    #: The reader's zone where times are told as they are at a site.
    own_zone: ZoneInfo | None = None

    @property
    def own(self) -> ZoneInfo:
        return self.own_zone or self.zone

    def at_site(self, time_zone: str) -> "Viewer":
        """The same person, told times as they are at a site of this zone."""
        return replace(self, zone=ZoneInfo(time_zone), own_zone=self.own) if time_zone else self

    @property
    def site(self) -> SiteChoice | None:
        """The one site the page is narrowed to, if it is."""
        chosen = [site for site in self.sites if site.current]
        return chosen[0] if len(chosen) == 1 else None


def viewer(request: HttpRequest) -> Viewer:
    """Read once per request, however many tags ask.

    All times of a page are told in one zone: the reader's, or that of the one site it is about.
    """
    known = getattr(request, "desk_viewer", None)
    if isinstance(known, Viewer):
        return known
    by, user = actor(request), request.user
    if not isinstance(user, User):
        raise TypeError("Only signed-in pages have a viewer.")
    sites = site_choices(request)
    found = Viewer(
        now=timezone.now(),
        zone=ZoneInfo(user.time_zone or (sites[0].time_zone if sites else "UTC")),
        user_id=user.pk,
        name=user.shown_name(),
        theme=user.theme,
        single_keys=user.single_keys,
        may_flag=access.may_somewhere(by, "flag"),
        configures=access.may(by, "configure"),
        sends=access.may_somewhere(by, "send_signals"),
        sees_deliveries=access.may_somewhere(by, "see_deliveries"),
        may_act=access.may_somewhere(by, "acknowledge"),
        staff=administers(user),
        sites=sites,
    )
    about = sites[0] if len(sites) == 1 else found.site
    return tell_times(request, found, about.time_zone if about else "")


def tell_times_of(request: HttpRequest, time_zone: str) -> Viewer:
    """Have this page tell times as they are at the site; the reader's own are told on hover."""
    return tell_times(request, viewer(request), time_zone)


def tell_times(request: HttpRequest, found: Viewer, time_zone: str) -> Viewer:
    seen = found.at_site(time_zone)
    request.desk_viewer = seen  # type: ignore[attr-defined]  # remembered on the request
    return seen


def site_choices(request: HttpRequest) -> list[SiteChoice]:
    rows = access.sites(actor(request))
    match = request.resolver_match
    here = request.path if match and match.url_name in SITED else reverse("board")
    chosen = request.GET.getlist("site")
    choices = []
    for pk, slug, name, zone in rows.values_list("pk", "slug", "name", "time_zone"):
        query = request.GET.copy() if here == request.path else request.GET.__class__(mutable=True)
        query.setlist("site", [slug])
        query.pop("after", None)
        choices.append(
            SiteChoice(pk, slug, name, zone, f"{here}?{query.urlencode()}", slug in chosen)
        )
    return choices


def everywhere(request: HttpRequest) -> str:
    """The same page for every site."""
    query = [
        (name, value)
        for name, values in request.GET.lists()
        if name not in {"site", "after"}
        for value in values
    ]
    return f"{request.path}?{urlencode(query)}" if query else request.path


#: Label, icon, the page's name, its query, and whether a line parts it from those above.
ENTRIES = (
    ("Board", "square-kanban", "board", "", False),
    ("My desk", "circle-user-round", "board", "assignee=me", False),
    ("Subjects", "package-search", "subjects", "", False),
    ("Reports", "chart-column", "reports", "", False),
    ("Complaints", "message-square-warning", "complaints", "", False),
    ("Outbox", "send", "deliveries", "", True),
    ("Sources", "radio", "sources", "", False),
    ("Connections", "plug", "connections", "", False),
    ("Playbooks", "workflow", "playbooks", "", False),
    ("Mappings", "braces", "mappings", "", False),
    ("Imports", "file-up", "imports", "", False),
    ("Rules", "radar", "rules", "", False),
    ("Sandbox", "flask-conical", "sandbox", "", False),
    ("API", "code-xml", "api-docs", "", False),
    ("Admin", "settings-2", "admin:index", "", False),
)


def nav_entries(request: HttpRequest) -> list[NavEntry]:
    """The pages that are for this person."""
    shown = viewer(request)
    mine = request.GET.get("assignee") == "me"
    entries = []
    for label, icon, name, query, parted in ENTRIES:
        if not meets(shown, name):
            continue
        url = reverse(name)
        here = request.path == url if name == "board" else request.path.startswith(url)
        rulebook = tuple(map(reverse, ("journeys", "backtests")))
        here = here or (name == "rules" and request.path.startswith(rulebook))
        current = here and (name != "board" or mine == bool(query))
        entries.append(NavEntry(label, icon, f"{url}?{query}" if query else url, current, parted))
    return entries


def meets(shown: Viewer, name: str) -> bool:
    """Whether the page is one for this person."""
    needs = {
        "admin:index": shown.staff,
        "connections": shown.configures,
        "playbooks": shown.configures,
        "deliveries": shown.sees_deliveries,
        "mappings": shown.sends,
        "imports": shown.sends,
        "sandbox": settings.SANDBOX,
    }
    return needs.get(name, True)
