"""From "we can work so many cases a day" to a threshold: what each would have brought; pure (D3)."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from exceptions_app.backtest.deciding import Alert, Score, Standing
from exceptions_app.backtest.measures import Judged, of_alerts
from exceptions_app.detection.risk.thresholds import Thresholds

#: Chances in percent that are offered as thresholds.
OFFERED = tuple(range(30, 100, 5))
#: Shares of what is missed that are as good as the same.
AS_MANY = 0.005
FIGURES = ("alerts", "alerts_per_100", "precision", "recall", "mean_lead_days")


def choices(scores: Sequence[Score], judged: Judged, zone: tzinfo) -> list[dict[str, Any]]:
    """Per fixed threshold the alerts of it alone: each subject from the first look that passes it."""
    return [{"least": least, **figured(passing(least, scores), judged, zone)} for least in OFFERED]


def passing(least: int, scores: Sequence[Score]) -> list[Alert]:
    fixed, standing = Thresholds(least / 100), Standing()
    return [
        Alert(score.reference, "", score.at, "")
        for score in scores
        if standing.opens(score, alerts=fixed.alerts(score.look, score.chance))
    ]


def figured(alerts: Sequence[Alert], judged: Judged, zone: tzinfo) -> dict[str, Any]:
    """What a choice is judged by."""
    figures = of_alerts(alerts, judged, zone)
    return {
        **{name: figures[name] for name in FIGURES},
        "cases_a_day": figures["cases_per_day"]["mean"],
        "most_a_day": figures["cases_per_day"]["most"],
    }


def for_capacity(offered: Sequence[dict[str, Any]], cases_a_day: float) -> list[dict[str, Any]]:
    """Of the thresholds that bring no more than can be worked, the strictest that misses no more than the
    lowest, and after it the lowest, where that is another: it finds the same sooner, and is wrong more often.
    """
    within = [one for one in offered if one["cases_a_day"] <= cases_a_day]
    most = max((one["recall"] or 0.0 for one in within), default=0.0)
    alike = [one for one in within if (one["recall"] or 0.0) >= most - AS_MANY]
    return list({one["least"]: one for one in [*alike[-1:], *alike[:1]]}.values())
