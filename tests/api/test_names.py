"""Who one is, and the names that other calls take."""

import pytest
from django.test import Client

from exceptions_app.vocabulary import Role, Scope
from tests.api.conftest import Program, is_problem
from tests.factories import SourceFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_token_is_told_what_it_may_do(program_of, north):
    program = program_of(Role.LEAD, site=north, scopes=[Scope.CASES_READ], username="ana")

    told = program.get("me/").json()

    assert (told["kind"], told["name"], told["username"]) == ("token", "Order system", "ana")
    assert told["roles"] == [{"role": "lead", "site": "north", "team": None}]
    assert told["scopes"] == ["cases:read"]


def test_a_person_is_told_their_roles(north):
    browser = Client()
    browser.force_login(UserFactory(username="ana", role=Role.STAFF))

    told = Program(session=browser).get("me/").json()

    assert (told["kind"], told["scopes"]) == ("person", None)
    assert told["roles"] == [{"role": "staff", "site": None, "team": None}]


def test_names_are_those_of_ones_own_sites(program, north, south):
    TeamFactory(site=north, slug="parts")
    TeamFactory(site=south, slug="sales")
    SourceFactory(slug="dms", site=north)
    SourceFactory(slug="crm", site=south)
    SourceFactory(slug="carrier", site=None)

    def slugs(path):
        return [one["slug"] for one in program.get(path).json()["results"]]

    assert slugs("sites/") == ["north"]
    assert slugs("teams/") == ["parts"]
    assert sorted(slugs("sources/")) == ["carrier", "dms"]


def test_somebody_without_a_role_sees_no_names(program_of, north):
    SourceFactory(slug="carrier", site=None)
    nobody = program_of(role=None)

    assert [
        nobody.get(path).json()["results"] for path in ("sites/", "teams/", "sources/", "people/")
    ] == [
        [],
        [],
        [],
        [],
    ]


def test_people_are_those_who_can_own_cases_of_ones_own_sites(program, north, south):
    UserFactory(username="ana", role=Role.LEAD, role__site=north)
    UserFactory(username="ben", role=Role.STAFF, is_active=False)
    UserFactory(username="cem", role=Role.STAFF, role__site=south)
    UserFactory(username="dia", role=Role.VIEWER, role__site=north)

    first, rest = (program.get("people/", **more) for more in ({"limit": "1"}, {"site": "north"}))

    assert [one["username"] for one in first.json()["results"]] == ["ana"]
    assert [one["username"] for one in rest.json()["results"]] == ["ana", "ben"]
    assert [one["active"] for one in rest.json()["results"]] == [True, False]
    assert [one["username"] for one in program.get(first.json()["next"]).json()["results"]] == [
        "ben"
    ]
    assert is_problem(program.get("people/", site="south"), 400, "invalid")
