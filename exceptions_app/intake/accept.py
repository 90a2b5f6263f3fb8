"""Taking signals in: one path, in batches throughout; one signal is a batch of one (I1).

Everything that a post makes of itself commits together: signals, subjects, cases, what is owed outside, and
the receipt. A repeated post finds it all there and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from exceptions_app.detection.raising import Found, Raised, raise_cases
from exceptions_app.errors import Refused
from exceptions_app.intake.placing import Place, Places
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.intake.study import Studied, study
from exceptions_app.intake.telling import tell_cases
from exceptions_app.people.access import Actor
from exceptions_app.subjects.knowing import facts_of, keep
from exceptions_app.subjects.models import (
    Milestone,
    Promise,
    Receipt,
    Signal,
    Source,
    Subject,
)
from exceptions_app.vocabulary import Outcome

MOST = 1000
SUBJECT_KEY = ("site_id", "kind", "reference")
KEPT = (
    "team", "label", "customer", "tier", "value", "attributes", "reports",
    "promised_at", "opened_at", "ended_at", "last_signal_at", "next_look_at",
)  # fmt: skip

Moment = Callable[[NewSignal], datetime]


@dataclass
class Item:
    """One posted signal on its way through."""

    index: int
    signal: NewSignal | None = None
    place: Place | None = None
    outcome: Outcome = Outcome.REFUSED
    errors: Mapping[str, str] = field(default_factory=dict)
    sent: Any = None
    cases: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, str, str]:
        assert self.signal and self.place  # noqa: S101 - only placed items are asked
        return (self.place.site_id, self.signal.kind, self.signal.reference)

    @property
    def name(self) -> tuple[int, str]:
        assert self.signal and self.place  # noqa: S101 - as above
        return (self.place.source_id, self.signal.external_id)


def accept(
    items: Sequence[Any], *, by: Actor, at: datetime, moment: Moment | None = None
) -> Receipt:
    """Store, learn, look and raise; the receipt says item by item what became of it.

    ``moment`` is for replayed history: it says as of when each signal is heard, and nothing goes outside.
    """
    if not items:
        raise Refused("Send at least one signal.", {"": "Send at least one signal."})
    if len(items) > MOST:
        raise Refused(
            f"Send at most {MOST:,} signals at once.",
            {"": f"Got {len(items):,} signals."},
        )
    taken = [read(index, sent) for index, sent in enumerate(items)]
    Places(by).find(taken)
    try:
        return take(taken, by=by, at=at, moment=moment)
    except (
        IntegrityError
    ):  # the same signal came in by another post at the same time; now it is there to be seen
        return take(taken, by=by, at=at, moment=moment)


def read(index: int, sent: Any) -> Item:
    result = parse(sent)
    if isinstance(result, NewSignal):
        return Item(index, signal=result, sent=sent)
    return Item(index, errors=result, sent=sent)


@transaction.atomic
def take(items: Sequence[Item], *, by: Actor, at: datetime, moment: Moment | None) -> Receipt:
    fresh = unseen([item for item in items if item.place])
    receipt = Receipt(received_at=at, actor_name=by.name, actor_id=by.id)
    raised: list[Raised] = []
    if fresh:
        subjects = locked_subjects(fresh, at)
        signals = store(fresh, subjects, receipt, at)
        studied = learn_all(fresh, subjects, at, moment)
        found = [
            Found(one.subject, finding, when) for one in studied for finding, when in one.findings
        ]
        raised = raise_cases(found, imported=moment is not None)
        tell_cases(studied, signals, by=by)
        hear(fresh, at)
    return conclude(receipt, items, fresh, raised)


def unseen(placed: Sequence[Item]) -> list[Item]:
    """Those not stored yet; the others are marked as duplicates, or as conflicts if their content differs."""
    external = {item.signal.external_id for item in placed if item.signal}
    sources = {item.place.source_id for item in placed if item.place}
    rows = Signal.objects.filter(source__in=sources, external_id__in=external)
    known = {
        (source, name): digest
        for source, name, digest in rows.values_list("source_id", "external_id", "digest")
    }
    fresh = []
    for item in placed:
        assert item.signal  # noqa: S101 - placed items are understood
        before = known.setdefault(item.name, "")
        if not before:
            known[item.name] = item.signal.digest
            item.outcome = Outcome.STORED
            fresh.append(item)
        else:
            same = before == item.signal.digest
            item.outcome = Outcome.DUPLICATE if same else Outcome.CONFLICT
            item.errors = (
                {}
                if same
                else {"external_id": "Used before with other content; the first was kept."}
            )
    return fresh


def locked_subjects(fresh: Iterable[Item], at: datetime) -> dict[tuple[int, str, str], Subject]:
    """The subjects of these signals, made where missing; the upsert locks them, in one order for everybody."""
    keys = sorted({item.key for item in fresh})
    opened: dict[tuple[int, str, str], datetime] = {}
    for item in fresh:
        assert item.signal  # noqa: S101 - fresh items are understood
        opened[item.key] = min(
            opened.get(item.key, item.signal.occurred_at), item.signal.occurred_at
        )
    Subject.objects.bulk_create(
        (
            Subject(
                site_id=site,
                kind=kind,
                reference=reference,
                opened_at=opened[site, kind, reference],
            )
            for site, kind, reference in keys
        ),
        update_conflicts=True,
        unique_fields=["site", "kind", "reference"],
        update_fields=["reference"],
    )
    sites, kinds, references = (set(part) for part in zip(*keys, strict=True))
    rows = Subject.objects.filter(site__in=sites, kind__in=kinds, reference__in=references)
    wanted = set(keys)
    return {key: row for row in rows if (key := (row.site_id, row.kind, row.reference)) in wanted}


def store(
    fresh: Iterable[Item],
    subjects: Mapping[tuple[int, str, str], Subject],
    receipt: Receipt,
    at: datetime,
) -> list[Signal]:
    return Signal.objects.bulk_create(
        Signal(
            source_id=item.place.source_id,
            external_id=item.signal.external_id,
            type=item.signal.type,
            subject=subjects[item.key],
            occurred_at=item.signal.occurred_at,
            received_at=at,
            digest=item.signal.digest,
            body=item.signal.body,
            receipt=receipt,
        )
        for item in sorted(fresh, key=lambda item: item.name)
        if item.signal and item.place
    )


def learn_all(
    fresh: Iterable[Item],
    subjects: Mapping[tuple[int, str, str], Subject],
    at: datetime,
    moment: Moment | None,
) -> list[Studied]:
    """Let each subject's signals change its facts and write what changed."""
    known = facts_of(subjects.values())
    heard: dict[int, list[tuple[datetime, NewSignal, Place]]] = {}
    for item in fresh:
        if item.signal and item.place:
            when = at if moment is None else moment(item.signal)
            heard.setdefault(subjects[item.key].pk, []).append((when, item.signal, item.place))
    by_id = {subject.pk: subject for subject in subjects.values()}
    studied = [study(by_id[pk], known[pk], signals) for pk, signals in heard.items()]
    milestones: list[Milestone] = []
    promises: list[Promise] = []
    for one in studied:
        steps, told = keep(one.subject, one.before, one.after)
        milestones += steps
        promises += told
    Subject.objects.bulk_create(
        (one.subject for one in studied),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=KEPT,
    )
    Milestone.objects.bulk_create(
        milestones,
        update_conflicts=True,
        unique_fields=["subject", "name"],
        update_fields=["expected_at", "actual_at", "reported_at"],
    )
    Promise.objects.bulk_create(promises)
    return studied


def hear(fresh: Iterable[Item], at: datetime) -> None:
    sources = {item.place.source_id for item in fresh if item.place}
    Source.objects.filter(pk__in=sources).update(last_signal_at=at)


def conclude(
    receipt: Receipt,
    items: Sequence[Item],
    fresh: Iterable[Item],
    raised: Iterable[Raised],
) -> Receipt:
    """Write the receipt: per item the outcome, and the cases that its subject's news opened or joined."""
    cases: dict[tuple[int, str, str], list[str]] = {}
    for one in raised:
        subject = one.case.subject
        if subject:
            key = (subject.site_id, subject.kind, subject.reference)
            cases.setdefault(key, []).append(f"{'opened' if one.opened else 'joined'} {one.case}")
    for item in fresh:
        item.cases = cases.get(item.key, [])
    for outcome in Outcome:
        setattr(receipt, outcome.value, sum(item.outcome == outcome for item in items))
    receipt.items = [line(item) for item in items]
    receipt.save(force_insert=True)
    return receipt


def line(item: Item) -> dict[str, Any]:
    external = item.sent.get("external_id") if isinstance(item.sent, dict) else None
    row: dict[str, Any] = {
        "index": item.index,
        "external_id": external,
        "outcome": item.outcome.value,
    }
    if item.errors:
        row["errors"] = dict(item.errors)
    if item.cases:
        row["cases"] = item.cases
    return row
