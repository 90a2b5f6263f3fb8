"""Stands in for Zoho CRM's module Cases: upserts by a field without duplicates, refusals inside an answer."""

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import RecordRow, Route, Stand, keep, known, note, row
from connectors.sandbox.stand import change as keep_changes
from exceptions_app.models import Connection

CODES = {401: "INVALID_TOKEN", 404: "INVALID_DATA"}
THERE = {"close": "Closed", "reopen": "New", "wait": "On Hold"}


def newest(call: Call, connection: Connection) -> Answer:
    found = SandboxRecord.objects.filter(connection=connection)[:1]
    return Answer(200, {"data": [shown(record) for record in found]})


def upsert(call: Call, connection: Connection) -> Answer:
    given, field = asked(call), str(dig(call.body, "duplicate_check_fields", 0))
    if not given.get("Subject"):
        return missing("Subject")
    key = f"{field} {given[field]}" if given.get(field) else ""
    record, new = keep(call, connection, {"Status": "New"} | given, key=key)
    if not new:
        keep_changes(call, record, given)
    return taken(call, record.external_id, "insert" if new else "update")


def change(call: Call, connection: Connection, number: str) -> Answer:
    keep_changes(call, known(connection, number), asked(call))
    return taken(call, number, "update")


def annotate(call: Call, connection: Connection, number: str) -> Answer:
    record, said = known(connection, number), asked(call).get("Note_Content")
    if not said:
        return missing("Note_Content")
    return taken(call, str(note(call, record, str(said), "Note").pk), "insert", status=201)


def read(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, {"data": [shown(known(connection, number))]})


def asked(call: Call) -> Json:
    return as_object(dig(call.body, "data", 0))


def shown(record: SandboxRecord) -> Json:
    times = {"Created_Time": record.created_at, "Modified_Time": record.changed_at}
    spelled = {name: at.isoformat(timespec="seconds") for name, at in times.items()}
    return {"id": record.external_id, **record.data, **spelled}


def taken(call: Call, id: str, action: str, status: int = 200) -> Answer:
    at = call.at.isoformat(timespec="seconds")
    details = {"id": id, "Created_Time": at, "Modified_Time": at}
    said = {"status": "success", "code": "SUCCESS", "action": action, "message": "record saved"}
    return Answer(status, {"data": [{**said, "details": details}]})


def missing(name: str) -> Answer:
    said = {"status": "error", "code": "MANDATORY_NOT_FOUND", "message": "required field not found"}
    return Answer(202, {"data": [{**said, "details": {"api_name": name}}]})


def refused(status: int, why: str) -> Json:
    code = CODES.get(status, "INVALID_REQUEST_METHOD")
    return {"status": "error", "code": code, "message": why, "details": {}}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    told = {"id": record.external_id, "author": "Tom", "time": record.changed_at.isoformat()}
    if act == "comment":
        return told | {"comment": text}
    record.data["Status"] = THERE[act]
    return told | {"status": THERE[act]}


def look(record: SandboxRecord) -> RecordRow:
    data, facts = record.data, {"Owner": dig(record.data, "Owner", "email")}
    own = [name for name in data if name.startswith("Flagstand")]
    names = ("Priority", "Case_Origin", *own)
    text = data.get("Description", "")
    return row(record, data["Subject"], *names, state=data["Status"], text=text, facts=facts)


PATH = "crm/v8/Cases"
stand = Stand(
    routes=(
        Route("GET", PATH, newest),
        Route("POST", PATH + "/upsert", upsert),
        Route("GET", PATH + "/{id}", read),
        Route("PUT", PATH + "/{id}", change),
        Route("POST", PATH + "/{id}/Notes", annotate),
    ),
    refused=refused,
    show=look,
    does_there=("close", "comment", "reopen", "wait"),
    event=event,
    example_id="554023000000527003",
)
