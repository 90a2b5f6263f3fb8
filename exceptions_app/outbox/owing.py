"""Owing something outside: a row in the same transaction as the change that made it necessary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from exceptions_app.outbox.models import Delivery, Withheld
from exceptions_app.vocabulary import Operation


@dataclass(frozen=True)
class Owed:
    """One operation on one connection; ``key`` names the intent, and the same intent is owed once."""

    case_id: int
    connection_id: int
    operation: Operation
    key: str
    text: str = ""


def owe(
    case_id: int,
    connection_id: int,
    operation: Operation,
    *,
    at: datetime,
    key: str,
    text: str = "",
) -> None:
    owe_many([Owed(case_id, connection_id, operation, key, text)], at=at)


def owe_many(owed: Iterable[Owed], *, at: datetime) -> None:
    """Write the rows in order; an intent already owed is left as it is."""
    rows = list(owed)
    if not rows:
        return
    positions = next_positions(len(rows))
    Delivery.objects.bulk_create(
        (
            Delivery(
                position=position,
                case_id=one.case_id,
                connection_id=one.connection_id,
                operation=one.operation,
                key=one.key,
                text=one.text,
                owed_at=at,
                due_at=at,
            )
            for position, one in zip(positions, rows, strict=True)
        ),
        ignore_conflicts=True,
    )


def withhold(owed: Iterable[Owed], *, at: datetime) -> None:
    """Keep what would be owed, were its case not in quarantine."""
    rows = [
        Withheld(
            case_id=one.case_id,
            connection_id=one.connection_id,
            operation=one.operation,
            key=one.key,
            text=one.text,
            at=at,
        )
        for one in owed
    ]
    if rows:
        Withheld.objects.bulk_create(rows, ignore_conflicts=True)


def next_positions(count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('exceptions_app_delivery_positions') FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]
