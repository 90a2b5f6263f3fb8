"""Telling open cases what a later signal says about their subject."""

from collections.abc import Iterable, Sequence
from typing import Any

from exceptions_app.cases.models import Case
from exceptions_app.intake.study import Studied
from exceptions_app.people.access import Actor
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Signal
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.vocabulary import OPEN_STATUSES


def tell_cases(studied: Sequence[Studied], signals: Iterable[Signal], *, by: Actor) -> None:
    """Put the news on the timeline of every open case about these subjects."""
    news = {
        one.subject.pk: (one, said)
        for one in studied
        if (said := what_is_new(one.before, one.after))
    }
    if not news:
        return
    heard: dict[int, list[Signal]] = {}
    for signal in signals:
        if signal.subject_id is not None:
            heard.setdefault(signal.subject_id, []).append(signal)
    open_cases = Case.objects.filter(subject__in=news, status__in=OPEN_STATUSES).order_by("pk")
    record_many(
        New(
            pk,
            "case.facts",
            by,
            one.subject.last_signal_at,
            facts_data(said, heard[subject_id]),
        )
        for pk, subject_id in open_cases.values_list("pk", "subject_id")
        if subject_id is not None
        for one, said in [news[subject_id]]
        if one.subject.last_signal_at is not None
    )


def facts_data(said: list[str], heard: Iterable[Signal]) -> dict[str, Any]:
    return {"said": said, "signals": [signal.pk for signal in heard]}


def what_is_new(before: Facts, after: Facts) -> list[str]:
    """In words: milestones reached, words reported, the promise revised."""
    journey = JOURNEYS[after.kind]
    said = [
        f"{journey.milestones[name]} {step.actual_at:%Y-%m-%d %H:%M} UTC"
        for name, step in after.milestones.items()
        if step.actual_at and before.reached(name) != step.actual_at
    ]
    said += [
        f"{journey.reports[word]} {report.at:%Y-%m-%d %H:%M} UTC"
        for word, report in after.reports.items()
        if before.reports.get(word) != report
    ]
    if before.promises and after.promised_at and after.promised_at != before.promised_at:
        said.append(f"now promised {after.promised_at:%Y-%m-%d %H:%M} UTC")
    return said
