"""A backtest: walk through a history, decide as of each moment, and judge in the end (D1)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from exceptions_app.backtest.choosing import choices, figured
from exceptions_app.backtest.deciding import Alert, Deciding, Score
from exceptions_app.backtest.history import History
from exceptions_app.backtest.measures import (
    Judged,
    calibration,
    most_likely,
    of_alerts,
    precision_at_recall,
)
from exceptions_app.backtest.walk import Progress, Walk
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.risk.foresight import Foresight, in_words
from exceptions_app.detection.risk.learner import missed_by
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import AGE, AHEAD, WEEK, shape_of
from exceptions_app.detection.risk.trained import trained
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS

ModelName = Literal["plain", "trained"]
#: How many Mondays are shown from which on it is judged.
STARTS = 8
#: The looks at which the ranking is judged, by the name that the report gives them.
LEADS = {f"lead_{days}_days": (AHEAD, days) for days in (2, 3, 5)}


@dataclass(frozen=True)
class Report:
    """What came out. ``document`` is plain JSON; the decisions are kept for whoever wants to see them."""

    document: Mapping[str, Any]
    alerts: Sequence[Alert]
    scores: Sequence[Score]
    foresight: Foresight
    #: How many promises it learned from.
    promises: int


def silent(_heard: int, _of: int, _at: datetime) -> None:
    """Nobody wants to know how far it is."""


def run(
    history: History,
    policy: Policy,
    *,
    model: ModelName = "plain",
    start: datetime | None = None,
    progress: Progress = silent,
) -> Report:
    """Replay a history and judge what would have been decided about promises due from ``start`` on."""
    plain = Model(history.kind, history.zone)
    deciding = Deciding(
        policy,
        plain,
        site_id=history.site_id,
        instead=trained(plain.weighing) if model == "trained" else None,
    )
    walk = Walk(deciding, shape_of(history.kind).every)
    walk.through(history.signals, progress)
    judged, undecided = judge(history, walk.known, start)
    document = {
        "history": history.name,
        "kind": history.kind.value,
        "model": model,
        "from": start.isoformat() if start else None,
        "until": history.cut.isoformat(),
        "subjects": len(judged.promised),
        "missed": len(judged.missed),
        "undecided": undecided,
        "refused": history.refused,
        **headline(deciding, judged, history, model),
        "output_hash": output_hash(deciding.alerts, deciding.scores, judged),
    }
    learned_from = deciding.learner.promises
    return Report(document, deciding.alerts, deciding.scores, deciding.foresight, learned_from)


def headline(
    deciding: Deciding, judged: Judged, history: History, model: ModelName
) -> dict[str, Any]:
    """The whole policy's figures on top, then each part on its own."""
    policy = of_alerts(deciding.alerts, judged, history.zone)
    risky = [alert for alert in deciding.alerts if alert.rule.endswith("predicted_late")]
    rules = [alert for alert in deciding.alerts if not alert.rule.endswith("predicted_late")]
    models = {"plain": deciding.plain_scores} | {model: deciding.scores}
    top = ("alerts_per_100", "precision", "recall", "mean_lead_days")
    return {
        **{name: policy[name] for name in top},
        "precision_at_recall_80": rankings(deciding.scores, judged, history),
        "precision_at_recall_80_from": by_start(deciding.scores, judged, history),
        "policy": policy | {"thresholds": shown(deciding)},
        "rules": of_alerts(rules, judged, history.zone),
        "as_chosen": {
            **figured(risky, judged, history.zone),
            "in_the_end": in_words(deciding.foresight.chosen),
        },
        "choices": choices(deciding.scores, judged, history.zone),
        **{
            name: {
                "precision_at_recall_80": rankings(scores, judged, history),
                "calibration": calibration(scores, judged),
            }
            for name, scores in models.items()
        },
        **reminders(deciding.scores, judged, history),
        "alerts_of_risk": of_alerts(risky, judged, history.zone),
    }


def rankings(scores: Sequence[Score], judged: Judged, history: History) -> dict[str, float | None]:
    ages = {f"age_{hours}_hours": (AGE, hours) for hours in shape_of(history.kind).ages}
    looks = LEADS | ages if shape_of(history.kind).aheads else ages
    return {name: precision_at_recall(scores, judged, look) for name, look in looks.items()}


def reminders(scores: Sequence[Score], judged: Judged, history: History) -> dict[str, Any]:
    """Where customers keep the promise themselves: how well it is known whom to remind."""
    if not JOURNEYS[history.kind].reminded:
        return {}
    aheads = shape_of(history.kind).aheads
    return {
        "reminders": {
            f"lead_{days}_days": most_likely(scores, judged, (AHEAD, days)) for days in aheads
        }
    }


def by_start(
    scores: Sequence[Score], judged: Judged, history: History
) -> dict[str, dict[str, float | None]]:
    """The same of the promises due from each of the last Mondays on: whether it holds, and from when on."""
    ends = {ref: due.astimezone(history.zone).date() for ref, due in judged.promised.items() if due}
    if not ends:
        return {}
    first, last = min(ends.values()), max(ends.values())
    monday = last - timedelta(days=last.weekday())
    found = {}
    for start in reversed([monday - week * WEEK for week in range(STARTS)]):
        counted = {ref: judged.promised[ref] for ref, end in ends.items() if end >= start}
        if start + WEEK > first and counted:
            part = Judged(counted, judged.missed & counted.keys())
            found[start.isoformat()] = rankings(scores, part, history)
    return found


def shown(deciding: Deciding) -> dict[str, Any]:
    """The thresholds as they stand in the end; they were others before."""
    return {
        f"{kind} {number}": 0.0 if one.catch_all == (kind, number) else one.least
        for (kind, number), one in deciding.foresight.chosen.items()
    }


def judge(
    history: History, known: Mapping[str, Facts], start: datetime | None
) -> tuple[Judged, int]:
    """Whose promise was due in time and is decided, and how many are not decided."""
    promised: dict[str, datetime | None] = {}
    missed, undecided, ends = set(), 0, list[date]()
    for reference, facts in known.items():
        due = facts.promised_at or facts.opened_at
        if due is None or (start and due < start):
            continue
        outcome = outcome_of(history, facts)
        if outcome is None:
            undecided += 1
            continue
        promised[reference] = facts.promised_at
        ends.append(due.astimezone(history.zone).date())
        if outcome:
            missed.add(reference)
    days = (max(ends) - min(ends)).days + 1 if ends else 1
    return Judged(promised, missed, days), undecided


def outcome_of(history: History, facts: Facts) -> bool | None:
    """True if the promise was missed; None if it was called off, is due after the cut or too young then.

    Of those due later only the quick ones are decided by then, which would make everything look better; who
    is younger than the age at which it is asked about was never looked at.
    """
    if facts.promised_at is not None and facts.promised_at > history.cut:
        return None
    if any(at > history.cut for at, look in shape_of(facts.kind).moments(facts) if look[0] == AGE):
        return None
    told = history.outcomes.get(facts.reference) if history.outcomes else None
    if told is not None or facts.promised_at is None:
        return told
    # What its source has not judged yet, because it is not over, was missed all the same.
    return missed_by(facts, facts.promised_at)


def output_hash(alerts: Sequence[Alert], scores: Sequence[Score], judged: Judged) -> str:
    """Of everything that was decided and thought; the same for the same input."""
    lines = [
        *(("alert", a.reference, a.rule, a.at.isoformat(), a.why) for a in alerts),
        *(("score", s.reference, *s.look, f"{s.chance:.4f}") for s in scores),
        *(("missed", reference) for reference in sorted(judged.missed)),
    ]
    digest = hashlib.sha256()
    for line in lines:
        digest.update(json.dumps(line).encode())
    return digest.hexdigest()
