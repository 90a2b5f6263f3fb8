"""How good alerts and chances were, seen from the end: precision, recall, lead, calibration; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import ceil
from statistics import fmean, median
from typing import Any

from exceptions_app.backtest.deciding import Alert, Score
from exceptions_app.detection.risk.shapes import Look

DAY = timedelta(days=1)
BINS = 10
RECALL = 0.8
#: The shares of a ranking that reminders are judged by, in percent.
TOP = (5, 10, 20, 30)
LEADS = (0, 1, 2, 3, 5, 7, 10)


@dataclass(frozen=True)
class Judged:
    """The subjects that count: when each promise ended, if one was given, and whether it was missed."""

    promised: Mapping[str, datetime | None]
    missed: Set[str]
    #: From the first day that one was due on to the last: what cases a day are counted over.
    days: int = 1


def of_alerts(alerts: Sequence[Alert], judged: Judged, zone: tzinfo) -> dict[str, Any]:
    """Of the first alert about each subject; by rule, of every alert."""
    first: dict[str, Alert] = {}
    for alert in alerts:
        if alert.reference in judged.promised:
            first.setdefault(alert.reference, alert)
    hits = [alert for alert in first.values() if alert.reference in judged.missed]
    leads = sorted(lead for alert in hits if (lead := lead_days(alert, judged)) is not None)
    return {
        "alerts": len(first),
        "alerts_per_100": rounded(share(100 * len(first), len(judged.promised)), 2),
        "precision": rounded(share(len(hits), len(first))),
        "recall": rounded(share(len(hits), len(judged.missed))),
        "mean_lead_days": rounded(fmean(leads), 2) if leads else None,
        "median_lead_days": rounded(median(leads), 2) if leads else None,
        "recall_by_lead_days": {
            str(days): rounded(share(sum(lead >= days for lead in leads), len(judged.missed)))
            for days in LEADS
        },
        "cases_per_day": per_day(first.values(), judged.days, zone),
        "by_rule": by_rule(alerts, judged),
    }


def lead_days(alert: Alert, judged: Judged) -> float | None:
    promised = judged.promised[alert.reference]
    return None if promised is None else (promised - alert.at) / DAY


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def rounded(number: float | None, digits: int = 3) -> float | None:
    return None if number is None else round(number, digits)


def per_day(alerts: Iterable[Alert], days: int, zone: tzinfo) -> dict[str, Any]:
    """Over all days of the history: half the alerts are half the cases a day."""
    on = Counter(alert.at.astimezone(zone).date() for alert in alerts)
    return {"mean": rounded(on.total() / days, 2), "most": max(on.values(), default=0)}


def by_rule(alerts: Iterable[Alert], judged: Judged) -> dict[str, Any]:
    found: dict[str, list[bool]] = defaultdict(list)
    for alert in alerts:
        if alert.reference in judged.promised:
            found[alert.rule].append(alert.reference in judged.missed)
    return {
        rule: {"alerts": len(hits), "precision": rounded(fmean(hits))}
        for rule, hits in sorted(found.items())
    }


def precision_at_recall(scores: Iterable[Score], judged: Judged, look: Look) -> float | None:
    """How many of those ranked highest at a look were missed, down to where 80 % of all missed are found.

    Who has no chance at that look is not ranked: it had ended by then, or had not begun. Equal chances are
    taken or left together. None: that many were not to be found at that look.
    """
    ranked: dict[float, list[bool]] = defaultdict(list)
    for score in last_of(scores, judged, look):
        ranked[score.chance].append(score.reference in judged.missed)
    wanted, hits, taken = ceil(RECALL * len(judged.missed)), 0, 0
    for chance in sorted(ranked, reverse=True):
        hits, taken = hits + sum(ranked[chance]), taken + len(ranked[chance])
        if hits >= wanted:
            return rounded(share(hits, taken))
    return None


def last_of(scores: Iterable[Score], judged: Judged, look: Look) -> Iterable[Score]:
    """One of each subject: where its promise was moved on, it was looked at again."""
    found = (one for one in scores if one.look == look and one.reference in judged.promised)
    return {one.reference: one for one in found}.values()


def most_likely(scores: Iterable[Score], judged: Judged, look: Look) -> dict[str, Any]:
    """Of those still open at a look, the likeliest to miss: how many did, against as many taken blindly."""
    ranked = sorted(
        (-score.chance, score.reference, score.reference in judged.missed)
        for score in last_of(scores, judged, look)
    )
    missed = [one for *_, one in ranked]
    base = share(sum(missed), len(missed))
    found: dict[str, Any] = {"subjects": len(missed), "base": rounded(base)}
    for percent in TOP:
        top = missed[: ceil(len(missed) * percent / 100)]
        precision = share(sum(top), len(top))
        found[f"top_{percent}_percent"] = {
            "precision": rounded(precision),
            "lift": rounded(share(precision or 0.0, base or 0.0), 2),
            "recall": rounded(share(sum(top), sum(missed))),
        }
    return found


def calibration(scores: Iterable[Score], judged: Judged) -> list[dict[str, Any]]:
    """In ten bins of what was predicted at any look: how often it then came true."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for score in scores:
        if score.reference in judged.promised:
            pair = score.chance, score.reference in judged.missed
            bins[min(int(score.chance * BINS), BINS - 1)].append(pair)
    return [
        {
            "predicted": rounded(fmean(chance for chance, _ in pairs)),
            "observed": rounded(fmean(missed for _, missed in pairs)),
            "n": len(pairs),
        }
        for _, pairs in sorted(bins.items())
    ]
