"""Learning anew: each site where something goes by what was learned, from its own history (D2)."""

from datetime import datetime

from exceptions_app.backtest.adopting import gone_by
from exceptions_app.backtest.asking import Question, ask
from exceptions_app.backtest.models import Backtest
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import BacktestState


def refit(*, at: datetime) -> int:
    """Ask for one backtest per site and kind; what it learns holds then, and its report says how well."""
    to_do = (BacktestState.WAITING, BacktestState.RUNNING)
    waiting = set(
        Backtest.objects.filter(state__in=to_do, refits=True).values_list("site_id", "kind")
    )
    sites = Site.objects.order_by("pk")
    wanted = [one for one in gone_by(sites) if (one[0].pk, one[1].value) not in waiting]
    for site, kind in wanted:
        ask(Question(site, kind, refits=True), by=SYSTEM, at=at)
    return len(wanted)
