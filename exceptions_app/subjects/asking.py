"""Statements that are sent as they are, again and again: PostgreSQL plans each once per connection.

Behind a pooler that gives every transaction another connection, it has to know prepared statements
(PgBouncer does from 1.21 on).
"""

from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

Cursor: Any = ServerBindingCursor  # its types know nothing of psycopg's
#: From this many times on.
OFTEN = 3


def asked(sql: str, given: Any = None, *, answers: bool = True) -> list[tuple[Any, ...]]:
    """What a statement gives back; without ``answers`` there is nothing to read."""
    connection.ensure_connection()
    wire = connection.connection
    if wire.prepare_threshold is None:
        wire.prepare_threshold = OFTEN
    # Django's own wrapper, so that errors and counted queries are those of any other statement.
    ours: Any = connection
    with ours._prepare_cursor(Cursor(wire)) as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall()) if answers else []
