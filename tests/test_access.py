"""Every address as its owner, a viewer, a teammate at another site, and a stranger; a new one must be listed here."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from exceptions_app.intake.accept import accept
from exceptions_app.models import Attempt, Case, Clock, Delivery, Entry, Receipt, Signal, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.factories import (
    NOON, ConnectionFactory, PlaybookFactory, SiteFactory, SourceFactory, TargetFactory, TeamFactory, UserFactory,
)  # fmt: skip
from tests.intake.stories import about

pytestmark = pytest.mark.django_db

WHO = ("owner", "viewer", "elsewhere", "stranger")
OK, MOVED, SIGN_IN, NOT_SIGNED_IN, FORBIDDEN, MISSING = 200, 302, 302, 401, 403, 404


@dataclass(frozen=True)
class Door:
    """An address, how to knock, and the answer for each of ``WHO``."""

    name: str
    answers: tuple[int, int, int, int]
    where: dict[str, str] = field(default_factory=dict)
    method: str = "get"
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


def everybody(name, **more):
    return Door(name, (OK, OK, OK, OK), **more)


def page(name, **more):
    """Each sees what is theirs; a stranger is asked to sign in."""
    return Door(name, (OK, OK, OK, SIGN_IN), **more)


def thing(name, **where):
    return Door(name, (OK, OK, MISSING, SIGN_IN), where)


def api_list(name):
    return Door(name, (OK, OK, OK, NOT_SIGNED_IN))


def api_thing(name, **where):
    return Door(name, (OK, OK, MISSING, NOT_SIGNED_IN), where)


def api_verb(name, /, body=None, **where):
    return Door(name, (OK, FORBIDDEN, MISSING, NOT_SIGNED_IN), where or {"case": "case"}, "post", body or {})


DOORS = [
    everybody("sign-in"),
    everybody("healthz"),
    Door("readyz", (503, 503, 503, 503)),
    Door("home", (MOVED, MOVED, MOVED, MOVED)),
    page("board"),
    thing("case", case_id="case"),
    api_list("api-cases"),
    api_thing("api-case", case="case"),
    api_verb("api-acknowledge"),
]


@pytest.fixture
def world(client):
    """A case of the north site with everything that hangs on it, and four people."""
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    TeamFactory(site=north, slug="dispatch")
    SourceFactory(site=north)
    TargetFactory()
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="dead")
    Attempt.objects.create(delivery=delivery, at=NOON, verdict="refused", ok=False)
    people = {
        "owner": UserFactory(role=Role.LEAD, role__site=north),
        "viewer": UserFactory(role=Role.VIEWER, role__site=north),
        "elsewhere": UserFactory(role=Role.LEAD, role__site=south),
    }
    things = {
        "case": Case.objects.get().pk,
        "clock": Clock.objects.get().pk,
        "delivery": delivery.pk,
        "subject": Subject.objects.get().pk,
        "signal": Signal.objects.get().pk,
        "receipt": Receipt.objects.get().pk,
        "person": people["owner"].pk,
    }
    return people, things


def filled(value, things):
    """A word that names a thing stands for its id."""
    return {name: things.get(word, word) for name, word in value.items()}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.name} {door.query}".strip())
def test_a_door_opens_to_those_it_is_meant_for(world, client, door, who):
    people, things = world
    if who in people:
        client.force_login(people[who])
    before = Entry.objects.count()

    address = reverse(door.name, kwargs=filled(door.where, things)) + door.query
    form = {} if address.startswith("/api/") is False else {"content_type": "application/json"}
    answer = getattr(client, door.method)(address, filled(door.body, things), **form)

    assert answer.status_code == door.answers[WHO.index(who)], answer.content[:400]
    if door.method == "post" and answer.status_code >= 300 and who != "owner":
        assert Entry.objects.count() == before


def names(patterns, prefix=""):
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from names(one.url_patterns, f"{one.namespace}:" if one.namespace else prefix)
        elif isinstance(one, URLPattern):
            yield prefix + (one.name or str(one.pattern))


def test_every_address_is_listed():
    listed = {door.name for door in DOORS}

    assert set(names(get_resolver().url_patterns)) == listed
