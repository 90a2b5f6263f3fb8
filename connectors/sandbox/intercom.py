"""Stands in for Intercom's conversations: begun by a contact, carried on by a teammate's notes."""

from connectors.kit import Json
from connectors.models import SandboxRecord
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

BECOMES = {"close": "closed", "open": "open", "snoozed": "snoozed"}
ACTS = {"solve": "closed", "reopen": "opened", "snooze": "snoozed", "comment": "noted"}


def me(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"type": "admin", "id": "991267643", "name": "Flagstand"})


def begin(call: Call, connection: Connection) -> Answer:
    need(call.body, "from", "body")
    begun = {"subject": call.body.get("subject", ""), "body": call.body["body"], "state": "open"}
    record, _ = keep(call, connection, begun, external_id="2154738{:08d}".format)
    message = {"type": "user_message", "id": f"4031{record.pk}", "message_type": "inapp"}
    at = int(call.at.timestamp())
    kept = {"created_at": at, "body": begun["body"], "conversation_id": record.external_id}
    return Answer(200, message | kept)


def look(call: Call, connection: Connection, id: str) -> Answer:
    return Answer(200, shown(known(connection, id)))


def search(call: Call, connection: Connection) -> Answer:
    asked = call.body.get("query", {})
    if (asked.get("field"), asked.get("operator")) != ("source.subject", "^"):
        raise Refusal(400, "Unsupported query")
    every = SandboxRecord.objects.filter(connection=connection)
    found = every.filter(data__subject__startswith=asked.get("value", ""))
    listed = [shown(record) for record in found[:20]]
    pages = {"type": "pages", "page": 1, "per_page": 20, "total_pages": 1}
    body = {"type": "conversation.list", "conversations": listed, "pages": pages}
    return Answer(200, body | {"total_count": len(listed)})


def reply(call: Call, connection: Connection, id: str) -> Answer:
    need(call.body, "message_type", "admin_id")
    record = known(connection, id)
    files = ", ".join(str(one["name"]) for one in call.body.get("attachment_files", []))
    note(call, record, f"{call.body.get('body', '')} {files}".strip(), "Note")
    return Answer(200, shown(record))


def part(call: Call, connection: Connection, id: str) -> Answer:
    need(call.body, "message_type", "admin_id")
    record = known(connection, id)
    if call.body["message_type"] == "snoozed":
        need(call.body, "snoozed_until")
    change(call, record, {"state": BECOMES[call.body["message_type"]]})
    return Answer(200, shown(record))


def shown(record: SandboxRecord) -> Json:
    data = record.data
    parts = [
        {"type": "conversation_part", "id": str(one.pk), "part_type": "note", "body": one.text}
        for one in record.notes.all()
    ]
    return {
        "type": "conversation",
        "id": record.external_id,
        "state": data["state"],
        "open": data["state"] == "open",
        "source": {"type": "conversation", "subject": data["subject"], "body": data["body"]},
        "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts},
    }


def refused(status: int, why: str) -> Json:
    code = {401: "unauthorized", 404: "not_found"}.get(status, "parameter_invalid")
    return {"type": "error.list", "errors": [{"code": code, "message": why}]}


def show(record: SandboxRecord) -> RecordRow:
    data = record.data
    return row(record, data["subject"], state=data["state"], text=data["body"])


def event(record: SandboxRecord, act: str, text: str) -> Json:
    what = ACTS[act]
    if act != "comment":
        record.data["state"] = what.replace("opened", "open")
    said = f"<p>{text}</p>" if act == "comment" else None
    author = {"type": "admin", "id": "814860", "name": "Ana Silva", "email": "ana@example.com"}
    spoken = {"type": "conversation_part", "part_type": what, "body": said, "author": author}
    item = shown(record)
    item["conversation_parts"]["conversation_parts"] = [spoken]
    at = happened(record)
    told = {
        "type": "notification_event",
        "topic": f"conversation.admin.{what}",
        "id": f"notif_{at}",
    }
    data = {"type": "notification_event_data", "item": item}
    return told | {"created_at": at // 1000, "delivery_attempts": 1, "data": data}


stand = Stand(
    routes=(
        Route("GET", "me", me),
        Route("POST", "conversations", begin),
        Route("POST", "conversations/search", search),
        Route("GET", "conversations/{id}", look),
        Route("POST", "conversations/{id}/reply", reply),
        Route("POST", "conversations/{id}/parts", part),
    ),
    refused=refused,
    show=show,
    does_there=tuple(ACTS),
    event=event,
    example_id="215473840934085",
)
