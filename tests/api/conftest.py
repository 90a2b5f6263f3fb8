"""Two sites, and programs with tokens at each of them."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from exceptions_app.people import tokens
from exceptions_app.vocabulary import Role, Scope
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    CalendarFactory,
    SiteFactory,
    SourceFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)


class Program:
    """Something with a token that talks to the API."""

    def __init__(self, token="", session=None):
        self.client = session or Client(raise_request_exception=False)
        self.signed = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path, headers=None, **query):
        return self.client.get(address(path), query, headers={**self.signed, **(headers or {})})

    def post(self, path, body=None, **headers):
        return self.write("post", path, body, **headers)

    def patch(self, path, body=None, **headers):
        return self.write("patch", path, body, **headers)

    def delete(self, path):
        return self.client.delete(address(path), headers=self.signed)

    def write(self, method, path, body, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, method)(
            address(path),
            body if isinstance(body, bytes) else json.dumps({} if body is None else body),
            content_type=named.pop("Content-Type", "application/json"),
            headers={**self.signed, **named},
        )


def address(path):
    return path if path.startswith(("/", "http")) else f"/api/v1/{path}"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def north():
    return SiteFactory(slug="north", calendar=CalendarFactory())


@pytest.fixture
def south():
    return SiteFactory(slug="south")


@pytest.fixture
def dispatch(north):
    return TeamFactory(site=north, slug="dispatch")


@pytest.fixture
def scheduler(north):
    return SourceFactory(slug="scheduler", site=north)


@pytest.fixture
def program_of(db):
    """A program of a new person with that role."""

    def program(role=Role.INTEGRATOR, site=None, scopes=Scope.values, **given):
        user = UserFactory(role=role, role__site=site, **given)
        return Program(tokens.issue(user, "Order system", scopes, NOON - HOUR)[1])

    return program


@pytest.fixture
def program(program_of, north):
    """An integrator's at the north site, with every scope."""
    return program_of(site=north)


@pytest.fixture
def stranger(program_of, south):
    """The same at the other site."""
    return program_of(site=south)


@pytest.fixture
def ana(north):
    return UserFactory(username="ana", role=Role.LEAD, role__site=north)


@pytest.fixture
def of_ana(ana):
    return Program(tokens.issue(ana, "Ana's script", Scope.values, NOON - HOUR)[1])


@pytest.fixture
def case(north):
    """New, opened an hour ago, with a running resolve clock."""
    TargetFactory()
    return open_case(site=north, at=NOON - HOUR, reference="D-20417", customer_name="José Núñez")


@pytest.fixture
def booked(scheduler):
    """A signal as it is posted."""

    def signal(number=1, **changes):
        return {
            "source": "scheduler",
            "external_id": f"apt-{number}",
            "type": "appointment.booked",
            "occurred_at": (NOON - MINUTE).isoformat(),
            "subject": {"reference": f"A-{number}", "customer": {"name": "José Núñez"}},
            "milestones": {"checked_in": {"expected_at": (NOON + timedelta(hours=2)).isoformat()}},
            **changes,
        }

    return signal


def is_problem(answer, status, code):
    """Whether it is refused so, as a document that says so."""
    told = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert told["type"] == f"urn:flagstand:problem:{code}"
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["title"]
    return bool(told["detail"])
