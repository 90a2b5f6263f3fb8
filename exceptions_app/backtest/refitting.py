"""Learning anew: each site where predicted lateness is on, from its own history (D2)."""

from collections.abc import Iterator
from datetime import datetime

from exceptions_app.backtest.asking import Question, ask
from exceptions_app.backtest.models import Backtest
from exceptions_app.detection.policy import Policy, current
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import BacktestState, SubjectKind


def refit(*, at: datetime) -> int:
    """Ask for one backtest per site and kind; it leaves a new model and shows how that does by now."""
    waiting = {
        (pk, kind)
        for pk, kind in Backtest.objects.filter(
            state__in=(BacktestState.WAITING, BacktestState.RUNNING), document__isnull=True
        ).values_list("site_id", "kind")
    }
    wanted = [one for one in switched_on(current()) if (one[0].pk, one[1].value) not in waiting]
    for site, kind in wanted:
        ask(Question(site, kind), by=SYSTEM, at=at)
    return len(wanted)


def switched_on(policy: Policy) -> Iterator[tuple[Site, SubjectKind]]:
    for site in Site.objects.order_by("pk"):
        for kind in SubjectKind:
            if any(isinstance(rule, Predicted) for rule in policy.rules_of(kind, site.pk)):
                yield site, kind
