"""What a signal changes in what we know of its subject; pure, and indifferent to the order of arrival."""

from datetime import datetime

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
    changed = known.having(
        label=signal.label or known.label,
        customer_name=signal.customer.get("name") or known.customer_name,
        tier=known.tier if signal.tier is None else signal.tier,
        value=known.value if signal.value is None else signal.value,
        attributes={**known.attributes, **signal.attributes},
        milestones=milestones,
        reports=reports,
        promises=with_promise(known.promises, signal.promise),
    )
    return changed.having(ended_at=ended_at(changed))


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
    """Repeating the promise that holds is no revision."""
    if told is None or told in promises:
        return promises
    holding = [p for p in promises if p.said_at <= told.said_at]
    if holding and holding[-1].promised_at == told.promised_at:
        return promises
    return tuple(sorted((*promises, told), key=lambda p: p.said_at))


def ended_at(facts: Facts) -> datetime | None:
    ends = JOURNEYS[facts.kind].ends
    times = [at for name in ends if (at := facts.reached(name) or facts.reported(name))]
    return min(times, default=None)
