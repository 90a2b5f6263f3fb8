"""Feeding history through the same intake, in time order, each signal heard as of its own moment (I4)."""

import csv
import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exceptions_app.cases import clockwatch
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import Refused
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.mappings import ColumnMapping, Reader
from exceptions_app.intake.shape import NewSignal
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site
from exceptions_app.subjects.models import Receipt, Source
from exceptions_app.vocabulary import Outcome


@dataclass
class Bad:
    """A row, or a signal of it, that was not taken."""

    row: int
    field: str
    reason: str


@dataclass
class Replayed:
    """What a replay did so far."""

    rows: int = 0
    signals: int = 0
    stored: int = 0
    duplicate: int = 0
    bad: list[Bad] = field(default_factory=list)

    def count(self, receipt: Receipt, numbers: Sequence[int]) -> None:
        self.stored += receipt.stored
        self.duplicate += receipt.duplicate
        for line in receipt.items:
            if line["outcome"] in (Outcome.REFUSED, Outcome.CONFLICT):
                for name, reason in line["errors"].items():
                    self.bad.append(Bad(numbers[line["index"]], name, reason))


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


def rows(path: Path, mapping: ColumnMapping) -> Iterator[Reader]:
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = mapping.columns - set(reader.fieldnames or ())
        if missing:
            raise Refused(
                f"The file has no column {', '.join(sorted(missing))}; is “{mapping.name}” its mapping?"
            )
        zone = ZoneInfo(mapping.zone)
        for row in reader:
            yield Reader(row, zone)


def settle_in(mapping: ColumnMapping) -> None:
    """The mapping's site and source, made if they are not there."""
    site, _ = Site.objects.get_or_create(
        slug=mapping.site,
        defaults={"name": mapping.site.title(), "time_zone": mapping.zone},
    )
    Source.objects.get_or_create(
        slug=mapping.source, defaults={"name": mapping.source.title(), "site": site}
    )


def heard_at(signal: NewSignal) -> datetime:
    return signal.occurred_at


def replay(
    signals: Sequence[tuple[datetime, int, dict[str, Any]]],
    done: Replayed,
    *,
    until: datetime | None,
    progress: Callable[[int, datetime], None],
) -> None:
    """Feed the signals, and after each batch let the clock come up to its last moment."""
    signals = [one for one in signals if until is None or one[0] <= until]
    for start in range(0, len(signals), MOST):
        batch = signals[start : start + MOST]
        last = batch[-1][0]
        receipt = accept([item for _, _, item in batch], by=SYSTEM, at=last, moment=heard_at)
        done.count(receipt, [number for _, number, _ in batch])
        pass_time(last)
        progress(start + len(batch), last)
    if until:
        pass_time(until)


def pass_time(at: datetime) -> None:
    """Everything that comes due by then, found as of when it came due."""
    while look_again(at, limit=1000, as_it_was=True)[0]:
        pass
    while clockwatch.tick(at):
        pass
