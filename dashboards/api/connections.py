"""Connections and the platforms there are, for programs of administrators: set up, changed, tried."""

from collections.abc import Mapping
from typing import Any, NoReturn

from django.utils import timezone
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.inbound import hook_address
from connectors.registry import BY_SLUG, rate_of
from connectors.worker import probe
from dashboards import catalogue
from dashboards.api.calling import Call, call
from dashboards.api.connection_shapes import (
    ChangeIn,
    ConnectIn,
    ConnectionDetailOut,
    ConnectionOut,
    ConnectionsOut,
    PlatformOut,
    PlatformsOut,
    ProbedOut,
    setting_facts,
    shown_settings,
)
from dashboards.api.endpoint import Endpoint
from dashboards.api.shapes import Asked, told
from exceptions_app.errors import Refused
from exceptions_app.models import Connection, Site
from exceptions_app.outbox import connections
from exceptions_app.outbox.connections import ConnectionRow
from exceptions_app.sealed import unreadable
from exceptions_app.vocabulary import Scope

EXAMPLE = {
    "platform": "zendesk",
    "name": "Customer care",
    "sandbox": True,
    "settings": {"subdomain": "acme", "email": "desk@acme.example", "token": "your-token"},
}


class Platforms(Endpoint):
    @call(Call(name="list_platforms", scope=Scope.CONNECTIONS_READ, gives=PlatformsOut))
    def get(self, request: Request) -> Response:
        """List the platforms that can be connected, what each can do, and why not the rest."""
        connections.insist_configures(self.by)
        rows = [platform(row) for row in catalogue.platforms()]
        return Response({"results": told(PlatformOut, rows)})


def platform(row: catalogue.PlatformRow) -> dict[str, Any]:
    connector = BY_SLUG[row.slug]
    return {
        "slug": row.slug,
        "name": row.name,
        "docs": row.docs,
        "can": [one.slug for one in row.abilities if one.can],
        "cannot": [{"ability": one.slug, "reason": one.why} for one in row.limits],
        "rate": connector.rate,
        "settings": [setting_facts(each) for each in connector.config.schema()],
    }


class ConnectionEndpoint(Endpoint):
    def kept(self, connection: Connection) -> dict[str, Any]:
        """The connection as it is asked for, once it is saved."""
        changed(connection, self.asked)
        connections.keep(connection, by=self.by, at=timezone.now())
        return detail(connection, connections.row(connection.pk, by=self.by))


class Connections(ConnectionEndpoint):
    @call(Call(name="list_connections", scope=Scope.CONNECTIONS_READ, gives=ConnectionsOut))
    def get(self, request: Request) -> Response:
        """List the connections by name, and how each stands."""
        rows: list[Any] = [standing(row) for row in connections.listed(by=self.by)]
        return Response({"results": told(ConnectionOut, rows)})

    @call(
        Call(
            name="make_connection",
            scope=Scope.CONNECTIONS_WRITE,
            asks=ConnectIn,
            gives=ConnectionDetailOut,
            status=201,
            example=EXAMPLE,
        )
    )
    def post(self, request: Request) -> Response:
        """Connect a platform. Its secrets are sealed, and never told again."""
        connections.insist_configures(self.by)
        return Response(self.kept(Connection(platform=self.asked["platform"])), status=201)


class OneConnection(ConnectionEndpoint):
    @call(Call(name="read_connection", scope=Scope.CONNECTIONS_READ, gives=ConnectionDetailOut))
    def get(self, request: Request, connection_id: int) -> Response:
        """Read a connection: how it stands, and its settings without the secrets."""
        found = connections.whole(connection_id, by=self.by)
        return Response(detail(found, connections.row(connection_id, by=self.by)))

    @call(
        Call(
            name="change_connection",
            scope=Scope.CONNECTIONS_WRITE,
            asks=ChangeIn,
            gives=ConnectionDetailOut,
            refuses=("stale",),
            example={"enabled": True, "settings": {"token": "a-new-token"}},
        )
    )
    def patch(self, request: Request, connection_id: int) -> Response:
        """Change a connection, disconnect it, or switch it on again."""
        return Response(self.kept(connections.whole(connection_id, by=self.by)))

    def http_method_not_allowed(self, request: Any, *_: Any, **__: Any) -> NoReturn:
        detail = connections.STAYS if request.method == "DELETE" else None
        raise MethodNotAllowed(request.method, detail=detail)


class TestConnection(Endpoint):
    @call(Call(name="test_connection", scope=Scope.CONNECTIONS_WRITE, asks=Asked, gives=ProbedOut))
    def post(self, request: Request, connection_id: int) -> Response:
        """Ask the platform something harmless. Takes up to 15 seconds; `ok` says how it went."""
        _ = self.asked
        found = connections.whole(connection_id, by=self.by)
        return Response(ProbedOut(probe(found)).data)


def changed(connection: Connection, asked: Mapping[str, Any]) -> None:
    """Take over what is asked for; what is wrong with a setting is told under its path."""
    for name in ("name", "sandbox", "enabled"):
        if name in asked:
            setattr(connection, name, asked[name])
    if "site" in asked:
        connection.site = site_of(asked["site"])
    if asked.get("settings") or ("settings" in asked and not unreadable(connection.settings)):
        connection.settings = merged(connection, asked["settings"])


def site_of(slug: str | None) -> Site | None:
    if slug is None:
        return None
    found = Site.objects.filter(slug=slug).first()
    if found is None:
        raise Refused.about("site", f"There is no site {slug}.")
    return found


def merged(connection: Connection, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is not asked for stays; what the platform does not take any more goes."""
    if connection.platform not in BY_SLUG:
        raise Refused(f"There is no platform {connection.platform} any more.")
    connector = BY_SLUG[connection.platform]
    secret = {each.name: each.secret for each in connector.config.schema()}
    there = {name: value for name, value in connection.settings.items() if name in secret}
    plain = {name: value for name, value in there.items() if not secret[name]}
    try:
        kept = {name: value for name, value in there.items() if asked.get(name, value)}
        settled: dict[str, Any] = connector.settled({**plain, **asked}, kept)
    except Refused as refusal:
        wrong = {f"settings.{name}": problem for name, problem in refusal.fields.items()}
        raise Refused(str(refusal), wrong) from None
    return settled


def standing(row: ConnectionRow) -> dict[str, Any]:
    """A row with what its platform bears, and its circuit."""
    is_open = row.opened_at is not None
    circuit = {
        "open": is_open,
        "opened_at": row.opened_at,
        "next_probe_at": row.held_until if is_open else None,
    }
    told_of_row = {name: getattr(row, name) for name in ConnectionRow.__slots__}
    return {**told_of_row, "rate": rate_of(row.platform), "circuit": circuit}


def detail(connection: Connection, row: ConnectionRow) -> dict[str, Any]:
    connector = BY_SLUG.get(connection.platform)
    knocks = connector is not None and connector.inbound is not None
    more = {
        **shown_settings(connection),
        "hook_address": hook_address(connection) if knocks else "",
    }
    whole: Any = {**standing(row), **more}
    return dict(ConnectionDetailOut(whole).data)
