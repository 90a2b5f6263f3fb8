"""Stands in for Zendesk's ticket API, with its idempotency keys."""

from datetime import timedelta
from uuid import UUID

from connectors.kit import Json
from connectors.models import SandboxRecord, SandboxReply
from connectors.sandbox.calls import Answer, Call, alone, as_object
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

KEPT = timedelta(hours=2)
STATUSES = {"new", "open", "pending", "hold", "solved", "closed"}
FIELDS = (
    "subject",
    "status",
    "priority",
    "type",
    "due_at",
    "external_id",
    "tags",
    "assignee_email",
    "via_followup_source_id",
)
THERE = {"solve": "solved", "reopen": "open", "wait": "pending"}


def create(call: Call, connection: Connection) -> Answer:
    key = call.headers.get("Idempotency-Key", "")[:255]
    if not key:
        return Answer(201, created(call, connection))
    alone(connection, key)
    replies = SandboxReply.objects.filter(connection=connection, key=key, at__gt=call.at - KEPT)
    if before := replies.first():
        if before.digest != call.digest:
            told = "Idempotency key has been used with different parameters"
            return Answer(400, {"error": "IdempotentRequestError", "description": told})
        return Answer(201, before.body, {"x-idempotency-lookup": "hit"})
    body = created(call, connection)
    replies.create(connection=connection, key=key, digest=call.digest, body=body, at=call.at)
    return Answer(201, body, {"x-idempotency-lookup": "miss"})


def created(call: Call, connection: Connection) -> Json:
    if not says(call):
        raise Refusal(422, "Comment: is missing")
    data = {"status": "new"} | given(call)
    if source := data.get("via_followup_source_id"):
        before = known(connection, str(source))
        if before.data["status"] != "closed":
            raise Refusal(422, "A follow-up can only be created for a closed ticket")
    record, _ = keep(call, connection, data)
    annotate(call, record)
    return {"ticket": shown(record), "audit": {"ticket_id": record.pk}}


def change(call: Call, connection: Connection, number: str) -> Answer:
    record = known(connection, number)
    before, after = record.data["status"], given(call).get("status", record.data["status"])
    if before == "closed":
        raise Refusal(422, "Status: closed prevents ticket update")
    if after not in STATUSES or (after == "new" and before != "new"):
        raise Refusal(422, f"Status: {after} is not valid for this ticket")
    keep_changes(call, record, given(call))
    annotate(call, record)
    return Answer(200, {"ticket": shown(record), "audit": {"ticket_id": record.pk}})


def look_up(call: Call, connection: Connection) -> Answer:
    asks = call.query.get("external_id")
    wanted = {"data__external_id": asks} if asks else {}
    found = SandboxRecord.objects.filter(connection=connection, **wanted)[:100]
    return Answer(200, {"tickets": [shown(record) for record in found]})


def read(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, {"ticket": shown(known(connection, number))})


def given(call: Call) -> Json:
    body = as_object(call.body.get("ticket"))
    return {name: body[name] for name in FIELDS if name in body}


def says(call: Call) -> Json:
    said = as_object(as_object(call.body.get("ticket")).get("comment"))
    return said if said.get("body") else {}


def annotate(call: Call, record: SandboxRecord) -> None:
    if said := says(call):
        what = "Public reply" if said.get("public", True) else "Internal note"
        note(call, record, str(said["body"]), what)


def shown(record: SandboxRecord) -> Json:
    address = f"https://{record.connection.settings.get('subdomain')}.zendesk.com"
    return {
        "id": record.pk,
        "url": f"{address}/api/v2/tickets/{record.pk}.json",
        "requester_id": 1,
        "submitter_id": 1,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.changed_at.isoformat(),
        **record.data,
    }


def refused(status: int, why: str) -> Json:
    if status == 401:
        return {"error": "Couldn't authenticate you"}
    if status == 404:
        name = "RecordNotFound" if "record" in why else "InvalidEndpoint"
        return {"error": name, "description": "Not found"}
    details = {"base": [{"description": why, "error": "InvalidValue"}]}
    return {"error": "RecordInvalid", "description": "Record validation errors", "details": details}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    kind = "comment_added"
    news: Json = {"comment": {"body": text, "author": {"name": "Tom"}}}
    if act != "comment":
        kind = "status_changed"
        news = {"previous": record.data["status"].upper(), "current": THERE[act].upper()}
        record.data["status"] = THERE[act]
    detail = {"id": record.external_id, "status": record.data["status"].upper()}
    of = {"type": f"zen:event-type:ticket.{kind}", "subject": f"zen:ticket:{record.external_id}"}
    of |= {"id": str(UUID(int=happened(record))), "time": record.changed_at.isoformat()}
    return {**of, "detail": detail, "event": news}


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    facts = {"assignee": data.get("assignee_email"), "tags": ", ".join(data.get("tags", []))}
    names = ("priority", "type", "due_at", "external_id")
    title = f"#{record.pk} {data.get('subject', '')}"
    return row(record, title, *names, state=data["status"], facts=facts)


stand = Stand(
    routes=(
        Route("POST", "api/v2/tickets", create),
        Route("POST", "api/v2/tickets.json", create),
        Route("GET", "api/v2/tickets", look_up),
        Route("GET", "api/v2/tickets/{id}", read),
        Route("PUT", "api/v2/tickets/{id}", change),
    ),
    refused=refused,
    show=look,
    does_there=("solve", "comment", "reopen", "wait"),
    event=event,
    example_id="35436",
)
