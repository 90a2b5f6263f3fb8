"""A shop with months of orders behind it."""

import pytest

from tests.backtest.telling import lived, shop


@pytest.fixture
def site(db):
    return shop()


@pytest.fixture
def history(site):
    return lived(site)
