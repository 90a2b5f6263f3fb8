"""A stand-in as a value: which requests it takes, how it refuses, and how a record looks to people there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection as database

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call, alone, record_of, signed_in
from exceptions_app.models import Connection


class Refusal(Exception):
    """The stand-in says no, as the vendor would: a status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


#: What a route does: the call, whose account it is, and the parts of the path in braces.
Does = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """``Route("PUT", "api/v2/tickets/{id}", change)``; a part in braces is whatever is between slashes."""

    method: str
    pattern: str
    does: Does

    def parts(self, call: Call) -> tuple[str, ...] | None:
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(self.pattern))
        found = re.fullmatch(pattern, call.path.rstrip("/")) if call.method == self.method else None
        return found.groups() if found else None


@dataclass(frozen=True)
class NoteRow:
    at: datetime
    what: str
    text: str


@dataclass(frozen=True)
class RecordRow:
    """A ticket, message, alert or mail. ``facts`` are the platform's own fields."""

    anchor: str
    account: str
    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[NoteRow, ...]
    at: datetime
    case_id: int | None
    case_number: str
    text: str = ""
    state: str = ""
    pk: int = 0


@dataclass(frozen=True, kw_only=True)
class Stand:
    """``refused`` gives the body of a refusal. ``does_there`` names what people may do to a record there
    (``"solve"``, ``"comment"``, ``"reopen"`` …), and ``event`` gives the body of the webhook that the
    platform then sends, having changed ``record.data``, with the number and time that the vendor gives each
    of its calls (``happened``); the connector's Inbound declaration signs it.
    ``example_id`` is what ids of records look like there, and ``example_answer`` what samples are answered
    where one request needs the answer to another.
    """

    routes: tuple[Route, ...]
    refused: Callable[[int, str], Json | list[Any]]
    show: Callable[[SandboxRecord], RecordRow]
    account: Callable[[Call], Connection | None] = signed_in
    does_there: tuple[str, ...] = ()
    event: Callable[[SandboxRecord, str, str], Any] | None = None
    status_refused: int = 401
    own: Callable[[Call], Answer] | None = None
    example_id: str = "EX-1042"
    example_answer: Json = field(default_factory=dict)

    def answer(self, call: Call) -> Answer:
        if self.own:
            return self.own(call)
        for route in self.routes:
            parts = route.parts(call)
            if parts is not None:
                return self._done(call, route, parts)
        return Answer(404, self.refused(404, "There is nothing here."))

    def _done(self, call: Call, route: Route, parts: tuple[str, ...]) -> Answer:
        connection = self.account(call)
        if connection is None:
            return Answer(self.status_refused, self.refused(401, "The sign-in is not known."))
        try:
            return route.does(call, connection, *parts)
        except Refusal as refusal:
            return Answer(refusal.status, self.refused(refusal.status, refusal.why))


# --- What stand-ins do -----------------------------------------------------------------------


def keep(
    call: Call,
    connection: Connection,
    data: Json,
    *,
    key: str = "",
    external_id: Callable[[int], str] = str,
) -> tuple[SandboxRecord, bool]:
    """A new record, and True; or the one that has this key already, and False."""
    if key:
        alone(connection, key)
        if found := SandboxRecord.objects.filter(connection=connection, key=key).first():
            return found, False
    pk = next_id()
    given = {"data": data, "key": key, "created_at": call.at, "changed_at": call.at}
    made = {"pk": pk, "external_id": external_id(pk), "connection": connection}
    return SandboxRecord.objects.create(**made, **given), True


def next_id() -> int:
    """That of the next record, which its id over there is made of."""
    with database.cursor() as cursor:
        named = [SandboxRecord._meta.db_table, "id"]
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", named)
        (pk,) = cursor.fetchone()
    return int(pk)


def known(connection: Connection, external_id: str) -> SandboxRecord:
    """The record of that id, locked; refused with 404 if there is none."""
    found = record_of(connection, external_id)
    if found is None:
        raise Refusal(404, "The record was not found.")
    return found


def change(call: Call, record: SandboxRecord, data: Json) -> None:
    """Keep what is given, over what was there."""
    record.data |= data
    record.changed_at = call.at
    record.save()


def note(call: Call, record: SandboxRecord, text: str, what: str = "Comment") -> SandboxNote:
    if record.changed_at != call.at:
        record.changed_at = call.at
        record.save()
    return SandboxNote.objects.create(record=record, at=call.at, what=what, text=text)


def happened(record: SandboxRecord) -> int:
    """When somebody did it there, in milliseconds; vendors that number or date their calls use it."""
    return int(record.changed_at.timestamp() * 1000)


def need(body: Json, *names: str) -> None:
    """Refuse with 400 what the vendor insists on and does not get."""
    if missing := [name for name in names if body.get(name) in (None, "")]:
        raise Refusal(400, f"{', '.join(missing)} is missing")


def row(
    record: SandboxRecord,
    title: str,
    *names: str,
    state: str = "",
    text: str = "",
    spelled: Callable[[str], str] = str,
    facts: Json | None = None,
) -> RecordRow:
    """As people see it; ``names`` are fields of the record shown as they are, ``facts`` come after them."""
    number = getattr(record, "case_number", None)
    shown = {name: record.data.get(name) for name in names} | (facts or {})
    return RecordRow(
        anchor=record.external_id,
        account=record.connection.name,
        title=title,
        facts=tuple((name, str(value)) for name, value in shown.items() if value not in (None, "")),
        notes=tuple(NoteRow(one.at, one.what, spelled(one.text)) for one in record.notes.all()),
        at=record.created_at,
        case_id=getattr(record, "case_id", None),
        case_number=f"EX-{number}" if number else "",
        text=text,
        state=state,
        pk=record.pk,
    )
