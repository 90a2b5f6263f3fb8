"""Stands in for Quickbase's records: merged on a field, refused line by line, read by a query."""

import re

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, change, keep, note, row
from exceptions_app.models import Connection

#: The fields of a table that is laid out as the connector expects; the log keeps what was there.
LABELS = {"9": "Severity", "10": "Status", "11": "Assignee", "12": "Due", "13": "Link"}
NUMBER, TITLE, TEXT, STATUS, LOG = "6", "7", "8", "10", "14"


def upsert(call: Call, connection: Connection) -> Answer:
    merge, lines = str(call.body.get("mergeFieldId", "")), call.body.get("data") or []
    if not call.headers.get("QB-Realm-Hostname") or not call.body.get("to") or not lines:
        raise Refusal(400, "Data object cannot be empty.")
    told: Json = {"createdRecordIds": [], "updatedRecordIds": [], "unchangedRecordIds": []}
    wrong: Json = {}
    for number, line in enumerate(lines, 1):
        cells = {id: as_object(cell).get("value") for id, cell in line.items()}
        if refused := [id for id, value in cells.items() if not isinstance(value, str | int)]:
            wrong[str(number)] = [f'Incompatible value for field with ID "{id}".' for id in refused]
            continue
        record, new = keep(call, connection, {}, key=str(cells.get(merge, "")))
        if log := str(cells.pop(LOG, "")):
            note(call, record, log, "Log")
        change(call, record, cells)
        told["createdRecordIds" if new else "updatedRecordIds"].append(record.pk)
    told |= {"totalNumberOfRecordsProcessed": len(lines)} | ({"lineErrors": wrong} if wrong else {})
    return Answer(207 if wrong else 200, {"data": [], "metadata": told})


def query(call: Call, connection: Connection) -> Answer:
    found = re.fullmatch(r"\{(\d+)\.EX\.'(.*)'\}", str(call.body.get("where", "")))
    if found is None or not call.headers.get("QB-Realm-Hostname"):
        raise Refusal(400, "The query is not understood.")
    by_id = {"external_id": found[2]}
    wanted = by_id if found[1] == "3" else {"data__contains": {found[1]: found[2]}}
    records = SandboxRecord.objects.filter(connection=connection, **wanted)[:100]
    asked = [str(id) for id in call.body.get("select", [])]
    rows = [{id: {"value": cell(record, id)} for id in asked} for record in records]
    counts = {"totalRecords": len(rows), "numRecords": len(rows), "numFields": len(asked)}
    return Answer(200, {"data": rows, "fields": [], "metadata": counts})


def cell(record: SandboxRecord, id: str) -> object:
    return record.pk if id == "3" else record.data.get(id, "")


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    facts = {label: data.get(id) for id, label in LABELS.items() if id != STATUS}
    title, state = f"{data.get(NUMBER, '')} {data.get(TITLE, '')}", str(data.get(STATUS, ""))
    return row(record, title, state=state, text=str(data.get(TEXT, "")), facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    record.data[STATUS] = "Resolved" if act == "solve" else "In progress"
    return {"record": record.external_id}


stand = Stand(
    routes=(Route("POST", "v1/records", upsert), Route("POST", "v1/records/query", query)),
    refused=lambda status, why: {
        "message": "Bad request" if status == 400 else why,
        "description": why,
    },
    show=look,
    does_there=("solve", "reopen"),
    event=event,
    example_id="11",
)
