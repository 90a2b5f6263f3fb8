"""Stands in for Salesforce's Case and CaseComment records, with the upsert by External ID."""

from typing import Any

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.platforms.salesforce import Config
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    change,
    keep,
    known,
    need,
    note,
    row,
)
from connectors.words import ORDER
from exceptions_app.models import Connection

DATA = "services/data/v59.0"
MOVES = {"solve": "resolved", "wait": "waiting", "reopen": "in_progress"}
LONGEST_SUBJECT, LONGEST_COMMENT = 255, 4000  # characters, bytes


def limits(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"DailyApiRequests": {"Max": 100_000, "Remaining": 99_998}})


def upsert(call: Call, connection: Connection, field: str, value: str) -> Answer:
    check(call)
    if field in call.body or "Id" in call.body:
        raise Refusal(400, f"The {field} field should not be specified in the sobject data.")
    data = {**call.body, field: value}
    id_of = "500{:015d}".format
    record, new = keep(call, connection, data, key=f"{field}={value}", external_id=id_of)
    change(call, record, data)
    body = {"id": record.external_id, "success": True, "created": new, "errors": []}
    return Answer(201 if new else 200, body)


def update(call: Call, connection: Connection, id: str) -> Answer:
    check(call)
    change(call, known(connection, id), call.body)
    return Answer(204, {})


def look(call: Call, connection: Connection, id: str) -> Answer:
    record = known(connection, id)
    attributes = {"type": "Case", "url": f"/{DATA}/sobjects/Case/{id}"}
    return Answer(200, {"attributes": attributes, "Id": id, **record.data})


def annotate(call: Call, connection: Connection) -> Answer:
    need(call.body, "ParentId")
    text = str(call.body.get("CommentBody", ""))
    if len(text.encode()) > LONGEST_COMMENT:
        raise Refusal(400, "Comment Body: data value too large (max length=4000)")
    written = note(call, known(connection, call.body["ParentId"]), text)
    return Answer(201, {"id": f"00a{written.pk:015d}", "success": True, "errors": []})


def check(call: Call) -> None:
    if len(str(call.body.get("Subject", ""))) > LONGEST_SUBJECT:
        raise Refusal(400, "Subject: data value too large (max length=255)")


def refused(status: int, why: str) -> list[Any]:
    code = {401: "INVALID_SESSION_ID", 404: "NOT_FOUND"}.get(status, "INVALID_FIELD")
    return [{"message": why, "errorCode": code}]


def show(record: SandboxRecord) -> RecordRow:
    data, apart = record.data, {"Subject", "Description", "Status"}
    facts = {name: value for name, value in data.items() if name not in apart}
    text = str(data.get("Description", ""))
    return row(record, data["Subject"], state=str(data["Status"]), text=text, facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    if act == "comment":
        id = f"00a{record.notes.count():015d}"
        return {"Id": id, "ParentId": record.external_id, "CommentBody": text}
    names = Config.read(record.connection.settings).statuses.split(",")
    record.data["Status"] = names[ORDER.index(MOVES[act])]
    at = record.changed_at.isoformat()
    return {"Id": record.external_id, "Status": record.data["Status"], "SystemModstamp": at}


stand = Stand(
    routes=(
        Route("GET", f"{DATA}/limits", limits),
        Route("PATCH", f"{DATA}/sobjects/Case/{{field}}/{{value}}", upsert),
        Route("PATCH", f"{DATA}/sobjects/Case/{{id}}", update),
        Route("GET", f"{DATA}/sobjects/Case/{{id}}", look),
        Route("POST", f"{DATA}/sobjects/CaseComment", annotate),
    ),
    refused=refused,
    show=show,
    does_there=("solve", "wait", "comment", "reopen"),
    event=event,
    example_id="500Ws00000ABCDEIA4",
)
