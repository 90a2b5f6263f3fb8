"""Who you are to the desk, and the names that other calls take: sites, teams and people."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.naming import site_meant
from dashboards.api.paging import page, stretch
from dashboards.api.shapes import OrNull, Paged, PageOut, told
from exceptions_app.models import ApiToken, Membership, Site, Team, User
from exceptions_app.people import access
from exceptions_app.people.owners import owners
from exceptions_app.vocabulary import ActorKind, Role, Scope


class GrantOut(serializers.Serializer[Membership]):
    """A role, and where it holds; null means everywhere."""

    role = serializers.ChoiceField(Role.choices)
    site = OrNull(source="site.slug", default=None)
    team = OrNull(source="team.slug", default=None)


class MeOut(serializers.Serializer[Any]):
    """Whoever asks."""

    kind = serializers.ChoiceField(ActorKind.choices)
    name = serializers.CharField()
    username = serializers.CharField(help_text="The person that a token acts for")
    superuser = serializers.BooleanField(help_text="May do everything, whatever the roles say")
    roles = GrantOut(many=True)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices),
        allow_null=True,
        help_text="Of the token; null for a person who is signed in",
    )
    expires_at = serializers.DateTimeField(allow_null=True)


class Me(Endpoint):
    @call(Call(name="read_me", scope=None, gives=MeOut))
    def get(self, request: Request) -> Response:
        """Read who you are to the desk and what you may do: a first call to try a token with."""
        user, token = request.user, request.auth
        signed = token if isinstance(token, ApiToken) else None
        grants = Membership.objects.filter(user=user.pk).select_related("site", "team")
        document = {
            "kind": self.by.kind,
            "name": self.by.name,
            "username": user.get_username(),
            "superuser": user.is_superuser,
            "roles": grants.order_by("pk"),
            "scopes": signed.scopes if signed else None,
            "expires_at": signed.expires_at if signed else None,
        }
        return Response(MeOut(document).data)


class SiteOut(serializers.Serializer[Site]):
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()


class SitesOut(serializers.Serializer[Any]):
    results = SiteOut(many=True)


class Sites(Endpoint):
    @call(Call(name="list_sites", scope=None, gives=SitesOut))
    def get(self, request: Request) -> Response:
        """List your sites."""
        mine = access.sites(self.by)
        return Response(SitesOut({"results": mine}).data)


class TeamOut(serializers.Serializer[Team]):
    site = serializers.CharField(source="site.slug")
    slug = serializers.CharField()
    name = serializers.CharField()


class TeamsOut(serializers.Serializer[Any]):
    results = TeamOut(many=True)


class Teams(Endpoint):
    @call(Call(name="list_teams", scope=None, gives=TeamsOut))
    def get(self, request: Request) -> Response:
        """List the teams of your sites."""
        mine = access.visible(Team.objects.select_related("site"), self.by, team="pk")
        return Response(TeamsOut({"results": mine}).data)


class OwnerOut(serializers.Serializer[User]):
    """Somebody who can own a case."""

    username = serializers.CharField(help_text="Sign-in name; what `assign` takes as `to`")
    name = serializers.CharField(source="shown_name")
    active = serializers.BooleanField(source="is_active", help_text="Else they get no case")


class PeopleOut(PageOut):
    results = OwnerOut(many=True)


class PeopleWanted(Paged):
    site = serializers.CharField(
        required=False, max_length=50, help_text="Slug of a site; else all of your sites"
    )


class People(Endpoint):
    @call(
        Call(
            name="list_people",
            scope=Scope.CASES_READ,
            query=PeopleWanted,
            gives=PeopleOut,
            example_query="limit=20",
        )
    )
    def get(self, request: Request) -> Response:
        """List who can own cases at your sites, in the order in which they came."""
        wanted = self.wanted
        slug = wanted.pop("site", None)
        theirs = owners(self.by, site_id=site_meant(slug, self.by) if slug else None)
        found = stretch(theirs, "pk", **wanted, newest_first=False)
        return Response(page(request, told(OwnerOut, found.rows), found.after))
