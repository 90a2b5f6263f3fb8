"""Stands in for Pipedrive's activities (v2) and the notes (v1) of the organization or deal they are about."""

import re

from connectors.kit import Json
from connectors.markup import as_text
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    change,
    happened,
    keep,
    known,
    need,
    note,
    row,
)
from exceptions_app.models import Connection

ABOUT = ("org_id", "deal_id", "person_id", "lead_id", "project_id")


def me(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"success": True, "data": {"id": 16505, "name": "Flagstand"}})


def listed(call: Call, connection: Connection) -> Answer:
    wanted = {f"data__{name}": int(call.query[name]) for name in ABOUT if name in call.query}
    order = "-id" if call.query.get("sort_direction") == "desc" else "id"
    found = SandboxRecord.objects.filter(connection=connection, **wanted).order_by(order)[:500]
    return Answer(200, {"success": True, "data": [shown(record) for record in found]})


def create(call: Call, connection: Connection) -> Answer:
    record, _ = keep(call, connection, {"done": False, **call.body})
    return Answer(200, {"success": True, "data": shown(record)})


def look(call: Call, connection: Connection, id: str) -> Answer:
    return Answer(200, {"success": True, "data": shown(known(connection, id))})


def update(call: Call, connection: Connection, id: str) -> Answer:
    record = known(connection, id)
    change(call, record, call.body)
    return Answer(200, {"success": True, "data": shown(record)})


def annotate(call: Call, connection: Connection) -> Answer:
    """The note is the organization's; it is shown with the activity whose number it names."""
    need(call.body, "content")
    if not any(name in call.body for name in ABOUT):
        raise Refusal(400, "At least one of lead_id, deal_id, person_id, org_id is required")
    number = re.search(r">([A-Z]+-\d+)<", call.body["content"])
    about = SandboxRecord.objects.filter(connection=connection)
    record = about.filter(data__subject__startswith=f"{number[1]} ").first() if number else None
    if record is None:
        raise Refusal(404, "Nobody knows what this note is about")
    written = note(call, record, call.body["content"], "Note")
    return Answer(200, {"success": True, "data": {"id": written.pk, **call.body}})


def notes(call: Call, connection: Connection) -> Answer:
    order = "-id" if call.query.get("sort") == "id DESC" else "id"
    found = SandboxNote.objects.filter(record__connection=connection).order_by(order)[:500]
    data = [{"id": one.pk, "content": one.text} for one in found]
    return Answer(200, {"success": True, "data": data})


def shown(record: SandboxRecord) -> Json:
    return {"id": record.pk, "add_time": record.created_at.isoformat(), **record.data}


def refused(status: int, why: str) -> Json:
    return {"success": False, "error": why}


def show(record: SandboxRecord) -> RecordRow:
    data, state = record.data, "done" if record.data["done"] else "to do"
    names = ("type", "due_date", "due_time", "priority", *ABOUT)
    text = as_text(data.get("note", ""))
    return row(record, data["subject"], *names, state=state, text=text, spelled=as_text)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    before = (
        {"note": record.data.get("note")} if act == "comment" else {"done": record.data["done"]}
    )
    record.data |= {"note": f"<p>{text}</p>"} if act == "comment" else {"done": act == "solve"}
    named = {"entity": "activity", "entity_id": record.external_id, "action": "change"}
    meta = {
        **named,
        "id": f"{record.pk}-{happened(record)}",
        "change_source": "app",
        "version": "2.0",
    }
    return {"meta": meta, "data": shown(record), "previous": before}


stand = Stand(
    routes=(
        Route("GET", "v1/users/me", me),
        Route("GET", "api/v2/activities", listed),
        Route("POST", "api/v2/activities", create),
        Route("GET", "api/v2/activities/{id}", look),
        Route("PATCH", "api/v2/activities/{id}", update),
        Route("GET", "v1/notes", notes),
        Route("POST", "v1/notes", annotate),
    ),
    refused=refused,
    show=show,
    does_there=("solve", "comment", "reopen"),
    event=event,
    example_id="8093",
)
