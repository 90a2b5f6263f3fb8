"""Connections as administrators see and change them: how each stands, and switching it on and off."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from exceptions_app.errors import NotFound, NotPermitted, Refused, Stale, refusing
from exceptions_app.outbox import gates
from exceptions_app.outbox.models import Connection, Delivery
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import OPEN_STATUSES, DeliveryState, Operation

ONLY_ADMINISTRATORS = "Only an administrator of every site sets up connections."
STAYS = (
    "A connection is never deleted: what was sent through it would lose its explanation. "
    "Disconnect it instead; it sends nothing then, and can be switched on again."
)
TAKEN = "Another connection has this name. Choose a different one."
#: What the person may change; the rest is written by workers meanwhile.
CHANGEABLE = ("name", "site", "sandbox", "enabled", "settings")
UNTRIED: Mapping[str, Any] = {"succeeded_at": None, "failed_at": None, "last_error": ""}


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection in a list, with what workers know of it; its settings stay sealed."""

    id: int
    platform: str
    name: str
    site: str | None
    site_slug: str | None
    sandbox: bool
    enabled: bool
    succeeded_at: datetime | None
    failed_at: datetime | None
    last_error: str
    free_at: datetime | None
    held_until: datetime | None
    opened_at: datetime | None
    waiting: int
    sending: int
    dead: int
    uncertain: int

    @property
    def in_line(self) -> int:
        return self.waiting + self.sending

    @property
    def failed_last(self) -> bool:
        """Whether the newest that is known of it is a failure."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.failed_at > self.succeeded_at


COLUMNS = (
    "id", "platform", "name", "site__name", "site__slug", "sandbox", "enabled",
    "succeeded_at", "failed_at", "last_error", "gate__free_at", "gate__held_until", "gate__opened_at",
)  # fmt: skip
COUNTED = (
    DeliveryState.WAITING,
    DeliveryState.SENDING,
    DeliveryState.DEAD,
    DeliveryState.UNCERTAIN,
)


def insist_configures(by: Actor) -> None:
    if not access.may(by, "configure"):
        raise NotPermitted(ONLY_ADMINISTRATORS)


def listed(*, by: Actor) -> tuple[ConnectionRow, ...]:
    """Every connection by name, in one statement; monday.com comes before PagerDuty."""
    insist_configures(by)
    return tuple(rows_of(Connection.objects.order_by(Lower("name"), "pk")))


def row(connection_id: int, *, by: Actor) -> ConnectionRow:
    """How one stands."""
    insist_configures(by)
    found = next(rows_of(Connection.objects.filter(pk=connection_id)), None)
    if found is None:
        raise NotFound("There is no such connection.")
    return found


def rows_of(connections: QuerySet[Connection]) -> Iterator[ConnectionRow]:
    counts = {f"{state.value}_count": counted(state) for state in COUNTED}
    found: QuerySet[Any, Sequence[Any]] = connections.annotate(**counts).values_list(
        *COLUMNS, *counts
    )
    return (ConnectionRow(*columns) for columns in found)


def counted(state: DeliveryState) -> Coalesce:
    """Deliveries of each connection in that state, by the index of what is not done."""
    mine = Delivery.objects.filter(connection=OuterRef("pk"), state=state).order_by()
    return Coalesce(Subquery(mine.values("connection").values(found=Count("pk"))), 0)


def whole(connection_id: int, *, by: Actor) -> Connection:
    """The connection with its settings, for who may change them, and as it was ``seen``."""
    insist_configures(by)
    found = Connection.objects.select_related("site").filter(pk=connection_id).first()
    if found is None:
        raise NotFound("There is no such connection.")
    found.seen = facts(found)
    return found


def facts(connection: Connection) -> dict[str, Any]:
    """What people may change of it."""
    return {name: getattr(connection, name) for name in CHANGEABLE}


def keep(connection: Connection, *, by: Actor, at: datetime) -> Connection:
    """Make a connection, or change one."""
    insist_configures(by)
    was_called = (connection.seen or {}).get("name")
    others = Connection.objects.exclude(pk=connection.pk).filter(name__iexact=connection.name)
    if connection.name != was_called and others.exists():
        raise Refused.about("name", TAKEN)
    with refusing(TAKEN, "name"):
        connection.full_clean(exclude=["settings"])
        with transaction.atomic():
            store(connection, at=at)
    return connection


def store(connection: Connection, *, at: datetime) -> None:
    """Save it unless somebody was faster. Of another account nothing is known yet; what is on again is told
    only what is still to be told.
    """
    was = Connection.objects.select_for_update().filter(pk=connection.pk).first()
    if was and connection.seen not in (None, facts(was)):
        raise Stale("Somebody changed it since you looked. Load it again.")
    connection.save(update_fields=CHANGEABLE if was else None)
    if was and (was.settings, was.sandbox) != (connection.settings, connection.sandbox):
        Connection.objects.filter(pk=was.pk).update(**UNTRIED)
        gates.note_answer(was.pk)
    if was and connection.enabled and not was.enabled:
        let_go(connection, at)


def let_go(connection: Connection, at: datetime) -> None:
    """What was opened and settled while it was off: each would cost it a request's time for nothing."""
    waiting = Delivery.objects.filter(connection=connection, state=DeliveryState.WAITING)
    opened = waiting.filter(operation=Operation.CREATE, attempts=0)
    settled = opened.exclude(case__status__in=OPEN_STATUSES).values_list("case", flat=True)
    waiting.filter(case__in=settled).update(
        state=DeliveryState.SUPERSEDED,
        done_at=at,
        reason=f"It was settled while {connection} was switched off."[:500],
    )


@transaction.atomic
def switch(connection_id: int, *, on: bool, by: Actor, at: datetime) -> Connection:
    """Disconnect: nothing is sent until it is switched on again. What waits keeps waiting."""
    found = whole(connection_id, by=by)
    found.enabled = on
    store(found, at=at)
    return found
