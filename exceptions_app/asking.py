"""Statements that are sent as they are, again and again: PostgreSQL plans each once per connection.

Behind a pooler that gives every transaction another connection, it has to know prepared statements
(PgBouncer does from 1.21 on).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.db.backends.postgresql.base import ServerBindingCursor

Cursor: Any = ServerBindingCursor  # its types know nothing of psycopg's
#: What says that the database is away; it may be there again by the next statement.
AWAY = (OperationalError, InterfaceError)
#: From this many times on.
OFTEN = 3


def asked(sql: str, given: Any = None, *, answers: bool = True) -> list[tuple[Any, ...]]:
    """What a statement gives back; without ``answers`` there is nothing to read."""
    wire = usable()
    if wire.prepare_threshold is None:
        wire.prepare_threshold = OFTEN
    # Django's own wrapper, so that errors and counted queries are those of any other statement.
    ours: Any = connection
    with ours._prepare_cursor(Cursor(wire)) as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall()) if answers else []


def ids(given: Iterable[int]) -> str:
    """A list of them as PostgreSQL reads it, for which the driver takes ten times as long."""
    return f"{{{','.join(map(str, given))}}}"


@contextmanager
def together() -> Iterator[None]:
    """What is asked in here without answers is sent at once, and waited for once, at the end.

    Python writes the next statement while PostgreSQL works on the one before. What fails is raised at the
    end, or by the next that has answers; nothing in here may catch that and go on.
    """
    wire = usable()
    with connection.wrap_database_errors, wire.pipeline():
        yield


def usable() -> Any:
    """The connection; a new one if the database was started anew since the last request, as Django has it."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection.connection
