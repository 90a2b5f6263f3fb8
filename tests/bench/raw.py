"""The database without Django: the floors that are SQL."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection

from tests.bench.figures import middle

ROWS = """
SELECT c.id, c.number, c.title, c.severity, c.status, c.exception_type, c.reference, c.customer_name, c.tier, c.value,
       c.promised_at, c.opened_at, c.due_at, c.breached, c.waiting_for, c.repeats, c.version, s.name, t.name, u.username
FROM exceptions_app_case c JOIN exceptions_app_site s ON s.id = c.site_id
LEFT JOIN exceptions_app_team t ON t.id = c.team_id LEFT JOIN exceptions_app_user u ON u.id = c.assignee_id
WHERE c.id = ANY(%s)
"""
# What acknowledging writes: the case, its entry, its clock, and what is owed to two platforms.
CHANGE = (
    "UPDATE exceptions_app_case SET status = 'acknowledged', acknowledged_at = now(), version = version + 1, "
    "changed_at = now() WHERE id = %s",
    "INSERT INTO exceptions_app_entry (case_id, seq, at, recorded_at, verb, actor_kind, actor_id, actor_name, data, "
    "xact, data_digest, previous, digest) VALUES (%s, 0, now(), now(), 'case.acknowledged', 'system', 'bench', 'Bench', "
    "'{}', 0, '', '', '')",
    "UPDATE exceptions_app_clock SET stopped_at = now(), next_at = NULL WHERE case_id = %s AND kind = 'acknowledge'",
    "INSERT INTO exceptions_app_delivery (id, position, case_id, connection_id, operation, key, text, state, reason, "
    "owed_at, due_at, token, attempts) SELECT gen_random_uuid(), nextval('exceptions_app_delivery_positions'), case_id, "
    "connection_id, 'update', gen_random_uuid(), '', 'waiting', '', now(), now(), 0, 0 FROM exceptions_app_link "
    "WHERE case_id = %s",
)


def server() -> psycopg.Connection[Any]:
    given = connection.get_connection_params()
    wanted = {
        name: value for name, value in given.items() if name not in {"cursor_factory", "context"}
    }
    return psycopg.connect(**wanted, autocommit=True)


def rows(shown: Iterable[Sequence[int]]) -> float:
    """The same rows by their ids, in ms."""
    seconds = []
    with server() as database:
        for ids in shown:
            began = time.perf_counter()
            database.execute(ROWS, (list(ids),)).fetchall()
            seconds.append(time.perf_counter() - began)
    return middle(seconds)


def changes(ids: Iterable[int]) -> float:
    """The writes of a status change in one transaction, in ms."""
    seconds = []
    with server() as database:
        for pk in ids:
            began = time.perf_counter()
            with database.transaction():
                for statement in CHANGE:
                    database.execute(statement, (pk,))
            seconds.append(time.perf_counter() - began)
    return middle(seconds)
