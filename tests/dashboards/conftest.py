"""A desk in front of which the tests sit: one site, its people, and a clock that stands."""

import pytest
import time_machine

from exceptions_app.vocabulary import Role
from tests.factories import HOUR, NOON, SiteFactory, TeamFactory, UserFactory

#: Now, for every page.
NOW = NOON + HOUR


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture
def north(db):
    return SiteFactory(slug="north", time_zone="Europe/Berlin")


@pytest.fixture
def south(db):
    return SiteFactory(slug="south")


@pytest.fixture
def parts(north):
    return TeamFactory(site=north, slug="parts")


@pytest.fixture
def ana(north):
    """A lead at North."""
    return UserFactory(
        username="ana", first_name="Ana", last_name="Ortiz", role=Role.LEAD, role__site=north
    )


@pytest.fixture
def ben(north):
    return UserFactory(
        username="ben", first_name="Ben", last_name="Okafor", role=Role.STAFF, role__site=north
    )


@pytest.fixture
def stranger(south):
    return UserFactory(username="stranger", role=Role.MANAGER, role__site=south)


@pytest.fixture
def viewer(north):
    return UserFactory(username="viewer", role=Role.VIEWER, role__site=north)


@pytest.fixture
def desk(client, ana):
    """Ana's browser."""
    client.force_login(ana)
    return client
