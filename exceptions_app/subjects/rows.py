"""Frozen rows of subjects as lists show them, and what a page tells about one."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.knowing import report_from
from exceptions_app.subjects.models import Milestone, Promise, Signal, Subject
from exceptions_app.vocabulary import OPEN_STATUSES, Severity, SubjectKind

SIGNALS_SHOWN = 100
#: When a milestone was expected and when it happened.
Times = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone by its name on the journey."""

    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseMark:
    """An open case about a subject."""

    id: int
    number: int
    title: str
    severity: Severity

    @property
    def shown_number(self) -> str:
        return f"EX-{self.number}"


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject in a list; ``imported`` ones are known from history and nobody watches them."""

    id: int
    kind: SubjectKind
    reference: str
    label: str
    customer: str
    tier: str
    site: str
    site_slug: str
    time_zone: str
    team: str
    promised_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    imported: bool
    told: int
    reached: Step | None
    awaited: Step | None
    ended_by: str
    delivered: bool
    kept_at: datetime | None
    cases: tuple[CaseMark, ...]

    @property
    def name(self) -> str:
        return self.label or self.reference

    @property
    def moved(self) -> int:
        """How often the promise was revised."""
        return max(self.told - 1, 0)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A watched word as its source last said it."""

    label: str
    at: datetime
    times: int
    note: str
    before: datetime | None


@dataclass(frozen=True, slots=True)
class SignalMark:
    """A signal to open."""

    id: int
    type: str
    source: str
    external_id: str
    occurred_at: datetime
    received_at: datetime


def rows_of(ids: Sequence[int], *, by: Actor) -> tuple[SubjectRow, ...]:
    """The rows of these subjects in their order. Whoever asks has made sure that the actor may see them; of
    their cases only those are told that are the actor's, too.
    """
    if not ids:
        return ()
    found = Subject.objects.select_related("site", "team").in_bulk(ids)
    steps, told, cases = steps_of(ids), told_of(ids), cases_of(ids, by)
    return tuple(
        row_of(found[pk], steps.get(pk, {}), told.get(pk, 0), cases.get(pk, ()))
        for pk in ids
        if pk in found
    )


def steps_of(ids: Collection[int]) -> dict[int, dict[str, Times]]:
    """When each milestone was expected and when it happened."""
    found: dict[int, dict[str, Times]] = defaultdict(dict)
    rows = Milestone.objects.filter(subject__in=ids).order_by("id")
    for pk, name, *times in rows.values_list("subject", "name", "expected_at", "actual_at"):
        found[pk][name] = (times[0], times[1])
    return found


def told_of(ids: Collection[int]) -> dict[int, int]:
    """How often each promise was given or revised."""
    rows = Promise.objects.filter(subject__in=ids).order_by(
        "subject", "said_at", "promised_at", "reason"
    )
    said = rows.values_list("subject", "promised_at")
    return dict(Counter(pk for (pk, _), _ in groupby(said)))


def cases_of(ids: Collection[int], by: Actor) -> dict[int, list[CaseMark]]:
    """The open cases about each that the actor may see, worst first."""
    found: dict[int, list[CaseMark]] = defaultdict(list)
    seen = access.scope(by, site="cases__site_id", team="cases__team_id")
    rows = Subject.objects.filter(seen, pk__in=ids, cases__status__in=OPEN_STATUSES)
    fields = ("pk", "cases__pk", "cases__number", "cases__title", "cases__severity")
    for pk, case, number, title, severity in rows.order_by(
        "cases__severity", "cases__pk"
    ).values_list(*fields):
        found[pk].append(CaseMark(case, number, title, Severity(severity)))
    return found


def row_of(
    subject: Subject, steps: Mapping[str, Times], told: int, cases: Iterable[CaseMark]
) -> SubjectRow:
    kind = SubjectKind(subject.kind)
    done = ending(subject, steps)
    return SubjectRow(
        id=subject.pk,
        kind=kind,
        reference=subject.reference,
        label=subject.label,
        customer=str(subject.customer.get("name", "")),
        tier=subject.tier,
        site=subject.site.name,
        site_slug=subject.site.slug,
        time_zone=subject.site.time_zone,
        team=subject.team.name if subject.team else "",
        promised_at=subject.promised_at,
        opened_at=subject.opened_at,
        ended_at=subject.ended_at,
        imported=subject.imported,
        told=told,
        reached=reached(kind, steps),
        awaited=awaited(kind, steps) if subject.ended_at is None else None,
        ended_by=label_of(kind, done) if done else "",
        delivered=done in JOURNEYS[kind].milestones,
        kept_at=steps.get(JOURNEYS[kind].keeps, (None, None))[1],
        cases=tuple(cases),
    )


def ending(subject: Subject, steps: Mapping[str, Times]) -> str:
    """The milestone or the report after which nothing more is expected."""
    if subject.ended_at is None:
        return ""
    ends = JOURNEYS[SubjectKind(subject.kind)].ends
    said = {name: actual for name, (_, actual) in steps.items() if actual and name in ends}
    said |= {word: report_from(row).at for word, row in subject.reports.items() if word in ends}
    apart = {name: abs(at - subject.ended_at) for name, at in said.items()}
    return min(apart, key=apart.__getitem__, default="")


def label_of(kind: SubjectKind, word: str) -> str:
    journey = JOURNEYS[kind]
    return journey.milestones.get(word) or journey.reports.get(word, word)


def reached(kind: SubjectKind, steps: Mapping[str, Times]) -> Step | None:
    """The milestone that happened last."""
    done = [(actual, name) for name, (_, actual) in steps.items() if actual]
    return Step(label_of(kind, max(done)[1]), max(done)[0]) if done else None


def awaited(kind: SubjectKind, steps: Mapping[str, Times]) -> Step | None:
    """The milestone that is due next; whatever was left out before one that happened is not awaited."""
    places = {name: place for place, name in enumerate(JOURNEYS[kind].milestones)}
    passed = max(
        (places.get(name, -1) for name, (_, actual) in steps.items() if actual), default=-1
    )
    due = [
        (expected, name)
        for name, (expected, actual) in steps.items()
        if expected and not actual and places.get(name, len(places)) > passed
    ]
    return Step(label_of(kind, min(due)[1]), min(due)[0]) if due else None


def reports_of(subject: Subject) -> tuple[ReportLine, ...]:
    """What sources said about it besides milestones, newest first."""
    kind = SubjectKind(subject.kind)
    lines = []
    for word, row in subject.reports.items():
        said = report_from(row)
        lines.append(ReportLine(label_of(kind, word), said.at, said.times, said.note, said.before))
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def signals_of(subject_id: int) -> tuple[SignalMark, ...]:
    """The newest signals about it."""
    rows = Signal.objects.filter(subject=subject_id).order_by("-pk")[:SIGNALS_SHOWN]
    fields = ("pk", "type", "source__name", "external_id", "occurred_at", "received_at")
    return tuple(SignalMark(*row) for row in rows.values_list(*fields))
