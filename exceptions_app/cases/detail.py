"""Everything a case page shows, and which other cases are about the same thing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from exceptions_app.cases.inside import Held, children_ids, held_by
from exceptions_app.cases.linked import LinkLine, links_of
from exceptions_app.cases.models import Case
from exceptions_app.cases.queries import open_cases
from exceptions_app.cases.rows import ClockFace, Row, clocks_of, rows_of
from exceptions_app.cases.searching import among_newest, exactly, joined, words_of
from exceptions_app.cases.steps import Step, steps
from exceptions_app.cases.unkept import Unkept, unkept_without
from exceptions_app.errors import NotFound
from exceptions_app.outbox.queries import told_of
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.facts import Told, revisions
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Milestone, Promise, Signal, Subject
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import SubjectKind

ENTRIES_SHOWN = 300
SIGNALS_SHOWN = 12
RELATED_SHOWN = 8
SIMILAR_SHOWN = 5
ALIKE_READ = 200
FEW_READ = 500


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the timeline as a page tells it."""

    seq: int
    at: datetime
    verb: str
    actor_kind: str
    actor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    promised_at: datetime
    said_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    name: str
    label: str
    expected_at: datetime | None
    actual_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignalLine:
    id: int
    type: str
    source: str
    occurred_at: datetime
    received_at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True)
class SubjectLine:
    """What the case is about, with everything known of it."""

    id: int
    kind: str
    reference: str
    label: str
    customer: str
    attributes: Mapping[str, Any]
    promises: tuple[PromiseLine, ...]
    milestones: tuple[MilestoneLine, ...]
    signals: tuple[SignalLine, ...]
    #: Whether somebody watches it still: not ended, and not known from history only.
    watched: bool = True


@dataclass(frozen=True)
class Detail:
    """A case, whole."""

    row: Row
    description: str
    cause: str
    rule: str
    evidence: Mapping[str, Any]
    waiting_until: datetime | None
    clocks: tuple[ClockFace, ...]
    steps: tuple[Step, ...]
    entries: tuple[EntryLine, ...]
    links: tuple[LinkLine, ...]
    related: tuple[Row, ...]
    subject: SubjectLine | None
    children: tuple[Row, ...] = ()
    held: Held | None = None
    #: Of a settled case: what is overdue all the same, with no open case about it.
    unkept: Unkept | None = None


def detail(case_id: int, *, by: Actor, at: datetime, entries: int = ENTRIES_SHOWN) -> Detail:
    """The case with all that belongs on its page, newest entry first; refused if it is not theirs to see."""
    case = access.visible(Case.objects.select_related("subject"), by).filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case, or it is at a site you do not work for.")
    waiting = [case_id] if case.waiting_for else []
    reasons = access.may(by, "see_deliveries", site_id=case.site_id, team_id=case.team_id)
    return Detail(
        row=rows_of([case_id])[case_id],
        description=case.description,
        cause=case.cause,
        rule=case.rule,
        evidence=case.evidence,
        waiting_until=case.waiting_until,
        clocks=tuple(clocks_of([case_id], waiting)[case_id]),
        steps=steps(case, by),
        entries=entries_of(case_id, limit=entries, reasons=reasons),
        links=links_of(case_id, reasons=reasons),
        related=related(case, by=by),
        subject=about(case.subject, case.evidence) if case.subject else None,
        children=shown(children_ids(case, by=by)),
        held=held_by(case, by=by),
        unkept=None if case.is_open else unkept_without(case, at=at),
    )


def entries_of(case_id: int, *, limit: int, reasons: bool) -> tuple[EntryLine, ...]:
    rows = Entry.objects.filter(case=case_id).order_by("-seq")[:limit]
    return tuple(
        EntryLine(seq, at, verb, kind, name, told_of(verb, data, reasons=reasons))
        for seq, at, verb, kind, name, data in rows.values_list(
            "seq", "at", "verb", "actor_kind", "actor_name", "data"
        )
    )


def about(subject: Subject, evidence: Mapping[str, Any]) -> SubjectLine:
    """The subject with its promises, milestones in the order of its journey, and the signals that decided."""
    rows = Promise.objects.filter(subject=subject).order_by("said_at", "promised_at", "reason")
    said = [Told(*row) for row in rows.values_list("promised_at", "said_at", "reason")]
    return SubjectLine(
        subject.pk,
        subject.kind,
        subject.reference,
        subject.label,
        str(subject.customer.get("name", "")),
        subject.attributes,
        tuple(PromiseLine(one.promised_at, one.said_at, one.reason) for one in revisions(said)),
        milestones_of(subject),
        signals_of(subject, evidence),
        watched=subject.ended_at is None and not subject.imported,
    )


def milestones_of(subject: Subject) -> tuple[MilestoneLine, ...]:
    labels = JOURNEYS[SubjectKind(subject.kind)].milestones
    places = {name: place for place, name in enumerate(labels)}
    known = Milestone.objects.filter(subject=subject).values_list(
        "name", "expected_at", "actual_at"
    )
    lines = [
        MilestoneLine(name, labels.get(name, name), expected, actual)
        for name, expected, actual in known
    ]
    return tuple(sorted(lines, key=lambda line: places.get(line.name, len(places))))


def signals_of(subject: Subject, evidence: Mapping[str, Any]) -> tuple[SignalLine, ...]:
    """The signals named in the evidence first, then the newest of the subject."""
    named = [one for one in evidence.get("signals", ()) if isinstance(one, int)]
    rows = Signal.objects.filter(subject=subject).order_by("-id")
    told = rows.values_list("id", "type", "source__name", "occurred_at", "received_at", "body")
    lines = {
        row[0]: SignalLine(*row) for row in (*told.filter(pk__in=named), *told[:SIGNALS_SHOWN])
    }
    return tuple(lines.values())


def related(case: Case, *, by: Actor) -> tuple[Row, ...]:
    """Other cases of the same subject or reference at the site, open or not, newest first."""
    same = Q(pk__in=[])
    if case.subject_id:
        same |= Q(subject=case.subject_id)
    elif words_of(case.reference):
        same |= Q(
            site=case.site_id,
            reference=case.reference,
            subject=None,
            search=exactly(words_of(case.reference)),
        )
    return shown(
        newest(access.visible(Case.objects.filter(same).exclude(pk=case.pk), by), RELATED_SHOWN)
    )


@dataclass(frozen=True)
class About:
    """What somebody is about to flag."""

    site_id: int | None = None
    subject_id: int | None = None
    reference: str = ""
    words: str = ""


def similar(what: About, *, by: Actor) -> tuple[Row, ...]:
    """Open cases about the same thing: the same subject or reference first, then those that share words."""
    here = access.visible(open_cases(), by)
    if what.site_id:
        here = here.filter(site=what.site_id)
    same = Q(pk__in=[])
    if what.subject_id:
        same |= Q(subject=what.subject_id)
    if words_of(what.reference):
        same |= Q(search=exactly(words_of(what.reference)))
    first = newest(here.filter(same), SIMILAR_SHOWN)
    return shown([*first, *alike_in_words(here, what.words)])[:SIMILAR_SHOWN]


def alike_in_words(cases: QuerySet[Case], asked: str) -> list[int]:
    """Of the newest cases those that share two longer words with what was asked, most shared first."""
    words = {word for word in words_of(asked) if len(word) > 3}
    if len(words) < 2:
        return []
    ids = among_newest(cases, joined(words, every=False), limit=ALIKE_READ)
    texts = Case.objects.filter(pk__in=ids).values_list("pk", "title", "reference", "customer_name")
    shared = {pk: shared_words(words, " ".join(text)) for pk, *text in texts}
    alike = [pk for pk in ids if shared.get(pk, 0) > 1]
    return sorted(alike, key=lambda pk: -shared[pk])[:SIMILAR_SHOWN]


def shared_words(words: Iterable[str], text: str) -> int:
    known = words_of(text)
    return sum(any(one.startswith(word) for one in known) for word in words)


def shown(ids: Iterable[int]) -> tuple[Row, ...]:
    wanted = list(dict.fromkeys(ids))
    rows = rows_of(wanted)
    return tuple(rows[pk] for pk in wanted if pk in rows)


def newest(cases: QuerySet[Case], limit: int) -> list[int]:
    """The newest of a few; ordered here, since the planner would walk every case in order for them."""
    few = cases.order_by().values_list("opened_at", "pk")[:FEW_READ]
    return [pk for _, pk in sorted(few, reverse=True)[:limit]]
