"""The delivery log: what was owed outside, when it was tried, what came back; as far as the actor may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from exceptions_app.errors import NotFound, Refused
from exceptions_app.outbox.models import Attempt, Connection, Delivery
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import OWED, DeliveryState, Operation

PAGE_SIZE = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which deliveries somebody asks for; None and empty ask for all."""

    states: Sequence[str] = ()
    connection_id: int | None = None
    case_id: int | None = None
    site: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery in a list."""

    id: UUID
    position: int
    case_id: int
    number: int
    title: str
    site: str
    time_zone: str
    connection_id: int
    connection: str
    platform: str
    enabled: bool
    sandbox: bool
    operation: Operation
    state: DeliveryState
    reason: str
    text: str
    owed_at: datetime
    due_at: datetime
    done_at: datetime | None
    attempts: int

    @property
    def shown_number(self) -> str:
        return f"EX-{self.number}"


@dataclass(frozen=True)
class Page:
    """A stretch of the log; ``after`` asks for the next one and is empty at the end."""

    rows: tuple[DeliveryRow, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt, its request and answer redacted when they were written down."""

    at: datetime
    took_ms: int
    method: str
    url: str
    request: str
    status: int | None
    answer: str
    verdict: str
    ok: bool


@dataclass(frozen=True)
class Whole:
    """A delivery with its attempts, newest first, and whether another is in line before it."""

    row: DeliveryRow
    tries: tuple[AttemptRow, ...]
    behind: bool
    may_resend: bool


COLUMNS = (
    "id", "position", "case_id", "case__number", "case__title", "case__site__name", "case__site__time_zone",
    "connection_id", "connection__name", "connection__platform", "connection__enabled", "connection__sandbox",
    "operation", "state", "reason", "text", "owed_at", "due_at", "done_at", "attempts",
)  # fmt: skip
TRY = ("at", "took_ms", "method", "url", "request", "status", "answer", "verdict", "ok")


def visible(by: Actor) -> QuerySet[Delivery]:
    """Deliveries of the cases whose deliveries the actor may see."""
    return access.visible(
        Delivery.objects.order_by(),
        by,
        verb="see_deliveries",
        site="case__site_id",
        team="case__team_id",
    )


def told_of(verb: str, data: Mapping[str, Any], *, reasons: bool) -> Mapping[str, Any]:
    """What an entry tells; who may not see deliveries learns that one failed, not what the platform said."""
    if reasons or not verb.startswith("delivery."):
        return data
    return {name: value for name, value in data.items() if name not in ("reason", "verdict")}


def deliveries(wanted: Wanted, *, by: Actor) -> QuerySet[Delivery]:
    """The deliveries that match; their order is left to the list that shows them."""
    found = visible(by)
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    if wanted.connection_id is not None:
        found = found.filter(connection=wanted.connection_id)
    if wanted.case_id is not None:
        found = found.filter(case=wanted.case_id)
    if wanted.site:
        found = found.filter(case__site__slug=wanted.site)
    return found


def listed(wanted: Wanted, *, by: Actor, after: str = "") -> Page:
    """One page, newest first, in one statement."""
    found = deliveries(wanted, by=by).order_by("-position")
    if after:
        found = found.filter(position__lt=place(after))
    rows = tuple(row_of(row) for row in found.values_list(*COLUMNS)[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    return Page(shown, str(shown[-1].position) if len(rows) > PAGE_SIZE else "")


def place(after: str) -> int:
    if not (after.isdecimal() and len(after) < 19):
        raise Refused.misplaced()
    return int(after)


def row_of(row: Sequence[Any]) -> DeliveryRow:
    named = dict(zip(DeliveryRow.__slots__, row, strict=True))
    operation, state = Operation(named.pop("operation")), DeliveryState(named.pop("state"))
    return DeliveryRow(**named, operation=operation, state=state)


def whole(delivery_id: UUID, *, by: Actor) -> Whole:
    """The delivery with all that was tried."""
    row = (
        visible(by)
        .filter(pk=delivery_id)
        .values_list(*COLUMNS, "case__site_id", "case__team_id")
        .first()
    )
    if row is None:
        raise NotFound("There is no such delivery, or its case is at a site you do not work for.")
    *columns, site_id, team_id = row
    found = row_of(columns)
    earlier = Q(case=found.case_id, connection=found.connection_id, position__lt=found.position)
    return Whole(
        found,
        tuple(
            AttemptRow(*one)
            for one in Attempt.objects.filter(delivery=delivery_id)
            .order_by("-pk")
            .values_list(*TRY)
        ),
        behind=found.state in OWED and Delivery.objects.filter(earlier, state__in=OWED).exists(),
        may_resend=access.may(by, "resend", site_id=site_id, team_id=team_id),
    )


def connections(*, by: Actor) -> list[tuple[int, str]]:
    """The connections that serve a site of the actor's, by name."""
    if by.grants is not None and not access.may_somewhere(by, "see_deliveries"):
        return []
    rows = Connection.objects.filter(access.shared(by, verb="see_deliveries")).order_by("name")
    return list(rows.values_list("pk", "name"))
