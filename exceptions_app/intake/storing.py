"""The statements of the intake: what is stored already, the subjects locked or made, the signals put away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from exceptions_app.intake.items import Placed, SubjectKey
from exceptions_app.subjects.models import Receipt, Signal, Subject
from exceptions_app.subjects.writing import put

#: A source spoke; nobody needs that to the second, and posts of one source need not wait for each other.
LATELY = timedelta(seconds=2)
HEARD = (
    "source", "external_id", "type", "subject", "occurred_at", "received_at", "digest", "body", "receipt",
    "position",
)  # fmt: skip
KNOWN = """
    SELECT source_id, external_id, digest FROM exceptions_app_signal
    WHERE (source_id, external_id) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
"""
LOCKED = """
    SELECT {columns} FROM exceptions_app_subject s
    JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS k(site_id, kind, reference)
      ON s.site_id = k.site_id AND s.kind = k.kind AND s.reference = k.reference
    ORDER BY s.site_id, s.kind, s.reference FOR UPDATE OF s
"""
IDS = """
    SELECT nextval(pg_get_serial_sequence('exceptions_app_subject', 'id')) FROM generate_series(1, %s)
"""
SPOKE = """
    UPDATE exceptions_app_source SET last_signal_at = %(at)s
    WHERE id = ANY(%(ids)s) AND (last_signal_at IS NULL OR last_signal_at < %(before)s)
"""
FIELDS = Subject._meta.concrete_fields
COLUMNS = ", ".join(f"s.{field.column}" for field in FIELDS)
NAMES = [field.attname for field in FIELDS]
KEY = ("site_id", "kind", "reference")
#: What nothing is known of; whatever is learnt takes the place of the empty documents.
UNKNOWN = {field.attname: field.get_default() for field in FIELDS}
DOCUMENTS = [
    place for place, field in enumerate(FIELDS) if field.get_internal_type() == "JSONField"
]


def asked(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def digests(placed: Iterable[Placed]) -> dict[tuple[int, str], str]:
    """What is stored already under these names."""
    names = list({one.name for one in placed})
    rows = asked(KNOWN, [[source for source, _ in names], [name for _, name in names]])
    return {(source, name): digest for source, name, digest in rows}


def locked_subjects(keys: Sequence[SubjectKey]) -> dict[SubjectKey, Subject]:
    """Those that exist, locked in one order for everybody."""
    given: list[list[Any]] = [list(column) for column in zip(*sorted(keys), strict=True)]
    found = {}
    for row in asked(LOCKED.format(columns=COLUMNS), given):
        values = list(row)
        for place in DOCUMENTS:
            values[place] = orjson.loads(values[place])
        subject = Subject.from_db(connection.alias, NAMES, values)
        found[(subject.site_id, subject.kind, subject.reference)] = subject
    return found


def new_subjects(opened: Sequence[tuple[SubjectKey, datetime]]) -> dict[SubjectKey, Subject]:
    """Subjects with ids of their own, not stored yet."""
    if not opened:
        return {}
    ids = asked(IDS, [len(opened)])
    return {
        key: new_subject({**UNKNOWN, "id": pk, **dict(zip(KEY, key, strict=True)), "opened_at": at})
        for (pk,), (key, at) in zip(ids, opened, strict=True)
    }


def new_subject(values: Mapping[str, Any]) -> Subject:
    """By place, which takes Django a third of the time that names take it."""
    return Subject(*values.values())


def put_signals(fresh: Iterable[Placed], receipt: Receipt, at: datetime) -> None:
    """In one order for everybody, so that two posts of the same signals meet and do not deadlock."""
    rows = [
        {
            "source_id": one.place.source_id,
            "external_id": one.signal.external_id,
            "type": one.signal.type,
            "subject_id": one.subject_id,
            "occurred_at": one.signal.occurred_at,
            "received_at": at,
            "digest": one.signal.digest,
            "body": one.signal.body,
            "receipt_id": receipt.pk,
            "position": one.item.index,
        }
        for one in sorted(fresh, key=lambda one: one.name)
    ]
    if rows:
        put(Signal, HEARD, rows)


def signals_of(receipt: Receipt, subject_ids: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the signals that a post brought about these subjects."""
    rows = Signal.objects.filter(subject__in=list(subject_ids), receipt=receipt).order_by("pk")
    heard: dict[int, list[int]] = {}
    for pk, subject_id in rows.values_list("pk", "subject_id"):
        heard.setdefault(subject_id, []).append(pk)
    return heard


def spoke(source_ids: Iterable[int], at: datetime) -> None:
    """Note that these sources spoke."""
    given = {"ids": list(source_ids), "at": at, "before": at - LATELY}
    with connection.cursor() as cursor:
        cursor.execute(SPOKE, given)
