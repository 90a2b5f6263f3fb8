"""Stands in for Zendesk's ticket API, with its idempotency keys."""

from datetime import timedelta

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord, SandboxReply
from connectors.sandbox.calls import Answer, Call, alone, as_object, record_of, signed_in
from connectors.sandbox.stand import RecordRow, Stand, row
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
)
NOT_FOUND = Answer(404, {"error": "RecordNotFound", "description": "Not found"})


def answer(call: Call) -> Answer:
    connection = signed_in(call)
    if connection is None:
        return Answer(401, {"error": "Couldn't authenticate you"})
    match call.method, call.path.removesuffix(".json").split("/"):
        case "POST", ["api", "v2", "tickets"]:
            return create(call, connection)
        case "GET", ["api", "v2", "tickets"]:
            asks = call.query.get("external_id")
            wanted = {"data__external_id": asks} if asks else {}
            found = SandboxRecord.objects.filter(connection=connection, **wanted)[:100]
            return Answer(200, {"tickets": [shown(record) for record in found]})
        case "GET", ["api", "v2", "tickets", number]:
            record = record_of(connection, number)
            return Answer(200, {"ticket": shown(record)}) if record else NOT_FOUND
        case "PUT", ["api", "v2", "tickets", number]:
            record = record_of(connection, number)
            return change(call, record) if record else NOT_FOUND
    return Answer(404, {"error": "InvalidEndpoint", "description": "Not found"})


def create(call: Call, connection: Connection) -> Answer:
    key = call.headers.get("Idempotency-Key", "")[:255]
    if not key:
        return Answer(201, created(call, connection)) if says(call) else invalid("Comment")
    alone(connection, key)
    before = SandboxReply.objects.filter(
        connection=connection, key=key, at__gt=call.at - KEPT
    ).first()
    if before and before.digest != call.digest:
        told = "Idempotency key has been used with different parameters"
        return Answer(400, {"error": "IdempotentRequestError", "description": told})
    if before:
        return Answer(201, before.body, {"x-idempotency-lookup": "hit"})
    if not says(call):
        return invalid("Comment")
    body = created(call, connection)
    SandboxReply.objects.create(
        connection=connection, key=key, digest=call.digest, body=body, at=call.at
    )
    return Answer(201, body, {"x-idempotency-lookup": "miss"})


def created(call: Call, connection: Connection) -> Json:
    given = asked(call)
    data = {name: given[name] for name in FIELDS if name in given}
    record = SandboxRecord.objects.create(
        connection=connection,
        data={"status": "new"} | data,
        created_at=call.at,
        changed_at=call.at,
    )
    record.external_id = str(record.pk)
    record.save(update_fields=["external_id"])
    annotate(call, record)
    return {"ticket": shown(record), "audit": {"ticket_id": record.pk}}


def change(call: Call, record: SandboxRecord) -> Answer:
    given = asked(call)
    status = given.get("status", record.data["status"])
    if record.data["status"] == "closed":
        return invalid("Status: closed prevents ticket update")
    if status not in STATUSES or (status == "new" and record.data["status"] != "new"):
        return invalid(f"Status: {status} is not valid for this ticket")
    record.data |= {name: given[name] for name in FIELDS if name in given}
    record.changed_at = call.at
    record.save()
    annotate(call, record)
    return Answer(200, {"ticket": shown(record), "audit": {"ticket_id": record.pk}})


def asked(call: Call) -> Json:
    return as_object(call.body.get("ticket"))


def says(call: Call) -> str:
    return str(as_object(asked(call).get("comment")).get("body", ""))


def annotate(call: Call, record: SandboxRecord) -> None:
    if text := says(call):
        public = as_object(asked(call).get("comment")).get("public", True)
        what = "Public reply" if public else "Internal note"
        SandboxNote.objects.create(record=record, at=call.at, what=what, text=text)


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


def invalid(problem: str) -> Answer:
    details = {"base": [{"description": problem, "error": "InvalidValue"}]}
    told = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    return Answer(422, told)


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    facts = {"tags": ", ".join(data.get("tags", []))}
    names = ("priority", "type", "due_at", "external_id")
    title = f"#{record.pk} {data.get('subject', '')}"
    return row(record, title, *names, state=data["status"], facts=facts)


stand = Stand(routes=(), refused=lambda status, why: {"error": why}, show=look, own=answer)
