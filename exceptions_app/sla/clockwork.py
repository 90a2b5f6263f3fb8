"""An SLA clock as a pure function of a case's history, its target's length and the hours.

Nothing is counted up and nothing is carried on: every field follows from the whole history, so what
is stored equals what is computed again. An instant *has come* once ``at`` is later than it; a clock
that stops, or pauses, exactly at its due instant is still on time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from exceptions_app.sla.hours import Hours, Span
from exceptions_app.sla.working_time import NO_TIME, Length, advance, due, ledger, worked

#: Why a clock stood still between its stop and a reopening.
RESOLVED = "resolved"


class Pause(NamedTuple):
    """The clock stands still from ``start`` until ``end``, or until further notice."""

    start: datetime
    end: datetime | None
    why: str


@dataclass(frozen=True)
class History:
    """What a clock sees of a case, up to some moment and nothing later.

    A reopened case goes on: it has no ``stopped_at``, and the settled time is a pause "resolved". What was
    told stays true: ``warned_at`` and ``breached_at`` are on record, whatever length or hours hold by now.
    """

    opened_at: datetime
    pauses: tuple[Pause, ...] = ()
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """What a clock shows at some moment.

    ``due_at``, ``warn_at``, ``paused`` and ``stopped_at`` follow from history, length and hours
    alone, whatever the moment. ``warned_at`` and ``breached_at`` are ``warn_at`` and ``due_at``
    once they have come, or what is on record of them, else None. ``next_at`` is the first of the
    two that has not come; None when stopped, paused or breached. So between events of the case,
    what is stored stays true until ``next_at``. ``spent`` and ``remaining`` are as of the moment, in
    the measure of the target, and add up to its whole length; ``remaining`` is negative when over.
    """

    due_at: datetime | None
    warn_at: datetime | None
    paused: bool
    stopped_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    next_at: datetime | None
    met: bool | None
    spent: timedelta
    remaining: timedelta


def reckon(
    history: History, length: Length, hours: Hours, at: datetime, warn_fraction: Fraction | float
) -> Reading:
    """Read the clock.

    A pause moves the due instant by what it took of the target's measure, and never lets it come
    before the clock runs again: while a pause lasts, ``due_at`` is None. A pause that begins after
    the due instant changes nothing.
    """
    measure = length.measure(hours)
    base = due(history.opened_at, length, hours)
    whole = worked(history.opened_at, base, measure)
    warning = advance(history.opened_at, whole * float(warn_fraction), measure)
    pauses = tuple(_pauses(history))
    due_at, warn_at = _moved(base, pauses, measure), _moved(warning, pauses, measure)
    now = history.stopped_at or at
    warned_at = _come(warn_at, now) or history.warned_at
    breached_at = history.breached_at or _come(due_at, now)
    stopped, paused = history.stopped_at is not None, bool(pauses) and pauses[-1].end is None
    idle = stopped or paused or breached_at is not None
    spent = sum((worked(*run, measure) for run in _runs(history, now)), NO_TIME)
    return Reading(
        due_at=due_at,
        warn_at=warn_at,
        paused=paused,
        stopped_at=history.stopped_at,
        warned_at=warned_at,
        breached_at=breached_at,
        next_at=None if idle else due_at if warned_at else warn_at,
        met=breached_at is None if stopped else False if breached_at else None,
        spent=spent,
        remaining=whole - spent,
    )


def proof(history: History, length: Length, hours: Hours, at: datetime) -> list[Span]:
    """Every stretch from the start to the stop, or to ``at``: counted or not, and why.

    The stretches tile that time exactly, and the counted ones sum to what the clock has spent.
    """
    measure, end = length.measure(hours), history.stopped_at or at
    return list(chain.from_iterable(_stretches(history, measure, end)))


def _stretches(history: History, measure: Hours, end: datetime) -> Iterator[list[Span]]:
    ran_until = history.opened_at
    for start, until, why in _pauses(history):
        if start >= end:
            break
        yield ledger(ran_until, start, measure)
        ran_until = min(until or end, end)
        reason = why if why == RESOLVED else f"paused: {why}"
        yield [Span(start, ran_until, counted=False, reason=reason)]
    yield ledger(ran_until, end, measure)


def _runs(history: History, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the clock ran, between its pauses."""
    ran_until = history.opened_at
    for start, until, _ in _pauses(history):
        if start >= end:
            break
        yield ran_until, start
        ran_until = min(until or end, end)
    yield ran_until, end


def _pauses(history: History) -> Iterator[Pause]:
    """The pauses in order and apart, within the life of the clock; empty ones left out."""
    ran_until, stopped = history.opened_at, history.stopped_at
    for start, end, why in sorted(history.pauses, key=lambda pause: pause.start):
        start = max(start, ran_until)
        end = min(filter(None, (end, stopped)), default=None)
        if end is None or start < end:
            yield Pause(start, end, why)
        if end is None:
            return
        ran_until = max(ran_until, end)


def _moved(goal: datetime, pauses: tuple[Pause, ...], measure: Hours) -> datetime | None:
    """Where the pauses move an instant that counting leads to; None while one holds it."""
    for start, end, _ in pauses:
        if start > goal:
            break
        if end is None:
            return None
        goal = max(end, advance(goal, worked(start, end, measure), measure))
    return goal


def _come(instant: datetime | None, now: datetime) -> datetime | None:
    return instant if instant is not None and now > instant else None
