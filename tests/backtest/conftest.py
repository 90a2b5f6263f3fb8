"""A shop with months of orders behind it."""

import pytest

from exceptions_app.intake.accept import accept
from exceptions_app.models import Source
from exceptions_app.people.access import SYSTEM
from tests.backtest.telling import DAY, ORDERS, order
from tests.factories import HOUR, NOON, SiteFactory


@pytest.fixture
def site(db):
    site = SiteFactory(slug="web")
    Source.objects.create(slug="shop", name="Shop", site=site)
    return site


@pytest.fixture
def history(site):
    """Two orders a day for months, each eighth by the slow lane; heard when it happened."""
    begun = NOON - (ORDERS // 2 + 20) * DAY
    said = [
        one
        for number in range(ORDERS)
        for one in order(number, begun + number * 12 * HOUR, slow=number % 8 == 0)
    ]
    said.sort(key=lambda one: one[0])
    for start in range(0, len(said), 500):
        batch = said[start : start + 500]
        accept(
            [item for _, item in batch],
            by=SYSTEM,
            at=batch[-1][0],
            moment=lambda heard: heard.occurred_at,
        )
    return site
