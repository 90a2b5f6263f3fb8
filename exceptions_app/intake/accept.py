"""Taking signals in: one path, in batches throughout; one signal is a batch of one (I1).

Everything that a post makes of itself commits together: signals, subjects, cases, what is owed outside, and
the receipt. A repeated post finds it all there and changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from exceptions_app.asking import together
from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.raising import Found, Raised, raise_cases, watched
from exceptions_app.detection.spreading import spread
from exceptions_app.detection.watching import keep, sift
from exceptions_app.errors import Refused
from exceptions_app.intake import storing
from exceptions_app.intake.concluding import conclude
from exceptions_app.intake.items import QUESTIONS, Item, Placed, SubjectKey, kept, tells
from exceptions_app.intake.placing import Places, refuse_foreign
from exceptions_app.intake.refusing import keep_refused, settle_mended
from exceptions_app.intake.shape import NewSignal
from exceptions_app.intake.study import Heard, Studied, study
from exceptions_app.intake.telling import tell_cases
from exceptions_app.people.access import Actor
from exceptions_app.subjects.hearing import Said, back_dated, doubt, hear
from exceptions_app.subjects.knowing import facts, facts_of
from exceptions_app.subjects.knowing import keep as keep_facts
from exceptions_app.subjects.models import Milestone, Promise, Receipt, Subject
from exceptions_app.vocabulary import REPEATED, Outcome
from exceptions_app.writing import Row, insert, put, update

MOST = 1000
KEPT = (
    "team", "label", "customer", "tier", "value", "attributes", "reports", "said_at", "particulars",
    "promised_at", "opened_at", "ended_at", "last_signal_at", "next_look_at", "imported", "source",
    "told_at",
)  # fmt: skip
STEP = ("subject", "name", "expected_at", "actual_at", "reported_at", "planned_at")
#: A milestone that was known is the same row.
AGAIN = """(subject_id, name) DO UPDATE SET expected_at = EXCLUDED.expected_at,
    actual_at = EXCLUDED.actual_at, reported_at = EXCLUDED.reported_at, planned_at = EXCLUDED.planned_at"""
TOLD = ("subject", "promised_at", "said_at", "reason")
#: What a new subject has; the database's own defaults do not exist.
BORN = ("id", "site", "kind", "reference", *KEPT)
#: How often a post is tried that met another one which stored the same for the first time.
TRIES = 5

Moment = Callable[[NewSignal], datetime]


def accept(
    items: Sequence[Any],
    *,
    by: Actor,
    at: datetime,
    moment: Moment | None = None,
    now: datetime | None = None,
    keep: bool = True,
) -> Receipt:
    """Store, learn, look and raise; the receipt says item by item what became of it.

    ``moment`` is for replayed history: it says as of when each signal is heard, and nothing goes outside.
    ``now`` is what the clock on the wall says, where that is not ``at``: what is later has not happened.
    What is refused is kept to be mended, unless whoever sends it says that it ``keep``s it itself.
    """
    if not items:
        raise Refused.about("", "Send at least one signal.")
    if len(items) > MOST:
        raise Refused(
            f"Send at most {MOST:,} signals at once.", {"": f"Got {len(items):,} signals."}
        )
    taken = [Item(index, sent) for index, sent in enumerate(items)]
    for item in taken:
        item.insist_happened(now or at)
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


USED = "Used before with other content; the first was kept. Give what is new an id of its own."


@dataclass
class Taken:
    """What came of the new ones of a post."""

    fresh: list[Placed]
    raised: list[Raised] = field(default_factory=list)
    #: What each source said in this post, by its slug.
    said: dict[str, Said] = field(default_factory=lambda: defaultdict(Said))


def take(
    items: Sequence[Item],
    placed: Sequence[Placed],
    *,
    by: Actor,
    at: datetime,
    moment: Moment | None,
) -> Receipt:
    receipt = Receipt(
        received_at=at, actor_name=by.name, actor_id=by.id, history=moment is not None
    )
    known, waiting = storing.digests(placed) if placed else ({}, {})
    taken = Taken(unseen(placed, known))
    if taken.fresh:
        take_in(taken, placed, receipt, by=by, moment=moment)
    if waiting:
        settle_mended(waiting, (one.name for one in taken.fresh), by=by, at=at)
    if len(taken.fresh) < len(items):
        note_the_rest(taken.said, items, placed)
    with together():
        conclude(receipt, items, taken.fresh, taken.raised)
        # Last, as posts of one source wait here for each other.
        hear(taken.said, at=at, live=moment is None)
    return receipt


def take_in(
    taken: Taken,
    placed: Sequence[Placed],
    receipt: Receipt,
    *,
    by: Actor,
    moment: Moment | None,
) -> None:
    """Learn what is new, store it, and say what became of each finding."""
    policy, at = policies.held(), receipt.received_at
    receipt.policy = policy.version
    known = storing.locked_subjects(list({one.key for one in taken.fresh}))
    known_ids = {subject.id for subject in known.values()}
    open_cases = locked_cases(known.values())
    refuse_foreign(placed, known, by=by)
    taken.fresh = [one for one in taken.fresh if one.item.outcome == Outcome.STORED]
    subjects = known | unknown_subjects(taken.fresh, known)
    for one in taken.fresh:
        one.subject_id = subjects[one.key].id
    studied = learn_all(taken.fresh, subjects, at, moment, policy)
    with together():
        write(studied, known_ids)
        storing.put_signals(taken.fresh, receipt, at)
    if open_cases:
        heard = storing.signals_of(receipt, known_ids)
        tell_cases(open_cases, studied, heard, by=by)
    for one in taken.fresh:
        taken.said[one.signal.source].hear(one.signal.occurred_at, tells(one.signal), at=at)
    doubted = back_dated(taken.said, at=at) if moment is None else frozenset()
    taken.raised = raise_found(studied, policy, at, imported=moment is not None, doubted=doubted)
    doubt(doubted, at=at)


def raise_found(
    studied: Sequence[Studied],
    policy: Policy,
    at: datetime,
    *,
    imported: bool,
    doubted: frozenset[int],
) -> list[Raised]:
    """What becomes of everything that was found: a case, or it is watched."""
    found = [
        Found(one.subject, finding, when, one.regraded, one.told_by.get(id(finding)))
        for one in studied
        for finding, when in one.findings
    ]
    spreading = spread(found)
    material, light = sift([*found, *spreading], policy)
    holds = {id(finding) for one in studied for finding in one.holds}
    holds |= {id(one.finding) for one in spreading}
    # Nothing is watched yet of what nobody knew.
    looked = {
        one.subject.id: one.subject.last_signal_at or at
        for one in studied
        if not one.subject._state.adding
    }
    keep([one for one in light if id(one.finding) in holds], looked)
    return [*raise_cases(material, imported=imported, doubted=doubted), *watched(light)]


def unseen(placed: Sequence[Placed], known: dict[storing.Name, str]) -> list[Placed]:
    """Those not stored yet; the rest are marked duplicates, or conflicts if their content differs."""
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
                {"external_id": USED},
            )
    return fresh


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
    ids = [subject.id for subject in subjects]
    found = storing.open_cases_of(ids) if ids else []
    return list(Case.objects.filter(pk__in=found).order_by("pk")) if found else []


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
        before = known.get(subject.id) or facts(subject, {}, (), policy.hours.get(subject.site_id))
        wakes = subject.imported and moment is None
        history_only = subject.imported or subject.last_signal_at is None
        subject.imported = moment is not None and history_only
        studied.append(study(subject, before, news, policy=policy, wakes=wakes))
        told_by(subject, news)
    return studied


def told_by(subject: Subject, news: Iterable[Heard]) -> None:
    """Keep who told of it last, whatever the order of arrival; a question tells nothing."""
    for _, signal, place in news:
        told = (signal.occurred_at, place.source_id)
        known = (subject.told_at, subject.source_id or 0) if subject.told_at else None
        if signal.word not in QUESTIONS and (known is None or told > known):
            subject.told_at, subject.source_id = told


def write(studied: Sequence[Studied], known: Collection[int]) -> None:
    """What the signals changed: in subjects that were known, and in those that they made."""
    milestones: list[Row] = []
    promises: list[Row] = []
    for done in studied:
        steps, told = keep_facts(done.subject, done.before, done.after)
        milestones += steps
        promises += told
    subjects = [one.subject for one in studied]
    insert([one for one in subjects if one.id not in known], BORN, returning="")
    update([one for one in subjects if one.id in known], KEPT)
    if milestones:
        put(Milestone, STEP, milestones, conflict=AGAIN)
    if promises:
        put(Promise, TOLD, promises)


def note_the_rest(said: dict[str, Said], items: Iterable[Item], placed: Iterable[Placed]) -> None:
    """What sources said that is not new: again, or so that it had to be refused."""
    for one in placed:
        said[one.signal.source].again |= one.item.outcome in REPEATED
    for item in items:
        source = item.sent.get("source") if isinstance(item.sent, dict) else None
        if item.outcome == Outcome.REFUSED and isinstance(source, str):
            said[kept(source, 50)].refused += 1
