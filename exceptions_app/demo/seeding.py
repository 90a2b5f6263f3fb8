"""Filling an empty desk with the demo's places, people and connections; again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction

from exceptions_app.cases.mass_limits import MassLimit
from exceptions_app.demo import accounts, people, places, pushes
from exceptions_app.demo.people import Colleague
from exceptions_app.demo.places import Caller, Place
from exceptions_app.detection.silence import plan
from exceptions_app.outbox.models import Connection
from exceptions_app.people import tokens
from exceptions_app.people.models import Membership, Site, Team, User
from exceptions_app.playbooks.models import Playbook
from exceptions_app.sla.models import Calendar, CalendarVersion, Target
from exceptions_app.subjects.listening import new_token
from exceptions_app.subjects.models import Source
from exceptions_app.vocabulary import Rhythm, Role, Shared

#: A demo's passwords are printed on the terminal; the first sign-in hashes them as hard as any other.
_ROUNDS = 1_000


@dataclass(frozen=True)
class SignIn:
    """How somebody gets in."""

    name: str
    username: str
    password: str
    role: str


@transaction.atomic
def seed(at: datetime) -> list[SignIn]:
    """Make what is missing, and give the sign-ins worth printing."""
    sites = {place.slug: settle(place) for place in places.PLACES}
    connect_sources(sites, at)
    for caller in places.CALLERS:
        listen(caller, sites[caller.site])
    for colleague in people.PEOPLE:
        hire(colleague, sites, at)
    aim(sites)
    connect(sites)
    return [
        SignIn(one.name, one.username, one.word, described(one, sites))
        for one in people.PEOPLE
        if one.shown
    ]


def connect_sources(sites: Mapping[str, Site], at: datetime) -> None:
    """The systems that send signals, what is expected of them, and how many at once are one event."""
    for slug, name, site in places.SOURCES:
        every = places.SPOKEN.get(slug)
        rhythm = {"rhythm": Rhythm.ELAPSED, "every_minutes": every} if every else {}
        # Its stories are told in hours and were booked days ago: of such a source that is no news of old.
        given = {"name": name, "site": sites.get(site or ""), "late_is_usual": True, **rhythm}
        source, made = Source.objects.get_or_create(slug=slug, defaults=given)
        if made:
            plan(source, at)
            source.save()
    for shared in Shared:
        MassLimit.objects.get_or_create(
            shared=shared,
            exception_type="",
            defaults={"more_than": places.MANY, "minutes": places.WITHIN_MINUTES},
        )


def settle(place: Place) -> Site:
    """A site with its calendar and teams."""
    calendar, _ = Calendar.objects.get_or_create(
        name=place.name, defaults={"time_zone": place.zone}
    )
    for hours in place.hours:
        CalendarVersion.objects.get_or_create(
            calendar=calendar,
            since=hours.since,
            defaults={
                "weekly": dict(hours.weekly),
                "holiday_region": hours.region,
                "holidays": dict(hours.holidays),
                "exceptions": dict(hours.exceptions),
            },
        )
    site, _ = Site.objects.get_or_create(
        slug=place.slug,
        defaults={
            "name": place.name,
            "time_zone": place.zone,
            "calendar": calendar,
            "colour": place.colour,
        },
    )
    Team.objects.bulk_create(
        (Team(site=site, slug=slug, name=slug.title()) for slug in place.teams),
        ignore_conflicts=True,
    )
    return site


def listen(caller: Caller, site: Site) -> None:
    """A source with an address of its own."""
    given: dict[str, Any] = {
        "name": caller.name,
        "site": site,
        "format": caller.format,
        "settings": dict(caller.settings),
        "token": new_token(),
    }
    Source.objects.get_or_create(slug=caller.slug, defaults=given)


def hire(colleague: Colleague, sites: Mapping[str, Site], at: datetime) -> None:
    user, made = User.objects.get_or_create(
        username=colleague.username,
        defaults={
            "first_name": colleague.first_name,
            "last_name": colleague.last_name,
            "email": colleague.email,
            "time_zone": colleague.zone,
            "password": hashed(colleague.word),
            "date_joined": at,
        },
    )
    if made:
        site = sites.get(colleague.site)
        team = Team.objects.get(site=site, slug=colleague.team) if colleague.team else None
        Membership.objects.create(user=user, role=colleague.role, site=site, team=team)


def hashed(word: str) -> str:
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(word, hasher.salt(), iterations=_ROUNDS) if word else "!"


def described(colleague: Colleague, sites: Mapping[str, Site]) -> str:
    where = sites[colleague.site].name if colleague.site else "every site"
    team = f", {colleague.team}" if colleague.team else ""
    return f"{Role(colleague.role).label} at {where}{team}"


def aim(sites: Mapping[str, Site]) -> None:
    """The targets, unless the desk has some already."""
    if Target.objects.exists():
        return
    Target.objects.bulk_create(
        Target(
            kind=aim.kind,
            length_kind=aim.length,
            amount=aim.amount,
            severity=aim.severity,
            exception_type=aim.exception_type,
            tier=aim.tier,
            site=sites.get(aim.site),
        )
        for aim in places.AIMS
    )


def connect(sites: Mapping[str, Site]) -> None:
    """Connections to the sandbox, and the playbooks that use them."""
    made = {}
    for push in accounts.CONNECTIONS:
        given: dict[str, Any] = {
            "platform": push.platform,
            "site": sites.get(push.site),
            "settings": dict(push.settings),
            "sandbox": True,
        }
        made[push.name], _ = Connection.objects.get_or_create(name=push.name, defaults=given)
    for play in pushes.PLAYBOOKS:
        Playbook.objects.get_or_create(
            name=play.name,
            defaults={
                "moment": play.moment,
                "connection": made[play.connection],
                "conditions": [{"field": name, "is": list(any_of)} for name, any_of in play.only],
            },
        )


def keys(kept: Mapping[str, str], at: datetime) -> dict[str, str]:
    """A token for the bridge and for each colleague whose part is played; those that still work stay."""
    users = User.objects.in_bulk([people.BRIDGE, *people.PLAYED], field_name="username")
    return {
        username: kept[username]
        if username in kept and tokens.behind(kept[username], at)
        else issued(user, at)
        for username, user in users.items()
    }


def issued(user: User, at: datetime) -> str:
    scopes = people.BRIDGE_SCOPES if user.username == people.BRIDGE else people.COLLEAGUE_SCOPES
    _, plain = tokens.issue(user, user.shown_name(), [scope.value for scope in scopes], at)
    return plain
