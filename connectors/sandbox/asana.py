"""Stands in for Asana's tasks: everything wrapped in data, owners by e-mail, external ids for apps."""

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

FIELDS = ("name", "notes", "completed", "due_at", "assignee", "custom_fields", "external")
ME: Json = {"data": {"gid": "1", "resource_type": "user", "name": "Desk"}}


def create(call: Call, connection: Connection) -> Answer:
    data = given(call)
    if not asked(call).get("projects"):
        raise Refusal(400, "You should specify one of workspace, parent, projects")
    key = str(as_object(data.get("external")).get("gid", ""))
    record, new = keep(call, connection, data, key=key)
    if not new:
        raise Refusal(400, f"external: a task with the gid {key} is there already")
    return Answer(201, {"data": shown(record)})


def asked(call: Call) -> Json:
    return as_object(call.body.get("data"))


def given(call: Call) -> Json:
    if "data" not in call.body:
        raise Refusal(400, "Could not parse request data: no data")
    data = {name: asked(call)[name] for name in FIELDS if name in asked(call)}
    if "@unknown." in str(data.get("assignee")):
        raise Refusal(400, "assignee: Not a recognized ID, email or me")
    return data


def task_of(connection: Connection, gid: str) -> SandboxRecord:
    key = gid.removeprefix("external:")
    if key == gid:
        return known(connection, gid)
    record = SandboxRecord.objects.filter(connection=connection, key=key).first()
    if record is None:
        raise Refusal(404, "task: Unknown object")
    return record


def update(call: Call, connection: Connection, gid: str) -> Answer:
    record, data = task_of(connection, gid), given(call)
    data["custom_fields"] = record.data.get("custom_fields", {}) | data.get("custom_fields", {})
    change(call, record, data)
    return Answer(200, {"data": shown(record)})


def read(call: Call, connection: Connection, gid: str) -> Answer:
    return Answer(200, {"data": shown(task_of(connection, gid))})


def comment(call: Call, connection: Connection, gid: str) -> Answer:
    if not asked(call).get("text"):
        raise Refusal(400, "text: Missing input")
    said = note(call, task_of(connection, gid), str(asked(call)["text"]))
    return Answer(201, {"data": {"gid": str(said.pk), "type": "comment", "text": said.text}})


def shown(record: SandboxRecord) -> Json:
    data, owner = record.data, record.data.get("assignee")
    fields = data.get("custom_fields", {}).items()
    return {
        "gid": record.external_id,
        "resource_type": "task",
        **{name: data[name] for name in ("name", "notes", "completed", "due_at") if name in data},
        "assignee": {"gid": "2", "resource_type": "user", "name": owner} if owner else None,
        "custom_fields": [{"gid": gid, "enum_value": {"gid": value}} for gid, value in fields],
    }


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    state = "completed" if data.get("completed") else "incomplete"
    fields, text = data.get("custom_fields", {}), str(data.get("notes", ""))
    return row(record, data["name"], "assignee", "due_at", state=state, text=text, facts=fields)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    """Asana tells of the task and of the story about it, and of both only the gids."""
    record.data["completed"] = act == "solve"
    task = {"gid": record.external_id, "resource_type": "task", "resource_subtype": "default_task"}
    kind = "marked_complete" if act == "solve" else "marked_incomplete"
    story = {"gid": str(happened(record)), "resource_type": "story", "resource_subtype": kind}
    user = {"gid": "2", "resource_type": "user"}
    who: Json = {"user": user, "created_at": record.changed_at.isoformat()}
    changed = {
        "action": "changed",
        "resource": task,
        "parent": None,
        "change": {"field": "completed"},
    }
    return {"events": [changed | who, {"action": "added", "resource": story, "parent": task} | who]}


stand = Stand(
    routes=(
        Route("GET", "api/1.0/users/me", lambda call, connection: Answer(200, ME)),
        Route("POST", "api/1.0/tasks", create),
        Route("PUT", "api/1.0/tasks/{gid}", update),
        Route("GET", "api/1.0/tasks/{gid}", read),
        Route("POST", "api/1.0/tasks/{gid}/stories", comment),
    ),
    refused=lambda status, why: {"errors": [{"message": why}]},
    show=look,
    does_there=("solve", "reopen"),
    event=event,
    example_id="1205212345678901",
)
