"""Uploaded files: kept, tried on their first rows, started, watched, cancelled and forgotten (I4).

``feeding`` does the work, in a worker.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused
from exceptions_app.intake import tables
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.models import ImportProblem, TableImport
from exceptions_app.intake.reading import Row
from exceptions_app.intake.replay import settle_in
from exceptions_app.intake.saving import columns_of
from exceptions_app.intake.trial import Tried, tried
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.models import Source
from exceptions_app.vocabulary import ImportMode, ImportState, Outcome

VERB = "send_signals"
LARGEST = 200 * 1024 * 1024
KEPT = timedelta(days=7)
SUFFIXES = (".csv", ".csv.gz")
SHOWN_ROWS, TRIED_ROWS = 8, 100


class Head(NamedTuple):
    """What a file begins with."""

    columns: list[str]
    rows: list[Row]


class TriedRow(NamedTuple):
    """A row of the dry run: its number, what it refused, and the signals it would send."""

    number: int
    wrong: dict[str, str]
    signals: list[Tried]


def insist(by: Actor) -> None:
    if not access.may_somewhere(by, VERB):
        access.insist(by, VERB)


def visible(by: Actor) -> QuerySet[TableImport]:
    """Those of the sites one sends signals for; one not yet started only its uploader sees."""
    insist(by)
    rows = TableImport.objects.select_related("by", "site")
    return rows.filter(access.scope(by, verb=VERB, team="") | Q(by=by.user_id))


def one(import_id: UUID, *, by: Actor) -> TableImport:
    found = visible(by).filter(pk=import_id).first()
    if found is None:
        raise NotFound("There is no such import, or it is for a site that is not yours.")
    return found


def upload(name: str, file: IO[Any], size: int, *, by: Actor, at: datetime) -> TableImport:
    """Keep a file and look at its head; nothing is taken in yet."""
    insist(by)
    if by.user_id is None:
        raise NotPermitted("Files are uploaded by people. A program posts to the API.")
    suffix = next((one for one in SUFFIXES if name.lower().endswith(one)), None)
    if suffix is None:
        raise Refused("Choose a CSV file.", {"file": "Its name must end in .csv or .csv.gz."})
    if size > LARGEST:
        raise Refused("The file is too large.", {"file": "Must be at most 200 MB; gzip it."})
    key = uuid4()
    kept = default_storage.save(f"imports/{key}{suffix}", File(file))
    made = TableImport(
        pk=key, name=name[-200:], file=kept, size=size, uploaded_at=at, by_id=by.user_id
    )
    try:
        if not head(made).columns:
            raise_empty()
    except Refused as refusal:
        default_storage.delete(kept)
        raise Refused.about("file", str(refusal)) from None
    made.save(force_insert=True)
    return made


def raise_empty() -> None:
    raise Refused("The file is empty.")


def path(of: TableImport) -> Path:
    if not of.file:
        raise NotAllowedNow("The file was deleted after seven days. Upload it again.")
    return Path(default_storage.path(of.file))


def head(of: TableImport) -> Head:
    return Head(*tables.head(path(of), SHOWN_ROWS))


def dry_run(of: TableImport, mapping: ColumnMapping, *, by: Actor, at: datetime) -> list[TriedRow]:
    """What would become of the first rows; refuses a mapping that is not for this file."""
    rows: list[tuple[int, dict[str, str], list[dict[str, Any]]]] = []
    for number, read in islice(enumerate(tables.rows(path(of), mapping), start=2), TRIED_ROWS):
        try:
            rows.append((number, {}, list(mapping.signals(read))))
        except Refused as refusal:
            rows.append((number, refusal.fields, []))
    made = [one for *_, some in rows for one in some]
    results = iter(tried(made, by=by, zone=mapping.zone, at=at))
    return [
        TriedRow(number, wrong, list(islice(results, len(some)))) for number, wrong, some in rows
    ]


def counts(rows: list[TriedRow]) -> dict[str, int]:
    """Of a dry run: signals by outcome, and rows that were refused."""
    found = {outcome.value: 0 for outcome in Outcome}
    for row in rows:
        for signal in row.signals:
            found[signal.outcome.value] += 1
    return found | {"rows": len(rows), "bad_rows": sum(bool(row.wrong) for row in rows)}


def start(import_id: UUID, name: str, mode: str, *, by: Actor, at: datetime) -> TableImport:
    """Let a worker take the file in, by this mapping as it is now."""
    found, mapping = one(import_id, by=by), columns_of(name, by=by)
    if mode not in ImportMode.values:
        raise Refused("Choose how to take it in.", {"mode": "Choose history or live."})
    tables.insist_on_columns(mapping, head(found).columns)
    source = settled(mapping, by, at=at)
    access.insist(by, VERB, site_id=source.site_id)
    if mode == ImportMode.HISTORY and source.site_id is None:
        raise Refused(
            "History needs a site.", {"mode": f"The source “{source}” has no site of its own."}
        )
    began = TableImport.objects.filter(pk=found.pk, state=ImportState.UPLOADED).update(
        state=ImportState.RUNNING,
        mapping=mapping.name,
        document=dict(mapping.document),
        mode=mode,
        site=source.site_id,
        by=by.user_id,
        started_at=at,
    )
    if not began:
        raise NotAllowedNow("It was started before.")
    return one(import_id, by=by)


def settled(mapping: ColumnMapping, by: Actor, *, at: datetime) -> Source:
    """The mapping's source; one that is not there yet is made, with its site, for who may."""
    found = Source.objects.filter(slug=mapping.source).first()
    if found is None:
        access.insist(by, "configure")
        settle_in(mapping, at=at)
        found = Source.objects.get(slug=mapping.source)
    return found


def cancel(import_id: UUID, *, by: Actor, at: datetime) -> None:
    """Stop it; what was taken stays."""
    found = one(import_id, by=by)
    if found.site_id is not None:
        access.insist(by, VERB, site_id=found.site_id)
    open_states = (ImportState.UPLOADED, ImportState.RUNNING)
    stopped = TableImport.objects.filter(pk=found.pk, state__in=open_states)
    if not stopped.update(state=ImportState.CANCELLED, ended_at=at):
        raise NotAllowedNow("It has ended already.")


def problems(of: TableImport, most: int | None = None) -> Iterator[tuple[int, str, str]]:
    """The rows that were refused, by their number."""
    rows = ImportProblem.objects.filter(of=of).order_by("row", "pk")[:most]
    return rows.values_list("row", "field", "reason").iterator()


def refused_rows(of: TableImport) -> tuple[str, Iterator[Sequence[str | int]]]:
    """How its cells are parted, and the refused rows as they were, as long as the file is here."""
    try:
        there = path(of)
    except NotAllowedNow:
        return ",", chain([("row", "column", "reason")], problems(of))
    return tables.delimiter(there), tables.refused_rows(there, problems(of))


def resume(import_id: UUID, *, by: Actor) -> None:
    """Go on with one that was cancelled, from where it stood."""
    found = one(import_id, by=by)
    if found.site_id is not None:
        access.insist(by, VERB, site_id=found.site_id)
    path(found)
    again = ImportState.RUNNING if found.started_at else ImportState.UPLOADED
    cancelled = TableImport.objects.filter(pk=found.pk, state=ImportState.CANCELLED)
    if not cancelled.update(state=again, ended_at=None, tries=0, leased_until=None):
        raise NotAllowedNow("It was not cancelled.")


def forget(at: datetime) -> int:
    """Delete files a week after they came; what is known of the import stays."""
    old = TableImport.objects.exclude(file="").filter(uploaded_at__lt=at - KEPT)
    count = 0
    for gone in old.exclude(state=ImportState.RUNNING):
        default_storage.delete(gone.file)
        spool_path(gone).unlink(missing_ok=True)
        TableImport.objects.filter(pk=gone.pk).update(file="")
        count += 1
    return count


def spool_path(of: TableImport) -> Path:
    return Path(default_storage.path(f"imports/{of.pk}.spool"))
