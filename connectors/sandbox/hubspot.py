"""Stands in for HubSpot's tickets and notes, with the upsert by a property whose values are unique."""

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.platforms.hubspot import STAGE, Config
from connectors.sandbox.calls import Answer, Call, as_object
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
from connectors.words import ORDER
from exceptions_app.models import Connection

MOVES = {"wait": "waiting", "solve": "resolved", "reopen": "in_progress"}


def listed(call: Call, connection: Connection) -> Answer:
    found = SandboxRecord.objects.filter(connection=connection)[:100]
    return Answer(200, {"results": [shown(record) for record in found]})


def upsert(call: Call, connection: Connection) -> Answer:
    results = []
    for one in call.body.get("inputs", []):
        given = as_object(one.get("properties"))
        need(one, "id", "idProperty")
        need(given, "subject", STAGE)
        record, new = keep(call, connection, given, key=f"{one['idProperty']}={one['id']}")
        change(call, record, given)
        results.append(shown(record) | {"new": new})
    at = call.at.isoformat()
    body = {"status": "COMPLETE", "startedAt": at, "completedAt": at, "results": results}
    return Answer(200, body)


def look(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, shown(known(connection, number)))


def update(call: Call, connection: Connection, number: str) -> Answer:
    record = known(connection, number)
    change(call, record, as_object(call.body.get("properties")))
    return Answer(200, shown(record))


def annotate(call: Call, connection: Connection) -> Answer:
    given = as_object(call.body.get("properties"))
    need(given, "hs_timestamp")
    tickets = [one["to"]["id"] for one in call.body.get("associations", [])]
    if not tickets:
        raise Refusal(400, "A note belongs to something")
    written = note(call, known(connection, tickets[0]), given.get("hs_note_body", ""), "Note")
    at = call.at.isoformat()
    made = {"id": str(written.pk), "createdAt": at, "updatedAt": at, "archived": False}
    return Answer(201, made | {"properties": given})


def shown(record: SandboxRecord) -> Json:
    at = {"createdAt": record.created_at.isoformat(), "updatedAt": record.changed_at.isoformat()}
    return {"id": record.external_id, "properties": record.data, "archived": False, **at}


def refused(status: int, why: str) -> Json:
    category = {401: "INVALID_AUTHENTICATION", 404: "OBJECT_NOT_FOUND"}.get(
        status, "VALIDATION_ERROR"
    )
    known_by = "aeb5f871-7f07-4993-9211-075dc63e7cbf"
    return {"status": "error", "message": why, "correlationId": known_by, "category": category}


def spelled(record: SandboxRecord) -> dict[str, str]:
    """Our statuses, and what this account calls them."""
    config = Config.read(record.connection.settings)
    return dict(zip(ORDER, config.statuses.split(","), strict=True))


def show(record: SandboxRecord) -> RecordRow:
    data = record.data
    state = {theirs: ours for ours, theirs in spelled(record).items()}.get(data[STAGE], data[STAGE])
    facts = {
        name: value for name, value in data.items() if name not in {"subject", "content", STAGE}
    }
    return row(record, data["subject"], state=state, text=data.get("content", ""), facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> list[Json]:
    record.data[STAGE] = spelled(record)[MOVES[act]]
    moved = {"propertyName": STAGE, "propertyValue": record.data[STAGE], "changeSource": "CRM_UI"}
    at = happened(record)
    told = {
        "eventId": at,
        "occurredAt": at,
        "subscriptionType": "ticket.propertyChange",
        "attemptNumber": 0,
    }
    return [{**told, "objectId": int(record.external_id), "portalId": 62515, **moved}]


stand = Stand(
    routes=(
        Route("GET", "crm/v3/objects/tickets", listed),
        Route("POST", "crm/v3/objects/tickets/batch/upsert", upsert),
        Route("GET", "crm/v3/objects/tickets/{id}", look),
        Route("PATCH", "crm/v3/objects/tickets/{id}", update),
        Route("POST", "crm/v3/objects/notes", annotate),
    ),
    refused=refused,
    show=show,
    does_there=tuple(MOVES),
    event=event,
    example_id="5122345678",
)
