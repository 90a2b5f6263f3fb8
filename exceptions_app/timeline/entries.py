"""Writing and checking the timeline; ``record`` and ``record_many`` are the only way in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from exceptions_app.asking import asked, ids
from exceptions_app.timeline.models import Entry
from exceptions_app.writing import insert

if TYPE_CHECKING:
    from exceptions_app.people.access import Actor

Hook = Callable[[Sequence[Entry]], None]

#: Called inside the transaction, after the entries are written; wired in ``config/apps.py``.
recorded: list[Hook] = []
#: Called once the transaction has committed; wired in ``config/apps.py``.
committed: list[Hook] = []


#: What we say of it; the database adds the rest.
SAID = ("case", "verb", "actor_kind", "actor_id", "actor_name", "at", "data")


@dataclass(frozen=True)
class New:
    """An entry to be written."""

    case_id: int
    verb: str
    by: "Actor"
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


def record(
    case_id: int,
    verb: str,
    *,
    by: "Actor",
    at: datetime,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    return record_many([New(case_id, verb, by, at, data or {})])[0]


def record_many(entries: Iterable[New]) -> list[Entry]:
    """Append entries in the order given; the database numbers and chains them per case."""
    rows = [
        Entry(
            case_id=new.case_id,
            verb=new.verb,
            actor_kind=new.by.kind,
            actor_id=new.by.id,
            actor_name=new.by.name,
            at=new.at,
            data=dict(new.data),
        )
        for new in entries
    ]
    if rows:
        for row, (pk,) in zip(rows, insert(rows, SAID), strict=True):
            row.pk, row._state.adding = pk, False
        for hook in recorded:
            hook(rows)
        transaction.on_commit(lambda: [hook(rows) for hook in committed])
    return rows


ANNOUNCE = """
    SELECT pg_notify('desk', format('{"x":%%s,"c":[[%%s,%%s,%%s]]}',
        pg_snapshot_xmin(pg_current_snapshot()), id, site_id, coalesce(team_id::text, 'null')))
    FROM exceptions_app_case WHERE id = ANY(%s)
"""


def announce(*case_ids: int) -> None:
    """Let open pages look again on commit at cases of which nothing new is recorded."""
    if case_ids:
        asked(ANNOUNCE, [ids(case_ids)], answers=False)


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold."""

    case_id: int
    seq: int
    reason: str


BREAKS = """
    SELECT case_id, seq,
           CASE WHEN seq <> before_seq + 1 THEN 'an entry before it is missing'
                WHEN previous <> before_digest THEN 'it does not follow the entry before it'
                WHEN data_digest <> sha256(convert_to(data::text, 'UTF8')) THEN 'its data were changed'
                ELSE 'it was changed' END
    FROM (SELECT e.*, coalesce(lag(e.seq) OVER w, 0) AS before_seq,
                 coalesce(lag(e.digest) OVER w, ''::bytea) AS before_digest,
                 flagstand_entry_digest(e) AS expected
          FROM exceptions_app_entry e
          WHERE %(case)s::bigint IS NULL OR e.case_id = %(case)s::bigint
          WINDOW w AS (PARTITION BY e.case_id ORDER BY e.seq)) chained
    WHERE seq <> before_seq + 1 OR previous <> before_digest OR digest <> expected
       OR data_digest <> sha256(convert_to(data::text, 'UTF8'))
    ORDER BY case_id, seq LIMIT 100
"""


#: A chain cannot miss its own end; the case can, if the entry removed there had changed it.
ENDS = """
    SELECT c.id, coalesce(max(e.seq), 0) + 1, 'it is missing, though the case was changed by it'
    FROM exceptions_app_case c LEFT JOIN exceptions_app_entry e ON e.case_id = c.id
    WHERE %(case)s::bigint IS NULL OR c.id = %(case)s::bigint
    GROUP BY c.id HAVING c.version > coalesce(max((e.data->>'version')::bigint), 0)
    ORDER BY c.id LIMIT 100
"""


def verify(case_id: int | None = None) -> list[Break]:
    """Recompute the chain of one case or of all; the first hundred places where it does not hold.

    At the very end, a removed change of the case shows; a comment, a clock or a delivery does not.
    """
    found: list[Break] = []
    with connection.cursor() as cursor:
        for sql in (BREAKS, ENDS):
            cursor.execute(sql, {"case": case_id})
            found += [Break(*row) for row in cursor.fetchall()]
    return found[:100]


def now_seen() -> int:
    """A mark such that entries written from now on are all at or after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
