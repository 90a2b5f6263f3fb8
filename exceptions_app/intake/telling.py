"""Telling open cases what a later signal says about their subject."""

from collections.abc import Mapping, Sequence

from exceptions_app.cases.models import Case
from exceptions_app.intake.study import Studied
from exceptions_app.people.access import Actor
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.vocabulary import OPEN_STATUSES


def tell_cases(studied: Sequence[Studied], heard: Mapping[int, list[int]], *, by: Actor) -> None:
    """Put the news on the timeline of every open case about these subjects; ``heard``: ids of signals."""
    news = {
        one.subject.pk: (one, said)
        for one in studied
        if (said := what_is_new(one.before, one.after))
    }
    if not news:
        return
    open_cases = Case.objects.filter(subject__in=news, status__in=OPEN_STATUSES).order_by("pk")
    record_many(
        New(
            pk,
            "case.facts",
            by,
            one.subject.last_signal_at,
            {"said": said, "signals": heard[subject_id]},
        )
        for pk, subject_id in open_cases.values_list("pk", "subject_id")
        if subject_id is not None
        for one, said in [news[subject_id]]
        if one.subject.last_signal_at is not None
    )


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
