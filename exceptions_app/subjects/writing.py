"""Writing many rows at once: one JSON document in, one statement out.

Django's ``bulk_create`` turns every value into SQL by itself; at a thousand signals that costs six times
what PostgreSQL needs to store them.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model


def insert(
    rows: Sequence[Model], names: Sequence[str], *, conflict: str = "", returning: str = "id"
) -> list[tuple[Any, ...]]:
    """Insert in the order given; ``conflict`` follows ON CONFLICT. What RETURNING gives comes back."""
    if not rows:
        return []
    fields = columns(rows[0], names)
    listed = ", ".join(quoted(field) for field in fields)
    upsert = f" ON CONFLICT {conflict}" if conflict else ""
    return run(
        f"INSERT INTO {table(rows[0])} ({listed}) SELECT {listed} FROM {recordset(fields)}"  # noqa: S608 - names of ours
        f"{upsert} RETURNING {returning}",
        rows,
        fields,
    )


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Set these columns of each row, found by its id."""
    if not rows:
        return
    fields = columns(rows[0], names)
    sets = ", ".join(f"{quoted(field)} = r.{quoted(field)}" for field in fields)
    of = recordset(columns(rows[0], ["id", *names]))
    run(
        f"UPDATE {table(rows[0])} t SET {sets} FROM {of} WHERE t.id = r.id RETURNING t.id",  # noqa: S608
        rows,
        columns(rows[0], ["id", *names]),
    )


def columns(row: Model, names: Iterable[str]) -> list["Field[Any, Any]"]:
    return [cast("Field[Any, Any]", row._meta.get_field(name)) for name in names]


def table(row: Model) -> str:
    return connection.ops.quote_name(row._meta.db_table)


def quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def recordset(fields: Iterable["Field[Any, Any]"]) -> str:
    typed = ", ".join(f"{quoted(field)} {field.rel_db_type(connection)}" for field in fields)
    return f"jsonb_to_recordset(%s::jsonb) AS r({typed})"


def run(
    sql: str, rows: Iterable[Model], fields: Sequence["Field[Any, Any]"]
) -> list[tuple[Any, ...]]:
    names = [(field.column, field.attname) for field in fields]
    document = json.dumps(
        [{column: getattr(row, name) for column, name in names} for row in rows], default=plain
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [document])
        return list(cursor.fetchall())


def plain(value: Any) -> str:
    """Times and amounts as PostgreSQL reads them."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
