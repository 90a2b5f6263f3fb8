"""Stands in for Zoho Desk's tickets, comments and files: fields that it does not know are refused."""

import re
from html import escape, unescape

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    happened,
    keep,
    known,
    note,
    row,
)
from connectors.sandbox.stand import change as keep_changes
from exceptions_app.models import Connection

FIELDS = {"subject", "description", "departmentId", "contact", "contactId", "priority", "status"}
FIELDS |= {"dueDate", "resolution", "channel", "category", "assigneeId"}
TYPES = {"On Hold": "On Hold", "Closed": "Closed"}
CODES = {401: "INVALID_OAUTH", 404: "URL_NOT_FOUND", 422: "INVALID_DATA"}
THERE = {"close": "Closed", "reopen": "Open", "wait": "On Hold"}


def newest(call: Call, connection: Connection) -> Answer:
    found = SandboxRecord.objects.filter(connection=connection)[:1]
    return Answer(200, {"data": [shown(record) for record in found]})


def create(call: Call, connection: Connection) -> Answer:
    given = sound(call)
    if not given.get("departmentId") or not (given.get("contactId") or given.get("contact")):
        raise Refusal(422, "departmentId and contactId are missing")
    record, _ = keep(call, connection, {"status": "Open"} | given)
    return Answer(200, shown(record))


def change(call: Call, connection: Connection, number: str) -> Answer:
    record = known(connection, number)
    keep_changes(call, record, sound(call))
    return Answer(200, shown(record))


def read(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, shown(known(connection, number)))


def comment(call: Call, connection: Connection, number: str) -> Answer:
    record, public = known(connection, number), call.body.get("isPublic", False)
    text = str(call.body.get("content", ""))
    said = note(call, record, text, "Public comment" if public else "Private comment")
    kind, at = call.body.get("contentType", "html"), call.at.isoformat()
    body = {"content": text, "contentType": kind, "isPublic": public, "commentedTime": at}
    return Answer(200, {"id": str(said.pk), "commenterId": "1", **body})


def attach(call: Call, connection: Connection, number: str) -> Answer:
    record, name = known(connection, number), as_object(call.body.get("files")).get("file")
    if not name:
        raise Refusal(422, "file is missing")
    kept = note(call, record, str(name), "Attachment")
    href = f"https://desk.zoho.com/api/v1/tickets/{number}/attachments/{kept.pk}"
    body = {"id": str(kept.pk), "name": name, "size": "1024", "creatorId": "1", "isPublic": False}
    return Answer(
        200, {**body, "createdTime": call.at.isoformat(), "href": href, "previewurl": href}
    )


def sound(call: Call) -> Json:
    if unknown := call.body.keys() - FIELDS:
        raise Refusal(422, f"An extra parameter is found: {', '.join(sorted(unknown))}")
    return call.body


def shown(record: SandboxRecord) -> Json:
    times = {"createdTime": record.created_at, "modifiedTime": record.changed_at}
    web = f"https://desk.zoho.com/support/sandbox/ShowHomePage.do#Cases/dv/{record.pk}"
    known_by = {"id": str(record.pk), "ticketNumber": str(record.pk), "webUrl": web}
    kind = {"statusType": TYPES.get(record.data["status"], "Open"), "contactId": "1"}
    return {**known_by, **kind, **record.data, **{k: at.isoformat() for k, at in times.items()}}


def refused(status: int, why: str) -> Json:
    if status == 422:
        errors = [{"fieldName": "/", "errorType": "invalid", "errorMessage": why}]
        return {"errorCode": "INVALID_DATA", "message": why, "errors": errors}
    return {"errorCode": CODES.get(status, "BAD_REQUEST"), "message": why}


def event(record: SandboxRecord, act: str, text: str) -> list[Json]:
    at = str(happened(record))
    if act == "comment":
        content = {"content": f"<div>{escape(text)}<br></div>", "contentType": "html"}
        said = {"ticketId": record.external_id, "commenter": {"name": "Tom"}}
        return [{"eventType": "Ticket_Comment_Add", "eventTime": at, "payload": said | content}]
    before = {"statusType": "Closed" if act == "reopen" else "Open"}
    record.data["status"] = THERE[act]
    now = {"id": record.external_id, "status": THERE[act], "statusType": THERE[act]}
    told = {"eventType": "Ticket_Update", "eventTime": at}
    return [{**told, "payload": now, "prevState": before}]


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    text = unescape(re.sub(r"<[^>]+>", "", data["description"].replace("<br>", "\n")))
    names, facts = ("priority", "dueDate", "resolution"), {"contact": data["contact"]["email"]}
    return row(record, data["subject"], *names, state=data["status"], text=text, facts=facts)


PATH = "api/v1/tickets"
stand = Stand(
    routes=(
        Route("GET", PATH, newest),
        Route("POST", PATH, create),
        Route("GET", PATH + "/{id}", read),
        Route("PATCH", PATH + "/{id}", change),
        Route("POST", PATH + "/{id}/comments", comment),
        Route("POST", PATH + "/{id}/attachments", attach),
    ),
    refused=refused,
    show=look,
    does_there=("close", "comment", "reopen", "wait"),
    event=event,
    example_id="1892000000042034",
)
