"""Feeding history through the same intake, in time order, each signal heard as of its own moment (I4)."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

from exceptions_app.cases import clockwatch
from exceptions_app.detection.raising import Raised
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import Refused
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.shape import NewSignal
from exceptions_app.intake.tables import rows
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Receipt, Source
from exceptions_app.vocabulary import Doubt, Outcome

T = TypeVar("T")

#: Seconds until a step is tried again that collided with somebody else's work.
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
pause: Callable[[float], None] = time.sleep


@dataclass
class Bad:
    """A row, or a signal of it, that was not taken."""

    row: int
    field: str
    reason: str

    @classmethod
    def of(cls, row: int, errors: Mapping[str, str], columns: Mapping[str, str]) -> "Bad":
        """One, however much is wrong with it; fields go by the columns that they were read from."""
        (name, why), *more = ((columns.get(name, name), why) for name, why in errors.items())
        return cls(row, name, " ".join([why, *(f"{other}: {reason}" for other, reason in more)]))


@dataclass
class Replayed:
    """What a replay did so far."""

    rows: int = 0
    signals: int = 0
    stored: int = 0
    duplicate: int = 0
    bad: list[Bad] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def count(
        self,
        receipt: Receipt,
        numbers: Sequence[int],
        columns: Mapping[str, str] | None = None,
        *,
        known: Collection[int] = (),
    ) -> None:
        """What became of these rows; a field goes by the column that it was read from.

        ``known`` are those that conflict with what was said before, and rightly so.
        """
        self.stored += receipt.stored
        self.duplicate += receipt.duplicate
        for line in receipt.items:
            told = (case.partition(" ") for case in line.get("cases", ()))
            self.opened.update(number for became, _, number in told if became == "opened")
            if (
                line["outcome"] in (Outcome.REFUSED, Outcome.CONFLICT)
                and line["index"] not in known
            ):
                self.bad.append(Bad.of(numbers[line["index"]], line["errors"], columns or {}))

    def found(self, raised: Iterable[Raised]) -> None:
        self.opened.update(one.case.shown_number for one in raised if one.case and one.opened)


def read_signals(
    path: Path, mapping: ColumnMapping, done: Replayed
) -> list[tuple[datetime, int, dict[str, Any]]]:
    """Every signal of the file with its moment and row number, in time order."""
    found = []
    for number, read in enumerate(rows(path, mapping), start=2):
        done.rows += 1
        try:
            found += [
                (datetime.fromisoformat(signal["occurred_at"]), number, signal)
                for signal in mapping.signals(read)
            ]
        except Refused as refusal:
            done.bad += [Bad(number, name, reason) for name, reason in refusal.fields.items()]
    found.sort(key=lambda one: one[:2])
    done.signals = len(found)
    return found


def settle_in(mapping: ColumnMapping, *, at: datetime) -> Site:
    """The mapping's site and source, made if they are not there; a new source is in quarantine."""
    site, _ = Site.objects.get_or_create(
        slug=mapping.site,
        defaults={"name": mapping.site.title(), "time_zone": mapping.zone},
    )
    source, _ = Source.objects.get_or_create(
        slug=mapping.source,
        defaults={
            "name": mapping.source.title(),
            "site": site,
            "quarantined_at": at,
            "doubt": Doubt.NEW,
        },
    )
    return source.site or site


def heard_at(signal: NewSignal) -> datetime:
    return signal.occurred_at


def replay(
    signals: Sequence[tuple[datetime, int, dict[str, Any]]],
    done: Replayed,
    *,
    site: Site,
    until: datetime | None,
    now: datetime,
    progress: Callable[[int, datetime], None],
) -> None:
    """Feed the signals, and after each batch let the clock come up to its last moment.

    Each step is a transaction of its own and may be repeated, so that it can be interrupted at any point.
    """
    signals = [one for one in signals if until is None or one[0] <= until]
    for start in range(0, len(signals), MOST):
        batch = signals[start : start + MOST]
        last = min(batch[-1][0], now)
        items = [item for _, _, item in batch]
        receipt = patiently(partial(accept, items, by=SYSTEM, at=last, moment=heard_at, now=now))
        done.count(receipt, [row for _, row, _ in batch])
        pass_time(last, site, done)
        progress(start + len(batch), last)
    if until:
        pass_time(min(until, now), site, done)


def send(
    signals: Sequence[tuple[datetime, int, dict[str, Any]]],
    done: Replayed,
    *,
    now: Callable[[], datetime],
    progress: Callable[[int, datetime], None],
) -> None:
    """Feed the signals as if the source had just sent them; what they find goes outside."""
    for start in range(0, len(signals), MOST):
        batch = signals[start : start + MOST]
        items = [item for _, _, item in batch]
        receipt = patiently(partial(accept, items, by=SYSTEM, at=now()))
        done.count(receipt, [row for _, row, _ in batch])
        progress(start + len(batch), batch[-1][0])


def pass_time(at: datetime, site: Site, done: Replayed) -> None:
    """Everything that comes due by then, found as of when it came due."""
    for _ in passing(at, site, done):
        pass


def passing(
    at: datetime, site: Site, done: Replayed, *, within: Callable[[], None] | None = None
) -> Iterator[None]:
    """The same step by step, for who may not have the time for all of it; each step finds something.

    ``within`` is called in the transaction of each look, and may stop it.
    """

    @transaction.atomic
    def look() -> tuple[int, list[Raised]]:
        if within:
            within()
        return look_again(at, limit=1000, as_it_was=True, site_ids=[site.pk])

    seen = 1
    while seen:
        seen, raised = patiently(look)
        done.found(raised)
        if seen:
            yield
    while patiently(lambda: clockwatch.tick(at)):
        yield


def patiently(step: Callable[[], T]) -> T:
    """Again after a while if PostgreSQL gave it up for somebody else's sake; it left no trace then."""
    for seconds in PAUSES:
        try:
            return step()
        except OperationalError as problem:
            if not isinstance(problem.__cause__, DeadlockDetected | SerializationFailure):
                raise
        pause(seconds)
    return step()
