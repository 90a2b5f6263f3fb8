"""Taking signals in: one path, in batches throughout; one signal is a batch of one (I1).

Everything that a post makes of itself commits together: signals, subjects, cases, what is owed outside, and
the receipt. A repeated post finds it all there and changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
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
from exceptions_app.intake import storing
from exceptions_app.intake.items import Item, Placed, SubjectKey
from exceptions_app.intake.placing import Places, refuse_foreign
from exceptions_app.intake.refusing import keep_refused
from exceptions_app.intake.shape import NewSignal
from exceptions_app.intake.study import Heard, Studied, study
from exceptions_app.intake.telling import tell_cases
from exceptions_app.people.access import Actor
from exceptions_app.subjects.knowing import facts, facts_of
from exceptions_app.subjects.knowing import keep as keep_facts
from exceptions_app.subjects.models import Milestone, Promise, Receipt, Subject
from exceptions_app.subjects.writing import Row, insert, put, update
from exceptions_app.vocabulary import Outcome

MOST = 1000
KEPT = (
    "team", "label", "customer", "tier", "value", "attributes", "reports", "said_at", "particulars",
    "promised_at", "opened_at", "ended_at", "last_signal_at", "next_look_at", "imported",
)  # fmt: skip

STEP = ("subject", "name", "expected_at", "actual_at", "reported_at", "planned_at")
#: A milestone that was known is the same row.
AGAIN = """(subject_id, name) DO UPDATE SET expected_at = EXCLUDED.expected_at,
    actual_at = EXCLUDED.actual_at, reported_at = EXCLUDED.reported_at, planned_at = EXCLUDED.planned_at"""
TOLD = ("subject", "promised_at", "said_at", "reason")
#: What a new subject has; the database's own defaults do not exist.
BORN = ("id", "site", "kind", "reference", *KEPT)
RECEIPT = (
    "id",
    "received_at",
    "actor_name",
    "actor_id",
    *Outcome.values,
    "items",
    "policy",
    "history",
)
#: How often a post is tried that met another one which stored the same for the first time.
TRIES = 5

Moment = Callable[[NewSignal], datetime]


def accept(
    items: Sequence[Any],
    *,
    by: Actor,
    at: datetime,
    moment: Moment | None = None,
    keep: bool = True,
) -> Receipt:
    """Store, learn, look and raise; the receipt says item by item what became of it.

    ``moment`` is for replayed history: it says as of when each signal is heard, and nothing goes outside.
    What is refused is kept to be mended, unless whoever sends it says that it ``keep``s it itself.
    """
    if not items:
        raise Refused("Send at least one signal.", {"": "Send at least one signal."})
    if len(items) > MOST:
        raise Refused(
            f"Send at most {MOST:,} signals at once.", {"": f"Got {len(items):,} signals."}
        )
    taken = [Item(index, sent) for index, sent in enumerate(items)]
    places = Places(by)
    placed = places.find(taken)

    @transaction.atomic
    def once() -> Receipt:
        receipt = take(taken, placed, by=by, at=at, moment=moment)
        if keep:
            keep_refused(taken, places, receipt, by=by)
        return receipt

    for _ in range(TRIES - 1):
        with suppress(IntegrityError):  # what another post stored meanwhile is there to be seen now
            return once()
    return once()


def take(
    items: Sequence[Item],
    placed: Sequence[Placed],
    *,
    by: Actor,
    at: datetime,
    moment: Moment | None,
) -> Receipt:
    fresh = unseen(placed)
    receipt = Receipt(
        received_at=at, actor_name=by.name, actor_id=by.id, history=moment is not None
    )
    raised: list[Raised] = []
    if fresh:
        policy = policies.held()
        receipt.policy = policy.version
        known = known_subjects(fresh)
        open_cases = locked_cases(known.values())
        refuse_foreign(placed, known, by=by)
        fresh = [one for one in fresh if one.item.outcome == Outcome.STORED]
        subjects = known | unknown_subjects(fresh, known)
        for one in fresh:
            one.subject_id = subjects[one.key].pk
        studied = learn_all(fresh, subjects, at, moment, policy)
        write(studied, {subject.pk for subject in known.values()})
        storing.put_signals(fresh, receipt, at)
        found = [
            Found(one.subject, finding, when) for one in studied for finding, when in one.findings
        ]
        if open_cases:
            heard = storing.signals_of(receipt, (subject.pk for subject in known.values()))
            tell_cases(open_cases, studied, heard, by=by)
        material, watched = sift([*found, *spread(found)], policy)
        keep(watched, {one.subject.pk: one.subject.last_signal_at or at for one in studied})
        raised = raise_cases(material, imported=moment is not None)
        storing.spoke({one.place.source_id for one in fresh}, at)
    return conclude(receipt, items, fresh, raised)


def unseen(placed: Sequence[Placed]) -> list[Placed]:
    """Those not stored yet; the rest are marked duplicates, or conflicts if their content differs."""
    known = storing.digests(placed) if placed else {}
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


def known_subjects(fresh: Iterable[Placed]) -> dict[SubjectKey, Subject]:
    return storing.locked_subjects(list({one.key for one in fresh}))


def unknown_subjects(
    fresh: Iterable[Placed], known: Mapping[SubjectKey, Subject]
) -> dict[SubjectKey, Subject]:
    """Those that nobody knows yet, in one order for everybody; two posts that make the same meet there."""
    opened: dict[SubjectKey, datetime] = {}
    for one in fresh:
        if one.key not in known:
            at = one.signal.occurred_at
            opened[one.key] = min(opened.get(one.key, at), at)
    return storing.new_subjects(sorted(opened.items()))


def locked_cases(subjects: Iterable[Subject]) -> list[Case]:
    """Their open cases; all are locked before anything is told to one, in one order for everybody."""
    ids = [subject.pk for subject in subjects]
    if not ids:
        return []
    cases = Case.objects.select_for_update().filter(subject__in=ids)
    return [case for case in cases.order_by("pk") if case.is_open]


def learn_all(
    fresh: Iterable[Placed],
    subjects: Mapping[SubjectKey, Subject],
    at: datetime,
    moment: Moment | None,
    policy: Policy,
) -> list[Studied]:
    """Let each subject's signals change its facts, and write what changed."""
    known = facts_of((one for one in subjects.values() if not one._state.adding), policy.hours)
    heard: dict[SubjectKey, list[Heard]] = defaultdict(list)
    for one in fresh:
        when = at if moment is None else moment(one.signal)
        heard[one.key].append(Heard(when, one.signal, one.place))
    studied = []
    for key, news in heard.items():
        subject = subjects[key]
        before = known.get(subject.pk) or facts(subject, {}, (), policy.hours.get(subject.site_id))
        wakes = subject.imported and moment is None
        history_only = subject.imported or subject.last_signal_at is None
        subject.imported = moment is not None and history_only
        studied.append(study(subject, before, news, policy=policy, wakes=wakes))
    return studied


def write(studied: Sequence[Studied], known: Collection[int]) -> None:
    """What the signals changed: in subjects that were known, and in those that they made."""
    milestones: list[Row] = []
    promises: list[Row] = []
    for done in studied:
        steps, told = keep_facts(done.subject, done.before, done.after)
        milestones += steps
        promises += told
    subjects = [one.subject for one in studied]
    insert([one for one in subjects if one.pk not in known], BORN, returning="")
    update([one for one in subjects if one.pk in known], KEPT)
    if milestones:
        put(Milestone, STEP, milestones, conflict=AGAIN)
    if promises:
        put(Promise, TOLD, promises)


def conclude(
    receipt: Receipt, items: Sequence[Item], fresh: Iterable[Placed], raised: Iterable[Raised]
) -> Receipt:
    """Write the receipt: per item the outcome, and the cases that its subject's news opened or joined."""
    cases: dict[int, list[str]] = defaultdict(list)
    for one in raised:
        cases[one.subject_id].append(f"{'opened' if one.opened else 'joined'} {one.case}")
    for placed in fresh:
        placed.item.cases = cases.get(placed.subject_id, [])
    counts = Counter(item.outcome for item in items)
    for outcome in Outcome:
        setattr(receipt, outcome.value, counts[outcome])
    receipt.items = [item.line() for item in items]
    insert([receipt], RECEIPT, returning="")
    return receipt
