"""Doors: every number of a report carries the filter of the board that opens the cases behind it (R5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.sla.models import Clock
from exceptions_app.vocabulary import TargetKind

#: Parameters of the board (``dashboards.filters.CaseFilter``) and their values.
Door = Mapping[str, tuple[str, ...]]

MET, MISSED, RUNNING = "met", "missed", "running"
#: How a clock stands, as a condition on its row; ``measuring`` says the same in SQL.
STATES: Mapping[str, Q] = {
    MET: Q(stopped_at__isnull=False, breached_at__isnull=True),
    MISSED: Q(breached_at__isnull=False),
    RUNNING: Q(stopped_at__isnull=True, breached_at__isnull=True),
}
TARGETS: Mapping[str, tuple[TargetKind, str]] = {
    f"{kind}-{state}": (kind, state) for kind in TargetKind for state in STATES
}
#: What the board's filter ``target`` takes.
TARGET_CHOICES = [(slug, f"{kind.label}, {state}") for slug, (kind, state) in TARGETS.items()]


def with_target(cases: QuerySet[Case], values: Sequence[str]) -> QuerySet[Case]:
    """Cases with a clock that stands as any of the values says, such as ``acknowledge-missed``."""
    wanted = Q()
    for kind, state in (TARGETS[value] for value in values):
        wanted |= STATES[state] & Q(kind=kind)
    return (
        cases.filter(Exists(Clock.objects.filter(wanted, case=OuterRef("pk")))) if values else cases
    )


@dataclass(frozen=True, slots=True)
class Number:
    """How many cases, and the filter that opens exactly these."""

    value: int
    door: Door

    def __str__(self) -> str:
        return f"{self.value:,}"

    @property
    def query(self) -> str:
        return urlencode([(name, one) for name, values in self.door.items() for one in values])


@dataclass(frozen=True)
class Doors:
    """The filters of one line of a report: what narrows it, and the time it is about."""

    narrowed: Door
    start: datetime
    end: datetime

    def into(self, narrowed: Door) -> "Doors":
        return Doors({**self.narrowed, **narrowed}, self.start, self.end)

    def during(self, start: datetime, end: datetime) -> "Doors":
        return Doors(self.narrowed, start, end)

    def opened(self, value: int, **more: tuple[str, ...]) -> Number:
        """Cases opened in the time; ``more`` narrows them further."""
        return self.number(value, ("any",), {**self.between("opened"), **more})

    def target(self, value: int, kind: TargetKind, *states: str) -> Number:
        return self.opened(value, target=tuple(f"{kind}-{state}" for state in states))

    def resolved(self, value: int) -> Number:
        """Cases resolved in the time, whenever they were opened."""
        return self.number(value, ("any",), self.between("resolved"))

    def open_now(self, value: int) -> Number:
        """Cases open now, whenever they were opened."""
        return self.number(value, ("open",), {})

    def still_open(self, value: int) -> Number:
        """Cases opened in the time and open now."""
        return self.number(value, ("open",), self.between("opened"))

    def number(self, value: int, status: tuple[str, ...], more: Door) -> Number:
        return Number(value, {**self.narrowed, "status": status, **more, "sort": ("newest",)})

    def between(self, what: str) -> Door:
        return {f"{what}_after": (iso(self.start),), f"{what}_before": (iso(self.end),)}


def iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
