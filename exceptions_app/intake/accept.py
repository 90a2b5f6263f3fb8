"""Taking signals in: one path, in batches throughout; one signal is a batch of one (I1).

Everything that a post makes of itself commits together: signals, subjects, cases, what is owed outside, and
the receipt. A repeated post finds it all there and changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.raising import Found, Raised, raise_cases
from exceptions_app.detection.spreading import spread
from exceptions_app.detection.watching import keep, sift
from exceptions_app.errors import Refused
from exceptions_app.intake.items import Item, Placed, SubjectKey
from exceptions_app.intake.placing import Places, refuse_foreign
from exceptions_app.intake.shape import NewSignal
from exceptions_app.intake.study import Heard, Studied, study
from exceptions_app.intake.telling import tell_cases
from exceptions_app.people.access import Actor
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.knowing import keep as keep_facts
from exceptions_app.subjects.models import (
    Milestone,
    Promise,
    Receipt,
    Signal,
    Source,
    Subject,
)
from exceptions_app.subjects.writing import insert, update
from exceptions_app.vocabulary import Outcome

MOST = 1000
KEPT = (
    "team", "label", "customer", "tier", "value", "attributes", "reports", "said_at", "particulars",
    "promised_at", "opened_at", "ended_at", "last_signal_at", "next_look_at", "imported",
)  # fmt: skip

STEP = ("name", "expected_at", "actual_at", "reported_at", "planned_at")
#: What a new subject has; the database's own defaults do not exist.
BORN = ("site", "kind", "reference", *KEPT)
HEARD = (
    "source", "external_id", "type", "subject", "occurred_at", "received_at", "digest", "body", "receipt",
)  # fmt: skip

Moment = Callable[[NewSignal], datetime]


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
            f"Send at most {MOST:,} signals at once.", {"": f"Got {len(items):,} signals."}
        )
    taken = [Item(index, sent) for index, sent in enumerate(items)]
    placed = Places(by).find(taken)
    try:
        return take(taken, placed, by=by, at=at, moment=moment)
    except (
        IntegrityError
    ):  # another post stored one of these signals meanwhile; now it is there to be seen
        return take(taken, placed, by=by, at=at, moment=moment)


@transaction.atomic
def take(
    items: Sequence[Item],
    placed: Sequence[Placed],
    *,
    by: Actor,
    at: datetime,
    moment: Moment | None,
) -> Receipt:
    fresh = unseen(placed)
    receipt = Receipt(received_at=at, actor_name=by.name, actor_id=by.id)
    raised: list[Raised] = []
    if fresh:
        policy = policies.held()
        subjects = locked_subjects(fresh)
        open_cases = locked_cases(subjects.values())
        refuse_foreign(placed, subjects, by=by)
        fresh = [one for one in fresh if one.item.outcome == Outcome.STORED]
        signals = store(fresh, subjects, receipt, at)
        studied = learn_all(fresh, subjects, at, moment, policy)
        for one in fresh:
            one.subject_id = subjects[one.key].pk
        found = [
            Found(one.subject, finding, when) for one in studied for finding, when in one.findings
        ]
        tell_cases(open_cases, studied, signals, by=by)
        material, watched = sift([*found, *spread(found)], policy)
        keep(watched, {one.subject.pk: one.subject.last_signal_at or at for one in studied})
        raised = raise_cases(material, imported=moment is not None)
        hear(fresh, at)
    return conclude(receipt, items, fresh, raised)


def unseen(placed: Iterable[Placed]) -> list[Placed]:
    """Those not stored yet; the rest are marked duplicates, or conflicts if their content differs."""
    known = digests(placed)
    fresh = []
    for one in placed:
        before = known.get(one.name)
        if before is None:
            known[one.name] = one.signal.digest
            one.item.settle(Outcome.STORED)
            fresh.append(one)
        elif before == one.signal.digest:
            one.item.settle(Outcome.DUPLICATE)
        else:
            one.item.settle(
                Outcome.CONFLICT,
                {"external_id": "Used before with other content; the first was kept."},
            )
    return fresh


def digests(placed: Iterable[Placed]) -> dict[tuple[int, str], str]:
    """What is stored already under these names."""
    rows = Signal.objects.filter(
        source__in={one.place.source_id for one in placed},
        external_id__in={one.signal.external_id for one in placed},
    )
    return {(s, name): d for s, name, d in rows.values_list("source_id", "external_id", "digest")}


def locked_subjects(fresh: Iterable[Placed]) -> dict[SubjectKey, Subject]:
    """The subjects of these signals, made where missing; the upsert locks them in one order for everybody."""
    opened: dict[SubjectKey, datetime] = {}
    for one in fresh:
        at = one.signal.occurred_at
        opened[one.key] = min(opened.get(one.key, at), at)
    missing = [
        Subject(site_id=key[0], kind=key[1], reference=key[2], opened_at=opened[key])
        for key in sorted(opened)
    ]
    ids = insert(
        missing, BORN, conflict="(site_id, kind, reference) DO UPDATE SET kind = EXCLUDED.kind"
    )
    rows = Subject.objects.filter(pk__in=[pk for (pk,) in ids])
    return {(row.site_id, row.kind, row.reference): row for row in rows}


def locked_cases(subjects: Iterable[Subject]) -> list[Case]:
    """Their open cases; all are locked before anything is told to one, in one order for everybody."""
    cases = Case.objects.select_for_update().filter(subject__in=list(subjects))
    return [case for case in cases.order_by("pk") if case.is_open]


def store(
    fresh: Iterable[Placed], subjects: Mapping[SubjectKey, Subject], receipt: Receipt, at: datetime
) -> dict[int, list[int]]:
    """In one order for everybody, so that two posts of the same signals meet and do not deadlock.

    Gives the new signals of each subject, by id.
    """
    signals = [
        Signal(
            source_id=one.place.source_id,
            external_id=one.signal.external_id,
            type=one.signal.type,
            subject_id=subjects[one.key].pk,
            occurred_at=one.signal.occurred_at,
            received_at=at,
            digest=one.signal.digest,
            body=one.signal.body,
            receipt_id=receipt.pk,
        )
        for one in sorted(fresh, key=lambda one: one.name)
    ]
    heard: dict[int, list[int]] = defaultdict(list)
    for pk, subject_id in insert(signals, HEARD, returning="id, subject_id"):
        heard[subject_id].append(pk)
    return heard


def learn_all(
    fresh: Iterable[Placed],
    subjects: Mapping[SubjectKey, Subject],
    at: datetime,
    moment: Moment | None,
    policy: Policy,
) -> list[Studied]:
    """Let each subject's signals change its facts, and write what changed."""
    known = facts_of(subjects.values(), policy.hours)
    heard: dict[SubjectKey, list[Heard]] = defaultdict(list)
    for one in fresh:
        when = at if moment is None else moment(one.signal)
        heard[one.key].append(Heard(when, one.signal, one.place))
    studied = []
    for key, news in heard.items():
        subject = subjects[key]
        wakes = subject.imported and moment is None
        history_only = subject.imported or subject.last_signal_at is None
        subject.imported = moment is not None and history_only
        studied.append(study(subject, known[subject.pk], news, policy=policy, wakes=wakes))
    milestones: list[Milestone] = []
    promises: list[Promise] = []
    for done in studied:
        steps, told = keep_facts(done.subject, done.before, done.after)
        milestones += steps
        promises += told
    write(studied, milestones, promises)
    return studied


def write(
    studied: Iterable[Studied], milestones: Sequence[Milestone], promises: Sequence[Promise]
) -> None:
    update([one.subject for one in studied], KEPT)
    insert(
        milestones,
        ("subject", *STEP),
        conflict="(subject_id, name) DO UPDATE SET expected_at = EXCLUDED.expected_at,"
        " actual_at = EXCLUDED.actual_at, reported_at = EXCLUDED.reported_at,"
        " planned_at = EXCLUDED.planned_at",
    )
    insert(promises, ("subject", "promised_at", "said_at", "reason"))


def hear(fresh: Iterable[Placed], at: datetime) -> None:
    """Note that these sources spoke."""
    Source.objects.filter(pk__in={one.place.source_id for one in fresh}).update(last_signal_at=at)


def conclude(
    receipt: Receipt, items: Sequence[Item], fresh: Iterable[Placed], raised: Iterable[Raised]
) -> Receipt:
    """Write the receipt: per item the outcome, and the cases that its subject's news opened or joined."""
    cases: dict[int, list[str]] = defaultdict(list)
    for one in raised:
        cases[one.subject_id].append(f"{'opened' if one.opened else 'joined'} {one.case}")
    for placed in fresh:
        placed.item.cases = cases.get(placed.subject_id, [])
    for outcome in Outcome:
        setattr(receipt, outcome.value, sum(item.outcome == outcome for item in items))
    receipt.items = [item.line() for item in items]
    receipt.save(force_insert=True)
    return receipt
