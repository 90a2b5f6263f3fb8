"""Stands in for Airtable's records: merged on the fields that a call names, found by a formula."""

import re

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    change,
    keep,
    known,
    note,
    row,
)
from exceptions_app.models import Connection

MOST = 10


def upsert(call: Call, connection: Connection, *_: str) -> Answer:
    records = call.body.get("records") or []
    merge = as_object(call.body.get("performUpsert")).get("fieldsToMergeOn") or []
    if not 0 < len(records) <= MOST or not merge:
        raise Refusal(422, "INVALID_REQUEST_UNKNOWN")
    told: Json = {"records": [], "createdRecords": [], "updatedRecords": []}
    for one in records:
        fields = as_object(one.get("fields"))
        key = "|".join(str(fields.get(name, "")) for name in merge)
        data = {"fields": fields}
        record, new = keep(call, connection, data, key=key, external_id=lambda pk: f"rec{pk:014d}")
        if not new:
            change(call, record, {"fields": record.data["fields"] | fields})
        told["records"].append(shown(record))
        told["createdRecords" if new else "updatedRecords"].append(record.external_id)
    return Answer(200, told)


def update(call: Call, connection: Connection, _base: str, _table: str, id: str) -> Answer:
    record, fields = known(connection, id), as_object(call.body.get("fields"))
    change(call, record, {"fields": record.data["fields"] | fields})
    return Answer(200, shown(record))


def listed(call: Call, connection: Connection, *_: str) -> Answer:
    records = SandboxRecord.objects.filter(connection=connection)
    if asked := call.query.get("filterByFormula"):
        found = re.fullmatch(r"(RECORD_ID\(\)|\{(.+)\})='(.+)'", asked)
        if found is None:
            raise Refusal(422, "INVALID_FILTER_BY_FORMULA")
        by_id = {"external_id": found[3]}
        records = records.filter(
            **{"data__fields__contains": {found[2]: found[3]}} if found[2] else by_id
        )
    return Answer(200, {"records": [shown(record) for record in records[:100]]})


def comment(call: Call, connection: Connection, _base: str, _table: str, id: str) -> Answer:
    if not call.body.get("text"):
        raise Refusal(422, "INVALID_REQUEST_UNKNOWN")
    said = note(call, known(connection, id), str(call.body["text"]))
    return Answer(200, {"id": f"com{said.pk:014d}", "text": said.text})


def shown(record: SandboxRecord) -> Json:
    """An empty cell is left out."""
    fields = {name: value for name, value in record.data["fields"].items() if value is not None}
    created = record.created_at.isoformat()
    return {"id": record.external_id, "createdTime": created, "fields": fields}


def look(record: SandboxRecord) -> RecordRow:
    fields = dict(record.data["fields"])
    title = f"{fields.pop('Case', '')} {fields.pop('Title', '')}".strip() or record.external_id
    state, text = str(fields.pop("Status", "")), str(fields.pop("Description", ""))
    return row(record, title, state=state, text=text, facts=fields)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    record.data["fields"]["Status"] = "Resolved" if act == "solve" else "In progress"
    return {"record": record.external_id}


stand = Stand(
    routes=(
        Route("PATCH", "v0/{base}/{table}", upsert),
        Route("GET", "v0/{base}/{table}", listed),
        Route("PATCH", "v0/{base}/{table}/{id}", update),
        Route("POST", "v0/{base}/{table}/{id}/comments", comment),
    ),
    refused=lambda status, why: {"error": {"type": why, "message": why}},
    show=look,
    does_there=("solve", "reopen"),
    event=event,
    example_id="recA1b2C3d4E5f6G7",
)
