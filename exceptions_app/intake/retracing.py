"""What was known of a subject after each of its signals, learnt again from the signals themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.sla.hours import Hours
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.models import Signal, Subject
from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True, slots=True)
class Heard:
    """A stored signal as it is understood; None if the desk would not understand it any more."""

    signal: Signal
    understood: NewSignal | None
    moment: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """The facts after a signal, and the instant at which the rules looked at them."""

    heard: Heard
    facts: Facts
    at: datetime


def retrace(subject: Subject, hours: Mapping[int, Hours]) -> Iterator[Known]:
    """Every signal of the subject in the order in which it was learnt, with the facts that were looked at.

    What was heard at one moment is looked at together.
    """
    open_at = hours.get(subject.site_id)
    facts = Facts(SubjectKind(subject.kind), subject.reference, hours=open_at)
    looked: datetime | None = None
    for post in posts(subject):
        if facts.opened_at is None:
            facts = facts.having(opened_at=min(heard.signal.occurred_at for heard in post))
        for moment, together in groupby(post, key=lambda one: one.moment):
            looked, news = max(looked or moment, moment), list(together)
            for one in news:
                facts = learn(facts, one.understood) if one.understood else facts
            for one in news:
                yield Known(one, facts, looked)


def posts(subject: Subject) -> Iterator[Sequence[Heard]]:
    """Its signals as they came together, in the order of their moments.

    The lock on the subject is taken before ids are given, so that ids tell which post was first.
    """
    rows = Signal.objects.filter(subject=subject).order_by("pk").select_related("source", "receipt")
    light = rows.defer("receipt__items")
    for _, together in groupby(light, key=lambda row: row.receipt_id):
        yield ordered(together)


def ordered(together: Iterable[Signal]) -> list[Heard]:
    found = sorted(together, key=lambda row: (row.position, row.pk))
    return sorted((heard(row) for row in found), key=lambda one: one.moment)


def heard(row: Signal) -> Heard:
    understood = parse(row.body)
    history = row.receipt is not None and row.receipt.history
    moment = row.occurred_at if history else row.received_at
    return Heard(row, understood if isinstance(understood, NewSignal) else None, moment)


def known_after(signal: Signal, hours: Mapping[int, Hours]) -> Known | None:
    """What was known after a signal; None if it is about no subject."""
    if signal.subject is None:
        return None
    return next(one for one in retrace(signal.subject, hours) if one.heard.signal.pk == signal.pk)


def known_by(subject: Subject, at: datetime, hours: Mapping[int, Hours]) -> Known | None:
    """What was known by an instant; None if nothing was."""
    last = None
    for one in retrace(subject, hours):
        if one.heard.moment > at:
            break
        last = one
    return last
