"""The clocks' pass over a million open subjects of which a thousand are due, and over few: the due must cost, not the open."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from config.management.commands.runclocks import MOST, until_idle
from exceptions_app.detection.watch import look_again
from exceptions_app.models import Case
from tests.bench import crowd, raw
from tests.bench.figures import Figure, timed

if TYPE_CHECKING:
    from tests.bench.__main__ import Asked

DUE, AIM = 1_000, 2_000.0
SUBJECTS = """
INSERT INTO exceptions_app_subject (site_id, team_id, kind, reference, label, customer, tier, value, attributes, reports,
    said_at, {more} promised_at, opened_at, ended_at, last_signal_at, next_look_at, imported)
SELECT (%(sites)s::bigint[])[1 + n %% array_length(%(sites)s::bigint[], 1)], NULL, 'order', 'W-' || n, '',
    '{{"name": "José Núñez"}}', 'gold', 129.5, '{{}}', '{{}}', '{{}}', {values} due, %(now)s - interval '3 days', NULL,
    %(now)s - interval '1 day', due, false
FROM (SELECT n, %(now)s + (60 + n %% 40000) * interval '1 minute' AS due FROM generate_series(%(first)s, %(last)s) n) rolled
"""
PROMISES = """
INSERT INTO exceptions_app_promise (subject_id, promised_at, said_at, reason)
SELECT id, promised_at, opened_at, '' FROM exceptions_app_subject WHERE reference LIKE 'W-%%'
"""
STEPS = """
INSERT INTO exceptions_app_milestone ({columns})
SELECT {values} FROM exceptions_app_subject WHERE reference LIKE 'W-%%'
"""
CHOOSE = """
SELECT id FROM exceptions_app_subject WHERE reference IN (SELECT 'W-' || n FROM generate_series(%s, %s) n)
"""
DUE_NOW = (
    "UPDATE exceptions_app_subject SET promised_at = %s, next_look_at = %s WHERE id = ANY(%s)",
    "UPDATE exceptions_app_promise SET promised_at = %s WHERE subject_id = ANY(%s)",
)
#: What the floor reads and writes: the due rows with what hangs on them, their next look, and a case for each.
READ = (
    "SELECT * FROM exceptions_app_subject WHERE NOT imported AND next_look_at <= now() ORDER BY next_look_at LIMIT 1000 FOR UPDATE SKIP LOCKED",
    "SELECT * FROM exceptions_app_milestone WHERE subject_id = ANY(%(ids)s)",
    "SELECT * FROM exceptions_app_promise WHERE subject_id = ANY(%(ids)s)",
)
WRITE = (
    "UPDATE exceptions_app_subject SET next_look_at = NULL WHERE id = ANY(%(ids)s)",
    "CREATE TEMP TABLE IF NOT EXISTS floor_case (LIKE exceptions_app_case INCLUDING DEFAULTS INCLUDING INDEXES)",
    "INSERT INTO floor_case SELECT c.* FROM exceptions_app_case c ORDER BY id LIMIT 1000",
)


def measure(asked: "Asked") -> list[Figure]:
    sites = crowd.settle().sites
    most = 100_000 if asked.quick else 1_000_000
    figures, there, rounds = [], 0, asked.rounds(5)
    # Each comes due once: of one that did before, the case is told and none opens.
    for turn, size in enumerate((10_000, most)):
        fill(sites, there, size)
        seconds = [passed((turn * rounds + n) * DUE, DUE) for n in range(rounds)]
        floors = {"SQL": floor(2 * rounds * DUE)} if size == most else {}
        name = f"{DUE:,} due of {size:,} open subjects"
        figures.append(timed("watch", name, seconds, floors=floors, target=AIM))
        there = size
    idle = [looked() for _ in range(asked.rounds(50))]
    return [*figures, timed("watch", f"none due of {most:,} open subjects", idle)]


def fill(sites: Sequence[int], there: int, size: int) -> None:
    """Open orders, each promised and to be shipped; none is due for an hour."""
    given: dict[str, Any] = {
        "sites": list(sites),
        "first": there + 1,
        "last": size,
        "now": datetime.now(UTC),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(SUBJECTS.format(**unknown("exceptions_app_subject", KNOWN)), given)
        for table in ("promise", "milestone"):
            cursor.execute(f"TRUNCATE exceptions_app_{table}")
        cursor.execute(PROMISES)
        columns = {
            "subject_id": "id",
            "name": "'shipped'",
            "expected_at": "promised_at",
            "reported_at": "opened_at",
        }
        cursor.execute(STEPS.format(columns=", ".join(columns), values=", ".join(columns.values())))
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(
            "VACUUM ANALYZE exceptions_app_subject, exceptions_app_promise, exceptions_app_milestone"
        )


#: Columns that SUBJECTS fills by itself; a new one that must be filled gets an empty JSON object.
KNOWN = [
    "site_id",
    "team_id",
    "kind",
    "reference",
    "label",
    "customer",
    "tier",
    "value",
    "attributes",
    "reports",
    "said_at",
    "promised_at",
    "opened_at",
    "ended_at",
    "last_signal_at",
    "next_look_at",
    "imported",
    "id",
]


def unknown(table: str, known: Sequence[str]) -> dict[str, str]:
    """Other columns of a table that must not be empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'NO'",
            [table],
        )
        empty = {"jsonb": "'{}'", "character varying": "''", "boolean": "false"}
        more = {name: empty.get(kind, "0") for name, kind in cursor.fetchall() if name not in known}
    return {
        "more": "".join(f"{name}, " for name in more),
        "values": "".join(f"{value}, " for value in more.values()),
    }


def passed(first: int, count: int) -> float:
    """Seconds of the clocks from so many subjects coming due to their cases."""
    come_due(first, count)
    # So many at once are an event besides, which is about no subject.
    opened = Case.objects.filter(subject__isnull=False)
    before = opened.count()
    took = looked()
    if opened.count() - before != count:
        raise RuntimeError(f"{opened.count() - before} cases for {count} subjects that were due.")
    return took


def come_due(first: int, count: int) -> list[int]:
    """Their promise was for a moment ago."""
    moment = datetime.now(UTC) - timedelta(seconds=1)
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE, [first + 1, first + count])
        ids = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(DUE_NOW[0], [moment, moment, ids])
        cursor.execute(DUE_NOW[1], [moment, ids])
    return ids


def looked() -> float:
    now = datetime.now(UTC)
    began = time.perf_counter()
    until_idle(lambda: look_again(now, limit=MOST)[0])
    return time.perf_counter() - began


def floor(first: int) -> float:
    """The same rows read and written by bare statements in one transaction, in ms."""
    ids = come_due(first, DUE)
    with raw.server() as server:
        server.execute(WRITE[1])
        began = time.perf_counter()
        with server.transaction():
            for statement in READ:
                server.execute(
                    statement, {"ids": ids} if "%(ids)s" in statement else None
                ).fetchall()
            for statement in WRITE[::2]:
                server.execute(statement, {"ids": ids} if "%(ids)s" in statement else None)
        return (time.perf_counter() - began) * 1000
