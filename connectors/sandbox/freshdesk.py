"""Stands in for Freshdesk's ticket API: numbers must be numbers, and tags are what is searched."""

import re
from html import unescape

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, keep, known, need, note, row
from connectors.sandbox.stand import change as keep_changes
from exceptions_app.models import Connection

FIELDS = {"subject", "description", "email", "tags", "status", "priority", "due_by", "fr_due_by"}
FIELDS |= {"type", "group_id", "responder_id"}
STATUSES = {2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed"}
THERE = {"solve": 4, "reopen": 2, "wait": 3}


def me(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"id": 1, "contact": {"name": "Flagstand"}})


def create(call: Call, connection: Connection) -> Answer:
    need(call.body, "subject", "description", "status", "priority", "email")
    record, _ = keep(call, connection, sound(call.body))
    return Answer(201, shown(record))


def change(call: Call, connection: Connection, number: str) -> Answer:
    record = known(connection, number)
    keep_changes(call, record, sound(call.body))
    return Answer(200, shown(record))


def sound(body: Json) -> Json:
    if unknown := body.keys() - FIELDS:
        raise Refusal(400, f"Unexpected/invalid field in request: {', '.join(sorted(unknown))}")
    for name in ("status", "priority"):
        if not isinstance(body.get(name, 2), int):
            raise Refusal(400, f"{name}: it should be an Integer")
    return body


def read(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, shown(known(connection, number)))


def annotate(call: Call, connection: Connection, number: str) -> Answer:
    record = known(connection, number)
    need(call.body, "body")
    private = call.body.get("private", True)
    said = note(call, record, str(call.body["body"]), "Private note" if private else "Public note")
    body = {"id": said.pk, "ticket_id": record.pk, "body": said.text, "private": private}
    return Answer(201, body)


def search(call: Call, connection: Connection) -> Answer:
    asked = re.fullmatch(r"\"tag:'([^']*)'\"", call.query.get("query", ""))
    if asked is None:
        raise Refusal(400, "Given query is invalid")
    found = SandboxRecord.objects.filter(connection=connection, data__tags__contains=asked[1])
    return Answer(200, {"total": len(found), "results": [shown(record) for record in found]})


def shown(record: SandboxRecord) -> Json:
    times = {"created_at": record.created_at, "updated_at": record.changed_at}
    return {"id": record.pk, **record.data, **{k: at.isoformat() for k, at in times.items()}}


def refused(status: int, why: str) -> Json:
    error = {"field": why.partition(":")[0], "message": why, "code": "invalid_value"}
    return {"description": why, "errors": [error]} if status == 400 else {"message": why}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    told = {"ticket_id": record.pk, "ticket_latest_private_comment": text}
    if act != "comment":
        record.data["status"] = THERE[act]
        told = {"ticket_id": record.pk, "ticket_status": STATUSES[THERE[act]]}
    return {"freshdesk_webhook": told}


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    facts = {"tags": ", ".join(data["tags"])}
    state, text = STATUSES.get(data["status"], "Custom"), plain(data["description"])
    names = ("priority", "type", "due_by", "group_id", "email")
    return row(record, data["subject"], *names, state=state, text=text, spelled=plain, facts=facts)


def plain(text: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", text.replace("<br>", "\n")))


stand = Stand(
    routes=(
        Route("GET", "api/v2/agents/me", me),
        Route("POST", "api/v2/tickets", create),
        Route("GET", "api/v2/tickets/{id}", read),
        Route("PUT", "api/v2/tickets/{id}", change),
        Route("POST", "api/v2/tickets/{id}/notes", annotate),
        Route("GET", "api/v2/search/tickets", search),
    ),
    refused=refused,
    show=look,
    does_there=("solve", "comment", "reopen", "wait"),
    event=event,
    example_id="35436",
)
