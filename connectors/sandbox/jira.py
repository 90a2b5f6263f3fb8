"""Stands in for Jira's issues: a workflow that is left only by its transitions, and documents as texts."""

import re

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    happened,
    keep,
    known,
    need,
    note,
    row,
)
from connectors.sandbox.stand import change as keep_changes
from exceptions_app.models import Connection

CATEGORIES = {"Open": "new", "Work in progress": "indeterminate", "Pending": "indeterminate"}
CATEGORIES |= {"Completed": "done"}
#: From where to where, and the number of that way.
WAYS = {"Open": {"Work in progress": "11", "Completed": "31"}}
WAYS |= {"Work in progress": {"Pending": "21", "Completed": "31"}}
WAYS |= {"Pending": {"Work in progress": "41", "Completed": "31"}}
WAYS |= {"Completed": {"Work in progress": "51"}}
THERE = {"solve": "Completed", "reopen": "Work in progress", "wait": "Pending"}


def me(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"accountId": "5b10a2844c20165700ede21g", "displayName": "Flagstand"})


def create(call: Call, connection: Connection) -> Answer:
    fields = as_object(call.body.get("fields"))
    need(fields, "project", "issuetype", "summary")
    if not isinstance(fields.get("description", {}), dict):
        raise Refusal(400, "description: Operation value must be an Atlassian Document")
    project = dig(fields, "project", "key")
    data = {"status": "Open", "fields": fields}
    record, _ = keep(call, connection, data, external_id=lambda pk: f"{project}-{pk}")
    return Answer(201, {"id": str(record.pk), "key": record.external_id, "self": address(record)})


def edit(call: Call, connection: Connection, key: str) -> Answer:
    record = known(connection, key)
    fields = record.data["fields"] | as_object(call.body.get("fields"))
    keep_changes(call, record, {"fields": fields})
    return Answer(204, {})


def read(call: Call, connection: Connection, key: str) -> Answer:
    record = known(connection, key)
    body = {**issue(record), "id": str(record.pk), "self": address(record)}
    if "transitions" in call.query.get("expand", ""):
        body["transitions"] = ways(record)
    return Answer(200, body)


def offer(call: Call, connection: Connection, key: str) -> Answer:
    return Answer(200, {"transitions": ways(known(connection, key))})


def move(call: Call, connection: Connection, key: str) -> Answer:
    record, number = known(connection, key), dig(call.body, "transition", "id")
    for status, way in WAYS[record.data["status"]].items():
        if way == number:
            keep_changes(call, record, {"status": status})
            return Answer(204, {})
    raise Refusal(400, f"Transition id '{number}' is not valid for this issue.")


def comment(call: Call, connection: Connection, key: str) -> Answer:
    record = known(connection, key)
    need(call.body, "body")
    internal = dig(call.body, "properties", 0, "value", "internal")
    said = note(call, record, plain(call.body["body"]), "Internal" if internal else "To customer")
    return Answer(201, {"id": str(said.pk), "body": call.body["body"]})


def search(call: Call, connection: Connection) -> Answer:
    asked = re.fullmatch(r"labels=([\w-]+)", str(call.body.get("jql", "")))
    if asked is None:
        raise Refusal(400, "The JQL cannot be read.")
    wanted = {"data__fields__labels__contains": asked[1]}
    found = SandboxRecord.objects.filter(connection=connection, **wanted)
    return Answer(200, {"issues": [issue(record) for record in found], "isLast": True})


def issue(record: SandboxRecord) -> Json:
    return {"key": record.external_id, "fields": {"status": spelled(record.data["status"])}}


def spelled(status: str) -> Json:
    return {"name": status, "statusCategory": {"key": CATEGORIES[status]}}


def ways(record: SandboxRecord) -> list[Json]:
    offered = WAYS[record.data["status"]].items()
    return [{"id": way, "name": f"To {to.lower()}", "to": spelled(to)} for to, way in offered]


def address(record: SandboxRecord) -> str:
    site = record.connection.settings.get("site")
    return f"https://{site}.atlassian.net/rest/api/3/issue/{record.pk}"


def plain(document: object) -> str:
    lines = [dig(each, "content", 0) for each in dig(document, "content") or []]
    return "\n".join(str(dig(line, "text") or dig(line, "attrs", "url")) for line in lines)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    who = {"displayName": "Tom", "emailAddress": "tom@acme.example"}
    if act == "comment":
        said = {"body": text, "author": who}
        told = {"webhookEvent": "comment_created", "comment": said, "issue": issue(record)}
        return {**told, "timestamp": happened(record)}
    record.data["status"] = THERE[act]
    items = [{"field": "status", "toString": THERE[act]}]
    told = {"webhookEvent": "jira:issue_updated", "user": who, "issue": issue(record)}
    return {**told, "changelog": {"items": items}, "timestamp": happened(record)}


def look(record: SandboxRecord) -> RecordRow:
    fields = record.data["fields"]
    facts = {"type": dig(fields, "issuetype", "name"), "priority": dig(fields, "priority", "name")}
    facts |= {"due": fields.get("duedate"), "labels": ", ".join(fields.get("labels", []))}
    title, text = f"{record.external_id} {fields['summary']}", plain(fields.get("description"))
    return row(record, title, state=record.data["status"], text=text, facts=facts)


PATH = "rest/api/3/issue"
stand = Stand(
    routes=(
        Route("GET", "rest/api/3/myself", me),
        Route("POST", PATH, create),
        Route("PUT", PATH + "/{key}", edit),
        Route("GET", PATH + "/{key}", read),
        Route("GET", PATH + "/{key}/transitions", offer),
        Route("POST", PATH + "/{key}/transitions", move),
        Route("POST", PATH + "/{key}/comment", comment),
        Route("POST", "rest/api/3/search/jql", search),
    ),
    refused=lambda status, why: {"errorMessages": [why], "errors": {}},
    show=look,
    does_there=("solve", "comment", "reopen", "wait"),
    event=event,
    example_id="OPS-12",
    example_answer={"transitions": [{"id": "21", "to": {"name": "Completed"}}]},
)
