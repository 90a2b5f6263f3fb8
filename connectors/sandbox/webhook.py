"""Stands in for whoever takes our webhooks: believes only signed ones, and each webhook-id once."""

from typing import Any

from connectors import proofs
from connectors.kit import Hook, Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import RecordRow, Refusal, Stand, change, keep, known, need, note, row
from exceptions_app.models import Connection

PROOF = proofs.standard_webhook(lambda config: config.secret)
THERE = {"solve": "resolved", "reopen": "in_progress", "comment": ""}


def answer(call: Call) -> Answer:
    """Whatever the address: it is an administrator's own."""
    connection = sender(call)
    if connection is None:
        return Answer(401, refused(401, "The signature is wrong."))
    try:
        return take(call, connection)
    except Refusal as refusal:
        return Answer(refusal.status, refused(refusal.status, refusal.why))


def sender(call: Call) -> Connection | None:
    headers = {name.lower(): value for name, value in call.headers.items()}
    hook = Hook("", call.text.encode(), call.at, call.method, headers)
    for connection, account in call.accounts:
        if not PROOF.problem(hook, account.config):
            return connection
    return None


def take(call: Call, connection: Connection) -> Answer:
    need(call.body, "type", "timestamp", "data")
    data, kind = as_object(call.body["data"]), str(call.body["type"])
    if kind == "test":
        return Answer(200, {})
    mark = call.headers.get("webhook-id", "")[:200]
    if kind == "case.created":
        record, _ = keep(call, connection, data, key=mark, external_id="R-{}".format)
        return Answer(201, {"external_id": record.external_id})
    record = known(connection, str(data.get("external_id")))
    if not record.notes.filter(mark=mark).exists():
        change(call, record, data)
        made = note(call, record, str(data.get("text", "")), kind[:40])
        made.mark = mark
        made.save(update_fields=["mark"])
    return Answer(200, {"external_id": record.external_id})


def refused(status: int, why: str) -> Json:
    return {"error": why}


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    names = ("number", "severity", "exception_type", "site", "due_at")
    title, text = str(data.get("title")), str(data.get("text", ""))
    facts = {"assignee": dig(data, "assignee", "name")}
    return row(record, title, *names, state=str(data.get("status")), text=text, facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> dict[str, Any]:
    said = {"external_id": record.external_id, "comment": text, "author": "Sandbox"}
    if THERE[act]:
        said["status"] = record.data["status"] = THERE[act]
    return {"type": "case.updated", "timestamp": record.changed_at.isoformat(), "data": said}


stand = Stand(
    routes=(),
    refused=refused,
    show=look,
    account=sender,
    own=answer,
    does_there=tuple(THERE),
    event=event,
    example_id="R-7001",
)
