"""Writing many rows at once: one JSON document in, one statement out.

Django's ``bulk_create`` turns every value into SQL by itself; at a thousand signals that costs six times
what PostgreSQL needs to store them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Field, Model

from exceptions_app.asking import asked

Row = Mapping[str, Any]


def insert(
    rows: Sequence[Model], names: Sequence[str], *, conflict: str = "", returning: str = "id"
) -> list[tuple[Any, ...]]:
    """Insert in the order given; ``conflict`` follows ON CONFLICT. What RETURNING gives comes back."""
    if not rows:
        return []
    kind = type(rows[0])
    return put(kind, names, documents(rows, kind, names), conflict=conflict, returning=returning)


def put(
    kind: type[Model],
    names: Sequence[str],
    rows: Iterable[Row],
    *,
    conflict: str = "",
    returning: str = "",
) -> list[tuple[Any, ...]]:
    """The same of rows that are no models: each by the names of its columns, which are all of ``names``."""
    sql = inserting(kind, tuple(names), conflict, returning)
    return run(sql, list(rows), answers=bool(returning))


def update(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Set these columns of each row, found by its id."""
    if rows:
        kind = type(rows[0])
        run(updating(kind, tuple(names)), documents(rows, kind, ("id", *names)), answers=False)


@lru_cache(maxsize=64)
def inserting(kind: type[Model], names: tuple[str, ...], conflict: str, returning: str) -> str:
    fields = columns(kind, names)
    listed = ", ".join(quoted(field) for field in fields)
    upsert = f" ON CONFLICT {conflict}" if conflict else ""
    back = f" RETURNING {returning}" if returning else ""
    return (
        f"INSERT INTO {table(kind)} ({listed}) SELECT {listed} FROM {recordset(fields)}"  # noqa: S608 - names of ours
        f"{upsert}{back}"
    )


@lru_cache(maxsize=64)
def updating(kind: type[Model], names: tuple[str, ...]) -> str:
    sets = ", ".join(f"{quoted(field)} = r.{quoted(field)}" for field in columns(kind, names))
    of = recordset(columns(kind, ("id", *names)))
    return f"UPDATE {table(kind)} t SET {sets} FROM {of} WHERE t.id = r.id"  # noqa: S608 - names of ours


def columns(kind: type[Model], names: Iterable[str]) -> list["Field[Any, Any]"]:
    return [cast("Field[Any, Any]", kind._meta.get_field(name)) for name in names]


def table(kind: type[Model]) -> str:
    return connection.ops.quote_name(kind._meta.db_table)


def quoted(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def recordset(fields: Iterable["Field[Any, Any]"]) -> str:
    typed = ", ".join(f"{quoted(field)} {field.rel_db_type(connection)}" for field in fields)
    return f"jsonb_to_recordset(%s::jsonb) AS r({typed})"


def documents(rows: Iterable[Model], kind: type[Model], names: Iterable[str]) -> list[Row]:
    of = [(str(field.column), field.attname) for field in columns(kind, names)]
    return [{column: getattr(row, name) for column, name in of} for row in rows]


def run(sql: str, rows: Sequence[Row], *, answers: bool) -> list[tuple[Any, ...]]:
    return asked(sql, [dumped(rows)], answers=answers)


def dumped(document: Any) -> str:
    """JSON as PostgreSQL reads it; a number too large for orjson is written by Python."""
    try:
        return orjson.dumps(document, default=plain).decode()
    except TypeError:
        return json.dumps(document, default=plain)


def plain(value: Any) -> str:
    """Times, amounts and ids as PostgreSQL reads them; whatever else is a mistake, and not to be kept."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    raise TypeError(f"A {type(value).__name__} cannot be written down.")
