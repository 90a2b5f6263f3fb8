"""What a signal changes in what we know of its subject; pure, and indifferent to the order of arrival."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from exceptions_app.intake.shape import NewSignal
from exceptions_app.subjects.facts import (
    REMEMBERED,
    Document,
    Facts,
    Parcel,
    Plan,
    Report,
    Stamp,
    Step,
    Told,
)
from exceptions_app.subjects.journeys import JOURNEYS, Journey

NEVER = datetime.min.replace(tzinfo=UTC)
DocumentOrParcel = TypeVar("DocumentOrParcel", Document, Parcel)


def learn(known: Facts, signal: NewSignal) -> Facts:
    """The facts after this signal; where two disagree, the later fact holds, not the later arrival.

    Of two of one instant the same holds whichever comes first, though nobody can say which is true.
    """
    journey = JOURNEYS[known.kind]
    milestones = {**known.milestones}
    for name, step in signal.milestones.items():
        milestones[name] = merged(milestones.get(name), step)
    plans = with_plan(known.plans, signal, journey.keeps) if journey.planned else ()
    reports = known.reports
    if signal.report is not None:
        reports = {**reports, signal.word: again(reports.get(signal.word), signal.report)}
    if journey.planned and reports:
        reports = {word: seen_before(report, plans) for word, report in reports.items()}
    stamp = stamp_of(signal)
    news = not_older(said(signal), stamp, known)
    parcels = said_last(known.parcels, signal, news, "parcels")
    whole = apart_from(parcels, known, signal)
    if parcels:
        milestones[journey.keeps] = arrival(whole, parcels)
    apart = not_older(compared(signal, journey.compared), stamp, known)
    stamps = dict.fromkeys((*news, *apart), stamp)
    return known.having(
        opened_at=min(known.opened_at or signal.occurred_at, signal.occurred_at),
        label=news.get("label", known.label),
        tier=news.get("tier", known.tier),
        value=news.get("value", known.value),
        customer={**known.customer, **within(news, "customer.")},
        attributes={**known.attributes, **within(news, "attributes.")},
        said_at={**known.said_at, **stamps},
        said_by=with_words(known.said_by, signal.source, apart) if apart else known.said_by,
        milestones=milestones,
        reports=reports,
        promises=with_promise(known.promises, signal.promise),
        plans=plans,
        documents=said_last(known.documents, signal, news, "documents"),
        parcels=parcels,
        whole=whole,
        ended_at=ended_at(journey, milestones, reports),
    )


def stamp_of(signal: NewSignal) -> Stamp:
    return Stamp(signal.occurred_at, signal.digest[:8])


def said(signal: NewSignal) -> dict[str, Any]:
    """The facts that a later signal may say otherwise, by name."""
    plain = {"label": signal.label or None, "tier": signal.tier, "value": signal.value}
    return {
        **{name: value for name, value in plain.items() if value is not None},
        **({"team": signal.team} if signal.team else {}),
        **{f"customer.{name}": value for name, value in signal.customer.items()},
        **{f"attributes.{name}": value for name, value in signal.attributes.items()},
        **fields_of("documents", signal.documents),
        **fields_of("parcels", signal.parcels),
    }


def not_older(told: Mapping[str, Any], stamp: Stamp, known: Facts) -> Mapping[str, Any]:
    """Those of which nothing was said about a later time."""
    if not known.said_at:
        return told
    return {
        name: value
        for name, value in told.items()
        if name not in known.said_at or stamp >= known.said_at[name]
    }


def within(news: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): news[name] for name in news if name.startswith(prefix)}


def compared(signal: NewSignal, names: frozenset[str]) -> dict[str, Any]:
    """What the source says of that which is compared, under names of its own."""
    if not names:
        return {}
    told = {**signal.attributes}
    if signal.value is not None:
        told["value"] = str(signal.value)
    return {f"{signal.source}:{name}": told[name] for name in told if name in names}


def with_words(
    said_by: Mapping[str, Mapping[str, Any]], source: str, apart: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    return {**said_by, source: {**said_by.get(source, {}), **within(apart, f"{source}:")}}


def merged(known: Step | None, told: Step) -> Step:
    """The plan said last and the fact said last, each of which may have come without the other."""
    if known is None:
        return told
    plan = max(
        (step for step in (told, known) if step.expected_at),
        key=lambda step: (step.planned_at or step.reported_at, step.expected_at or NEVER),
        default=told,
    )
    facts = [step for step in (told, known) if step.actual_at]
    fact = max(facts or (told, known), key=lambda step: (step.reported_at, step.actual_at or NEVER))
    return Step(plan.expected_at, fact.actual_at, fact.reported_at, plan.planned_at)


def again(known: Report | None, told: Report) -> Report:
    """The report with its count and the instants it was said of."""
    if known is None:
        return replace(told, recent=(told.at,))
    last = max(known, told, key=lambda report: (report.at, report.note))
    recent = sorted({*known.recent, told.at})[-REMEMBERED:]
    return replace(last, times=known.times + 1, recent=tuple(recent))


def with_plan(plans: tuple[Plan, ...], signal: NewSignal, keeps: str) -> tuple[Plan, ...]:
    step = signal.milestones.get(keeps)
    starts_at = step.expected_at if step else None
    window = signal.window or Plan(signal.occurred_at)
    plan = replace(window, starts_at=starts_at)
    if plan == Plan(signal.occurred_at) or plan in plans:
        return plans
    return tuple(sorted((*plans, plan), key=in_turn))[-REMEMBERED:]


def in_turn(plan: Plan) -> tuple[datetime, ...]:
    ends = (plan.starts_at, plan.window_starts_at, plan.window_ends_at)
    return (plan.said_at, *(at or NEVER for at in ends))


def seen_before(report: Report, plans: tuple[Plan, ...]) -> Report:
    """What the start was until the report: the notice of a move depends on that."""
    starts = (
        plan.starts_at or plan.window_starts_at
        for plan in reversed(plans)
        if plan.said_at < report.at
    )
    before = next((at for at in starts if at), None)
    return report if report.before == before else replace(report, before=before)


def said_last(
    known: Mapping[str, DocumentOrParcel], signal: NewSignal, news: Mapping[str, Any], of: str
) -> Mapping[str, DocumentOrParcel]:
    """Each field as it was said last; what is left out stays as it is known."""
    told: Mapping[str, DocumentOrParcel] = getattr(signal, of)
    if not told:
        return known
    found = {**known}
    for name, one in told.items():
        before = found.get(name) or type(one)(signal.occurred_at)
        fields = {
            field: news[key]
            for field in before.__slots__
            if (key := f"{of}.{name}.{field}") in news
        }
        found[name] = replace(before, **fields, said_at=max(before.said_at, signal.occurred_at))
    return found


def fields_of(of: str, told: Mapping[str, DocumentOrParcel]) -> dict[str, Any]:
    """Whatever they say besides when."""
    return {
        f"{of}.{name}.{field}": value
        for name, one in told.items()
        for field in one.__slots__
        if field != "said_at" and (value := getattr(one, field))
    }


def apart_from(parcels: Mapping[str, Parcel], known: Facts, signal: NewSignal) -> Step | None:
    """What was told of the arrival of the whole, whatever became of its parcels."""
    if not parcels:
        return None
    keeps = JOURNEYS[known.kind].keeps
    whole = known.whole if known.parcels else known.milestones.get(keeps)
    step = signal.milestones.get(keeps)
    return merged(whole, step) if step else whole


def arrival(whole: Step | None, parcels: Mapping[str, Parcel]) -> Step:
    """It is there when that was told of the whole, or else when the last parcel that is due is there."""
    told = whole or Step(None, None, max(parcel.said_at for parcel in parcels.values()))
    due = [parcel.delivered_at for parcel in parcels.values() if parcel.is_due]
    there = [at for at in due if at]
    if told.actual_at or len(there) < len(due) or not there:
        return told
    return told._replace(actual_at=max(there))


def with_promise(promises: tuple[Told, ...], told: Told | None) -> tuple[Told, ...]:
    """All are kept, since one that repeats what holds now may follow another that is yet to arrive."""
    if told is None or told in promises:
        return promises
    return tuple(sorted((*promises, told), key=lambda p: (p.said_at, p.promised_at, p.reason)))


def ended_at(
    journey: Journey, milestones: Mapping[str, Step], reports: Mapping[str, Report]
) -> datetime | None:
    """The first end that nothing said later takes back."""
    told = {name: step.actual_at for name, step in milestones.items() if step.actual_at}
    told |= {word: report.at for word, report in reports.items()}
    ends = [
        at
        for name in journey.ends
        if (at := told.get(name))
        and not any(told.get(word, at) > at for word in journey.resumes.get(name, ()))
    ]
    return min(ends, default=None)
