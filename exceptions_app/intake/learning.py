"""What a signal changes in what we know of its subject; pure, and indifferent to the order of arrival."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from exceptions_app.intake.shape import NewSignal
from exceptions_app.subjects.facts import Facts, Report, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS


def learn(known: Facts, signal: NewSignal) -> Facts:
    """The facts after this signal; where two disagree, the later fact holds, not the later arrival."""
    milestones = dict(known.milestones)
    for name, step in signal.milestones.items():
        milestones[name] = merged(milestones.get(name), step)
    reports = known.reports
    if signal.report is not None:
        reports = {
            **reports,
            signal.word: again(reports.get(signal.word), signal.report, known),
        }
    news = not_older(said(signal), signal.occurred_at, known)
    changed = known.having(
        label=news.get("label", known.label),
        tier=news.get("tier", known.tier),
        value=news.get("value", known.value),
        customer={**known.customer, **within(news, "customer.")},
        attributes={**known.attributes, **within(news, "attributes.")},
        said_at={**known.said_at, **dict.fromkeys(news, signal.occurred_at)},
        milestones=milestones,
        reports=reports,
        promises=with_promise(known.promises, signal.promise),
    )
    return changed.having(ended_at=ended_at(changed))


def said(signal: NewSignal) -> dict[str, Any]:
    """The facts that a later signal may say otherwise, by name."""
    plain = {"label": signal.label or None, "tier": signal.tier, "value": signal.value}
    return {
        **{name: value for name, value in plain.items() if value is not None},
        **({"team": signal.team} if signal.team else {}),
        **{f"customer.{name}": value for name, value in signal.customer.items()},
        **{f"attributes.{name}": value for name, value in signal.attributes.items()},
    }


def not_older(told: Mapping[str, Any], at: datetime, known: Facts) -> dict[str, Any]:
    """Those of which nothing was said about a later time."""
    return {
        name: value
        for name, value in told.items()
        if name not in known.said_at or at >= known.said_at[name]
    }


def within(news: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): news[name] for name in news if name.startswith(prefix)}


def merged(known: Step | None, told: Step) -> Step:
    if known is None:
        return told
    newer, older = (told, known) if told.reported_at >= known.reported_at else (known, told)
    return Step(
        newer.expected_at or older.expected_at,
        newer.actual_at or older.actual_at,
        newer.reported_at,
    )


def again(known: Report | None, told: Report, facts: Facts) -> Report:
    """The report with its count, and what the start was before it: the notice of a move depends on that."""
    before = facts.expected("checked_in")
    if known is None:
        return Report(told.at, 1, told.note, before)
    if told.at < known.at:
        return Report(known.at, known.times + 1, known.note, known.before)
    return Report(told.at, known.times + 1, told.note, before)


def with_promise(promises: tuple[Told, ...], told: Told | None) -> tuple[Told, ...]:
    """All are kept, since one that repeats what holds now may follow another that is yet to arrive."""
    if told is None or told in promises:
        return promises
    return tuple(sorted((*promises, told), key=lambda p: p.said_at))


def ended_at(facts: Facts) -> datetime | None:
    ends = JOURNEYS[facts.kind].ends
    times = [at for name in ends if (at := facts.reached(name) or facts.reported(name))]
    return min(times, default=None)
