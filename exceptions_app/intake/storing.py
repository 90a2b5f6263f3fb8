"""The statements of the intake: what is stored already, the subjects locked or made, the signals put away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS
from django.db.models import DateTimeField

from exceptions_app.asking import asked, ids
from exceptions_app.intake.items import Placed, SubjectKey
from exceptions_app.subjects.knowing import instant
from exceptions_app.subjects.models import Receipt, Signal, Subject
from exceptions_app.vocabulary import OPEN_STATUSES
from exceptions_app.writing import put

#: A source and its own name for a signal.
Name = tuple[int, str]
HEARD = (
    "source", "external_id", "type", "subject", "occurred_at", "received_at", "digest", "body", "receipt",
    "position",
)  # fmt: skip
#: What is stored, and what was refused and waits, under these names.
KNOWN = """
    SELECT source_id, external_id, digest, NULL::bigint FROM exceptions_app_signal
    WHERE (source_id, external_id) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
    UNION ALL
    SELECT k.source_id, r.external_id, '', r.id
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS k(source_id, source, external_id)
    JOIN exceptions_app_refusedsignal r ON r.source = k.source AND r.external_id = k.external_id
    WHERE r.settled_at IS NULL AND r.receipt_id IS NOT NULL
"""
CASES = """
    SELECT id FROM exceptions_app_case WHERE subject_id = ANY(%s) AND status = ANY(%s) ORDER BY id FOR UPDATE
"""
IDS = """
    SELECT nextval((SELECT pg_get_serial_sequence('exceptions_app_subject', 'id'))::regclass)
    FROM generate_series(1, %s)
"""
FIELDS = Subject._meta.concrete_fields
TIMES = {place for place, field in enumerate(FIELDS) if isinstance(field, DateTimeField)}
#: Times as text: Python reads that ten times faster than the driver makes times of Django's.
COLUMNS = ", ".join(
    f"s.{field.column}::text" if place in TIMES else f"s.{field.column}"
    for place, field in enumerate(FIELDS)
)
LOCKED = f"""
    SELECT {COLUMNS} FROM exceptions_app_subject s
    JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS k(site_id, kind, reference)
      ON s.site_id = k.site_id AND s.kind = k.kind AND s.reference = k.reference
    ORDER BY s.site_id, s.kind, s.reference FOR UPDATE OF s
"""  # noqa: S608 - names of ours
NAMES = [field.attname for field in FIELDS]
KEY = ("site_id", "kind", "reference")
#: What nothing is known of; whatever is learnt takes the place of the empty documents.
UNKNOWN = {field.attname: field.get_default() for field in FIELDS}
DOCUMENTS = [
    place for place, field in enumerate(FIELDS) if field.get_internal_type() == "JSONField"
]


def digests(placed: Iterable[Placed]) -> tuple[dict[Name, str], dict[Name, list[int]]]:
    """What is stored already under these names, and the ids of what was refused under them and waits."""
    named = {one.name: one.signal.source for one in placed}
    sources, names = ids(source for source, _ in named), [name for _, name in named]
    stored: dict[Name, str] = {}
    waiting: dict[Name, list[int]] = {}
    for source, name, digest, refused_id in asked(
        KNOWN, [sources, names, sources, list(named.values()), names]
    ):
        if refused_id is None:
            stored[source, name] = digest
        else:
            waiting.setdefault((source, name), []).append(refused_id)
    return stored, waiting


def locked_subjects(keys: Sequence[SubjectKey]) -> dict[SubjectKey, Subject]:
    """Those that exist, locked in one order for everybody."""
    sites, kinds, references = zip(*sorted(keys), strict=True)
    found = {}
    for row in asked(LOCKED, [ids(sites), list(kinds), list(references)]):
        values = list(row)
        for place in DOCUMENTS:
            values[place] = orjson.loads(values[place])
        for place in TIMES:
            values[place] = instant(values[place])
        subject = Subject.from_db(DEFAULT_DB_ALIAS, NAMES, values)
        found[(subject.site_id, subject.kind, subject.reference)] = subject
    return found


def open_cases_of(subject_ids: Iterable[int]) -> list[int]:
    """The ids of their cases that are not settled, locked in one order for everybody."""
    return [
        pk for (pk,) in asked(CASES, [ids(subject_ids), [status.value for status in OPEN_STATUSES]])
    ]


def new_subjects(opened: Sequence[tuple[SubjectKey, datetime]]) -> dict[SubjectKey, Subject]:
    """Subjects with ids of their own, not stored yet."""
    if not opened:
        return {}
    free = asked(IDS, [len(opened)])
    return {
        key: new_subject({**UNKNOWN, "id": pk, **dict(zip(KEY, key, strict=True)), "opened_at": at})
        for (pk,), (key, at) in zip(free, opened, strict=True)
    }


def new_subject(values: Mapping[str, Any]) -> Subject:
    """By place, which takes Django a third of the time that names take it."""
    by_place: Any = Subject  # Django's types know its fields by name only
    made: Subject = by_place(*values.values())
    return made


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
