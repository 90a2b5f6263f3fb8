"""Stands in for monday.com's GraphQL: it knows our queries by the call in them, and answers 200 always."""

import html
import json
import re

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object, record_of
from connectors.sandbox.stand import RecordRow, Route, Stand, change, happened, keep, note, row
from exceptions_app.models import Connection

LONGEST = 255


def ask(call: Call, connection: Connection) -> Answer:
    found = re.search(r"\{\s*(\w+)", str(call.body.get("query", "")))
    name, given = found[1] if found else "", as_object(call.body.get("variables"))
    if name not in CALLS:
        return refused("undefinedField")
    return CALLS[name](call, connection, given)


def answered(name: str, data: Json | list[Json]) -> Answer:
    return Answer(200, {"data": {name: data}, "account_id": 1})


def refused(code: str) -> Answer:
    error = {"message": f"{code}: refused", "extensions": {"code": code, "status_code": 200}}
    return Answer(200, {"errors": [error], "data": None, "account_id": 1})


def create_item(call: Call, connection: Connection, given: Json) -> Answer:
    if len(given["name"]) > LONGEST:
        return refused("ItemNameTooLongException")
    data = {"name": given["name"], "board": given["board"]}
    record, _ = keep(call, connection, data | {"values": json.loads(given["values"])})
    return answered("create_item", {"id": record.external_id})


def change_values(call: Call, connection: Connection, given: Json) -> Answer:
    record = record_of(connection, str(given["item"]))
    if record is None:
        return refused("InvalidItemIdException")
    change(call, record, {"values": record.data["values"] | json.loads(given["values"])})
    return answered("change_multiple_column_values", {"id": record.external_id})


def create_update(call: Call, connection: Connection, given: Json) -> Answer:
    record = record_of(connection, str(given["item"]))
    if record is None:
        return refused("InvalidItemIdException")
    said = note(call, record, given["body"], "Update")
    return answered("create_update", {"id": str(said.pk)})


def by_value(call: Call, connection: Connection, given: Json) -> Answer:
    wanted = {given["at"]: given["number"]}
    found = SandboxRecord.objects.filter(connection=connection, data__values__contains=wanted)[:1]
    items = [{"id": record.external_id} for record in found]
    return answered("items_page_by_column_values", {"items": items})


def items(call: Call, connection: Connection, given: Json) -> Answer:
    record = record_of(connection, str(given["id"]))
    if record is None:
        return answered("items", [])
    value = as_object(record.data["values"].get(given["at"]))
    return answered("items", [{"column_values": [{"text": value.get("label", "")}]}])


def complexity(call: Call, connection: Connection, given: Json) -> Answer:
    return answered("complexity", {"before": 5_000_000})


CALLS = {
    "create_item": create_item,
    "change_multiple_column_values": change_values,
    "create_update": create_update,
    "items_page_by_column_values": by_value,
    "items": items,
    "complexity": complexity,
}


def plain(text: str) -> str:
    return html.unescape(text.replace("<br>", "\n"))


def look(record: SandboxRecord) -> RecordRow:
    values = record.data["values"]
    state = str(as_object(values.get("status")).get("label", ""))
    facts = {at: json.dumps(value) for at, value in values.items() if at != "status"}
    return row(record, str(record.data["name"]), state=state, spelled=plain, facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    told = {"userId": 9603417, "boardId": int(record.data["board"]), "app": "monday"}
    told |= {"pulseId": int(record.external_id), "triggerUuid": f"{happened(record):032x}"}
    if act == "comment":
        update = {"type": "create_update", "body": f"<p>{text}</p>", "textBody": text}
        return {"event": told | update}
    label = "Done" if act == "solve" else "Working on it"
    record.data["values"]["status"] = {"label": label}
    value = {"label": {"index": 1, "text": label}}
    column = {"type": "update_column_value", "columnId": "status", "columnType": "color"}
    return {"event": told | column | {"value": value}}


stand = Stand(
    routes=(Route("POST", "v2", ask),),
    refused=lambda status, why: {"errors": [why]},
    show=look,
    does_there=("solve", "comment", "reopen"),
    event=event,
    example_id="1772099344",
    example_answer={"data": {"create_item": {"id": "1772099344"}}},
)
