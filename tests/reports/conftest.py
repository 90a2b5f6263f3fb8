"""Six cases of which every figure can be counted on the fingers."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from exceptions_app.cases import clockwatch, lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Role, Severity
from tests.conftest import lasting
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    SiteFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)  # fmt: skip

WEEK = timedelta(days=7)


def worked(opened_at, *, acknowledged=None, resolved=None, **given):
    """A case acknowledged and resolved so long after its opening."""
    case = open_case(at=opened_at, **given)
    if acknowledged is not None:
        lifecycle.acknowledge(Seen(case.pk), by=SYSTEM, at=opened_at + acknowledged)
    if resolved is not None:
        lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=opened_at + resolved, cause="carrier late")
    return case


@pytest.fixture(scope="module")
def kept_world(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker):
        yield six_cases()


@pytest.fixture
def world(db, kept_world):
    return kept_world


def six_cases():
    """North has four cases, two of them opened before the eight weeks up to NOON; South has two."""
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    dispatch = TeamFactory(site=north, slug="dispatch")
    parts = TeamFactory(site=south, slug="parts")
    TargetFactory(kind="acknowledge", amount=30)
    TargetFactory(kind="resolve", amount=480)
    at_north = {"site": north, "team_id": dispatch.pk}
    at_south = {"site": south, "exception_type": ExceptionType.SCAN_GAP, "severity": Severity.LOW}
    cases = SimpleNamespace(
        quick=worked(NOON - HOUR, acknowledged=10 * MINUTE, resolved=40 * MINUTE, **at_north),
        slow=worked(NOON - WEEK, acknowledged=50 * MINUTE, resolved=9 * HOUR, **at_north),
        fresh=worked(NOON - 20 * MINUTE, **at_south, team_id=parts.pk),
        stuck=worked(NOON - 2 * WEEK, acknowledged=20 * MINUTE, **at_south, imported=True),
        earlier=worked(NOON - 9 * WEEK, acknowledged=45 * MINUTE, resolved=HOUR, **at_north),
        dragged=worked(
            NOON - 9 * WEEK, acknowledged=5 * MINUTE, resolved=9 * WEEK - HOUR, **at_north
        ),
    )
    while clockwatch.tick(NOON):
        pass
    return SimpleNamespace(
        north=north,
        south=south,
        cases=cases,
        manager=UserFactory(role=Role.MANAGER, first_name="Mia", last_name="Okafor"),
        at_south=UserFactory(role=Role.LEAD, role__site=south, first_name="Sol"),
        stranger=UserFactory(),
    )
