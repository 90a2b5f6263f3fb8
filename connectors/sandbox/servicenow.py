"""Stands in for ServiceNow's table of incidents: all is text, and a query it cannot read is no query."""

import re

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, keep, known, note, row
from connectors.sandbox.stand import change as keep_changes
from exceptions_app.models import Connection

COLUMNS = {"short_description", "description", "caller_id", "assignment_group", "assigned_to"}
COLUMNS |= {"impact", "urgency", "state", "hold_reason", "close_code", "close_notes", "due_date"}
COLUMNS |= {"correlation_id", "correlation_display"}
STATES = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed"}
THERE = {"solve": "6", "reopen": "2", "wait": "3"}


def create(call: Call, connection: Connection) -> Answer:
    given = {"state": "1"} | columns(call.body)
    record, _ = keep(call, connection, sound(given), external_id=lambda pk: f"{pk:032x}")
    keep_changes(call, record, {"number": f"INC{record.pk:07d}"})
    return Answer(201, {"result": shown(record)})


def change(call: Call, connection: Connection, sys_id: str) -> Answer:
    record = known(connection, sys_id)
    given = columns(call.body)
    sound(record.data | given)
    keep_changes(call, record, given)
    if said := call.body.get("work_notes"):
        note(call, record, str(said), "Work note")
    return Answer(200, {"result": shown(record)})


def columns(body: Json) -> Json:
    return {name: str(value) for name, value in body.items() if name in COLUMNS}


def sound(data: Json) -> Json:
    if data["state"] == "6" and not (data.get("close_code") and data.get("close_notes")):
        raise Refusal(403, "Data Policy Exception: Resolution code, Resolution notes are mandatory")
    return data


def read(call: Call, connection: Connection, sys_id: str) -> Answer:
    return Answer(200, {"result": asked(call, known(connection, sys_id))})


def look_up(call: Call, connection: Connection) -> Answer:
    given = re.fullmatch(r"correlation_id=(.*)", call.query.get("sysparm_query", ""))
    wanted = {"data__correlation_id": given[1]} if given else {}
    found = SandboxRecord.objects.filter(connection=connection, **wanted)
    found = found[: int(call.query.get("sysparm_limit", 10_000))]
    return Answer(200, {"result": [asked(call, record) for record in found]})


def asked(call: Call, record: SandboxRecord) -> Json:
    names, whole = call.query.get("sysparm_fields"), shown(record)
    return {name: whole.get(name, "") for name in names.split(",")} if names else whole


def shown(record: SandboxRecord) -> Json:
    times = {"sys_created_on": record.created_at, "sys_updated_on": record.changed_at}
    spelled = {name: f"{at:%Y-%m-%d %H:%M:%S}" for name, at in times.items()}
    return {"sys_id": record.external_id, "work_notes": "", **record.data, **spelled}


def refused(status: int, why: str) -> Json:
    told = {401: "User Not Authenticated", 404: "No Record found", 403: "Operation Failed"}
    return {"error": {"message": told.get(status, why), "detail": why}, "status": "failure"}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    told = {"sys_id": record.external_id, "author": "Tom", "work_notes": text}
    told |= {"sys_mod_count": str(record.notes.count())}
    if act != "comment":
        record.data["state"] = THERE[act]
        told |= {"state": THERE[act], "work_notes": ""}
    return told


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    names = ("impact", "urgency", "due_date", "hold_reason", "close_code", "close_notes")
    title, state = f"{data['number']} {data['short_description']}", data["state"]
    state = STATES.get(state, state)
    return row(record, title, *names, "correlation_id", state=state, text=data["description"])


stand = Stand(
    routes=(
        Route("POST", "api/now/table/incident", create),
        Route("GET", "api/now/table/incident", look_up),
        Route("GET", "api/now/table/incident/{sys_id}", read),
        Route("PATCH", "api/now/table/incident/{sys_id}", change),
    ),
    refused=refused,
    show=look,
    does_there=("solve", "comment", "reopen", "wait"),
    event=event,
    example_id="c537bae64f411200adf9f8e18110c76e",
)
