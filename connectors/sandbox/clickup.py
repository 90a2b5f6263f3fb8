"""Stands in for ClickUp's tasks: a list with its own statuses, and filters on custom fields."""

import json

from connectors.kit import Json
from connectors.models import SandboxRecord
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
    note,
    row,
)
from exceptions_app.models import Connection

TYPES = {"to do": "open", "in progress": "custom", "on hold": "custom", "complete": "closed"}
PRIORITIES = ("urgent", "high", "normal", "low")
FIELDS = ("name", "description", "status", "priority", "due_date", "custom_fields")


def create(call: Call, connection: Connection, _: str) -> Answer:
    if not call.body.get("name"):
        raise Refusal(400, "Task name invalid")
    bare = {"status": "to do", "assignees": call.body.get("assignees", [])}
    record, _new = keep(call, connection, bare | given(call), external_id=lambda pk: f"86s{pk}")
    return Answer(200, shown(record) | {"assignees": []})


def given(call: Call) -> Json:
    if call.body.get("status", "to do") not in TYPES:
        raise Refusal(400, "Status does not exist")
    return {name: call.body[name] for name in FIELDS if name in call.body}


def update(call: Call, connection: Connection, task: str) -> Answer:
    record, asked = known(connection, task), as_object(call.body.get("assignees"))
    kept = [one for one in record.data["assignees"] if one not in asked.get("rem", [])]
    added = [one for one in asked.get("add", []) if one not in kept]
    change(call, record, given(call) | {"assignees": kept + added})
    return Answer(200, shown(record) | {"assignees": []})


def read(call: Call, connection: Connection, task: str) -> Answer:
    return Answer(200, shown(known(connection, task)))


def listed(call: Call, connection: Connection, _: str) -> Answer:
    wanted = json.loads(call.query.get("custom_fields", "[]"))
    records = SandboxRecord.objects.filter(connection=connection)
    for one in wanted:
        field = {"id": one["field_id"], "value": one["value"]}
        records = records.filter(data__custom_fields__contains=[field])
    return Answer(200, {"tasks": [shown(record) for record in records[:100]], "last_page": True})


def comment(call: Call, connection: Connection, task: str) -> Answer:
    if not call.body.get("comment_text"):
        raise Refusal(400, "Comment text invalid")
    said = note(call, known(connection, task), str(call.body["comment_text"]))
    stamp = {"hist_id": str(said.pk), "date": int(call.at.timestamp() * 1000)}
    return Answer(200, {"id": str(said.pk), **stamp})


def shown(record: SandboxRecord) -> Json:
    data, id = record.data, record.external_id
    due, number = data.get("due_date"), data.get("priority")
    return {
        "id": id,
        "name": data["name"],
        "text_content": data.get("description", ""),
        "status": {"status": data["status"], "type": TYPES[data["status"]]},
        "priority": {"id": str(number), "priority": PRIORITIES[number - 1]} if number else {},
        "due_date": str(due) if due else None,
        "assignees": [{"id": one} for one in data["assignees"]],
        "custom_fields": data.get("custom_fields", []),
        "url": f"https://app.clickup.com/t/{id}",
    }


def look(record: SandboxRecord) -> RecordRow:
    task = shown(record)
    facts = {"priority": task["priority"].get("priority"), "due_date": task["due_date"]}
    facts |= {one["id"]: one["value"] for one in task["custom_fields"]}
    state, text = record.data["status"], task["text_content"]
    return row(record, str(task["name"]), state=state, text=text, facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    item: Json = {"user": {"id": 184, "username": "Ben", "email": "ben@acme.example"}}
    item |= {"id": str(happened(record)), "date": str(happened(record))}
    if act == "comment":
        item |= {"field": "comment", "comment": {"text_content": f"{text}\n"}}
    else:
        item |= {"field": "status", "before": shown(record)["status"]}
        record.data["status"] = "complete" if act == "solve" else "in progress"
        item["after"] = shown(record)["status"]
    kind = "taskCommentPosted" if act == "comment" else "taskStatusUpdated"
    return {"event": kind, "task_id": record.external_id, "history_items": [item]}


stand = Stand(
    routes=(
        Route("POST", "api/v2/list/{list}/task", create),
        Route("GET", "api/v2/list/{list}/task", listed),
        Route("GET", "api/v2/task/{id}", read),
        Route("PUT", "api/v2/task/{id}", update),
        Route("POST", "api/v2/task/{id}/comment", comment),
    ),
    refused=lambda status, why: {"err": why, "ECODE": "OAUTH_019" if status == 401 else "ITEM_013"},
    show=look,
    does_there=("solve", "comment", "reopen"),
    event=event,
    example_id="86a1gqq42",
)
