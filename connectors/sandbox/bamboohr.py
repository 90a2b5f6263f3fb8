"""Stands in for BambooHR: rows of an employee's table, kept by their case, and time-off requests."""

from typing import Any

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.platforms.bamboohr import ORDER, Config
from connectors.sandbox.calls import Answer, Call, record_of
from connectors.sandbox.stand import RecordRow, Route, Stand, change, keep, known, note, row
from exceptions_app.models import Connection

THERE = {"solve": "resolved", "reopen": "in progress", "comment": ""}
DECISIONS = {"approved", "denied", "declined", "canceled", "cancelled"}
NEEDED = {"status", "start", "end", "timeOffTypeId"}


def named(connection: Connection) -> dict[str, str]:
    """What the account calls the fields of its table."""
    fields = Config.read(connection.settings).fields.split(",")
    return dict(zip(ORDER, fields, strict=True))


def add_row(call: Call, connection: Connection, employee: str, table: str) -> Answer:
    """BambooHR adds whatever it is given, again as well, and answers with nothing."""
    names = named(connection)
    if employee != connection.settings["employee"]:
        return no(404, "Employee not found")
    if not call.body:
        return no(400, "Malformed JSON")
    number = str(call.body.get(names["Case"]) or call.digest[:8])
    record = record_of(connection, number)
    if record is None:
        keep(call, connection, {"rows": [call.body]}, external_id=lambda _: number)
    else:
        change(call, record, {"rows": [*record.data["rows"], call.body]})
        note(call, record, str(call.body.get(names["Note"], "")), "Row")
    return Answer(200, {})


def list_rows(call: Call, connection: Connection, employee: str, table: str) -> Answer:
    records = SandboxRecord.objects.filter(connection=connection).order_by("id")
    every = [one for record in records for one in record.data.get("rows", [])]
    own = enumerate(every, start=1)
    return Answer(200, [{"id": str(n), "employeeId": employee} | one for n, one in own])


def request(call: Call, connection: Connection, employee: str) -> Answer:
    if missing := NEEDED - call.body.keys():
        return no(400, f"{', '.join(sorted(missing))} missing")
    record, _ = keep(call, connection, {**call.body, "employeeId": int(employee)})
    address = f"https://acme.bamboohr.com/api/v1/time_off/requests/{record.external_id}"
    return Answer(201, asked(record), {"Location": address})


def list_requests(call: Call, connection: Connection) -> Answer:
    wanted = {"external_id": call.query["id"]} if "id" in call.query else {}
    found = SandboxRecord.objects.filter(connection=connection, data__has_key="start", **wanted)
    return Answer(200, [asked(record) for record in found])


def decide(call: Call, connection: Connection, id: str) -> Answer:
    if call.body.get("status") not in DECISIONS:
        return no(400, "Invalid status")
    record = known(connection, id)
    change(call, record, {"status": call.body["status"]})
    note(call, record, str(call.body.get("note", "")), str(call.body["status"]))
    return Answer(200, {})


def employee(call: Call, connection: Connection, id: str) -> Answer:
    return Answer(200, {"id": id, "firstName": "Ana", "lastName": "Silva"})


def asked(record: SandboxRecord) -> Json:
    data = record.data
    notes = {str(one.get("from")): str(one.get("note")) for one in data.get("notes", [])}
    shown = {"id": record.pk, "employeeId": data["employeeId"], "notes": notes}
    shown |= {"start": data["start"], "end": data["end"], "status": {"status": data["status"]}}
    return shown | {"type": {"id": data["timeOffTypeId"]}}


def no(status: int, why: str) -> Answer:
    """The reason is in a header only."""
    return Answer(status, {}, {"X-BambooHR-Error-Message": why})


def look(record: SandboxRecord) -> RecordRow:
    if "start" in record.data:
        fields = ("start", "end", "amount", "timeOffTypeId")
        text = "\n".join(asked(record)["notes"].values())
        return row(record, "Time-off request", *fields, state=record.data["status"], text=text)
    names, rows = named(record.connection), record.data["rows"]
    facts = {name: rows[-1].get(names[name]) for name in ("Severity", "Assignee", "Due", "Link")}
    state = str(rows[-1].get(names["Status"], ""))
    text = str(rows[0].get(names["Note"], ""))
    return row(record, f"Row about {record.external_id}", state=state, text=text, facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> dict[str, Any]:
    """A person adds a row, which has no reference of ours."""
    names, last = named(record.connection), (record.data.get("rows") or [{}])[-1]
    status = THERE[act] or last.get(names["Status"], "")
    added = {names["Case"]: record.external_id, names["Status"]: status, names["Note"]: text}
    record.data["rows"] = [*record.data.get("rows", []), added]
    fields = {name: {"value": added.get(name, "")} for name in names.values()}
    changed = {"id": dig(record.connection.settings, "employee"), "fields": fields}
    changed |= {"action": "Updated", "timestamp": record.changed_at.isoformat()}
    return {"employees": [changed | {"changedFields": [names["Status"], names["Note"]]}]}


stand = Stand(
    routes=(
        Route("POST", "api/v1/employees/{id}/tables/{table}", add_row),
        Route("GET", "api/v1/employees/{id}/tables/{table}", list_rows),
        Route("GET", "api/v1/employees/{id}", employee),
        Route("PUT", "api/v1/employees/{id}/time_off/request", request),
        Route("PUT", "api/v1/time_off/requests/{id}/status", decide),
        Route("GET", "api/v1/time_off/requests", list_requests),
    ),
    refused=lambda status, why: {},
    show=look,
    does_there=tuple(THERE),
    event=event,
)
