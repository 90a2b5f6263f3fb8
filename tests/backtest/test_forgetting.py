"""Models pile up every night; the newest of each site and kind stay."""

from datetime import timedelta

import pytest

from exceptions_app.backtest import forgetting
from exceptions_app.models import Backtest, RiskModel
from tests.factories import NOON, SiteFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_newest_models_of_each_site_stay_and_old_backtests_go():
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    for night in range(forgetting.KEPT_MODELS + 2):
        learned_at(north, NOON + night * DAY)
    only = learned_at(south, NOON)
    for days in (89, 91):
        Backtest.objects.create(asked_at=NOON - days * DAY, actor_name="Clock", site=north)

    gone = forgetting.forget(NOON)

    assert gone == 2 + 1
    assert RiskModel.objects.filter(site=north).earliest("pk").made_at == NOON + 2 * DAY
    assert RiskModel.objects.get(site=south) == only
    assert Backtest.objects.get().asked_at == NOON - 89 * DAY


def test_what_the_desk_learned_anew_takes_no_places_of_what_people_tried():
    site = SiteFactory()
    tried = learned_at(site, NOON)
    for night in range(forgetting.KEPT_MODELS + 2):
        learned = learned_at(site, NOON + night * DAY)
        Backtest.objects.create(asked_at=NOON, site=site, learned=learned, refits=True)

    assert forgetting.forget(NOON) == 2
    assert RiskModel.objects.filter(pk=tried.pk).exists()


def learned_at(site, at):
    return RiskModel.objects.create(site=site, kind="order", made_at=at, promises=9, learned={})
