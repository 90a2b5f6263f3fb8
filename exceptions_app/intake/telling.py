"""Telling open cases what a later signal says about their subject."""

from collections.abc import Iterable, Mapping, Sequence

from exceptions_app.cases.models import Case
from exceptions_app.intake.study import Studied
from exceptions_app.people.access import Actor
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Subject
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.writing import update

#: What a case shows of its subject as long as it is open.
SHOWN = ("promised_at", "value", "tier")


def tell_cases(
    open_cases: Sequence[Case],
    studied: Sequence[Studied],
    heard: Mapping[int, list[int]],
    *,
    by: Actor,
) -> None:
    """Put the news on the timelines of the open cases, which are locked; ``heard``: ids of signals."""
    show(open_cases, {one.subject.pk: one.subject for one in studied})
    news = {
        one.subject.pk: (one, said)
        for one in studied
        if (said := what_is_new(one.before, one.after))
    }
    record_many(
        New(
            case.pk,
            "case.facts",
            by,
            one.subject.last_signal_at,
            {"said": said, "signals": heard[one.subject.pk]},
        )
        for case in open_cases
        if case.subject_id in news
        for one, said in [news[case.subject_id]]
        if one.subject.last_signal_at is not None
    )


def show(open_cases: Iterable[Case], subjects: Mapping[int | None, Subject]) -> None:
    """Let each case show what holds of its subject by now."""
    changed = []
    for case in open_cases:
        subject = subjects.get(case.subject_id)
        if subject and any(getattr(case, name) != getattr(subject, name) for name in SHOWN):
            case.promised_at, case.value, case.tier = (getattr(subject, name) for name in SHOWN)
            changed.append(case)
    update(changed, SHOWN)


def what_is_new(before: Facts, after: Facts) -> list[str]:
    """In words: milestones reached, words reported, parcels there, the promise revised."""
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
    said += [
        f"parcel {number} delivered {parcel.delivered_at:%Y-%m-%d %H:%M} UTC"
        for number, parcel in after.parcels.items()
        if parcel.delivered_at
        and (
            (known := before.parcels.get(number)) is None
            or known.delivered_at != parcel.delivered_at
        )
    ]
    if after.promised_at and after.promised_at != before.promised_at:
        said.append(f"now promised {after.promised_at:%Y-%m-%d %H:%M} UTC")
    return said
