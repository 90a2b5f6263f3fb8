"""Stands in for Trello's cards: what a change gives replaces what was there, lists of ids as well."""

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call
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

FIELDS = ("name", "desc", "due", "dueComplete", "idList", "idLabels", "idMembers", "urlSource")
LONGEST = 16_384


def create(call: Call, connection: Connection) -> Answer:
    if not call.body.get("idList"):
        raise Refusal(400, "invalid value for idList")
    bare: Json = {"dueComplete": False, "idLabels": [], "idMembers": []}
    record, _ = keep(call, connection, bare | given(call), external_id=lambda pk: f"{pk:024x}")
    return Answer(200, shown(record))


def given(call: Call) -> Json:
    if any(len(str(call.body.get(name, ""))) > LONGEST for name in ("name", "desc", "text")):
        raise Refusal(400, "invalid value: too long")
    return {name: call.body[name] for name in FIELDS if name in call.body}


def update(call: Call, connection: Connection, card: str) -> Answer:
    record = known(connection, card)
    change(call, record, given(call))
    return Answer(200, shown(record))


def read(call: Call, connection: Connection, card: str) -> Answer:
    return Answer(200, shown(known(connection, card)))


def comment(call: Call, connection: Connection, card: str) -> Answer:
    record, text = known(connection, card), str(call.body.get("text", ""))
    if not text:
        raise Refusal(400, "invalid value for text")
    given(call)
    said = note(call, record, text)
    return Answer(200, action(record, said))


def action(record: SandboxRecord, said: SandboxNote) -> Json:
    data = {"text": said.text, "card": {"id": record.external_id}}
    return {
        "id": f"{said.pk:024x}",
        "type": "commentCard",
        "data": data,
        "date": said.at.isoformat(),
    }


def shown(record: SandboxRecord) -> Json:
    link = record.external_id[-8:]
    where = {"shortLink": link, "url": f"https://trello.com/c/{link}", "closed": False}
    return {"id": record.external_id, "idShort": record.pk, **where, **record.data}


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    facts = {"labels": ", ".join(data["idLabels"]), "members": ", ".join(data["idMembers"])}
    state = "complete" if data["dueComplete"] else "open"
    names = ("idList", "due", "urlSource")
    return row(record, str(data["name"]), *names, state=state, text=str(data["desc"]), facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    data: Json = {"card": {"id": record.external_id, "name": record.data["name"]}}
    kind = "commentCard" if act == "comment" else "updateCard"
    if act == "comment":
        data["text"] = text
    else:
        record.data["dueComplete"] = act == "solve"
        data["old"] = {"dueComplete": act != "solve"}
        data["card"]["dueComplete"] = record.data["dueComplete"]
    who = {"fullName": "Ben Adler", "username": "benadler"}
    own = {"id": f"{happened(record):024x}", "date": record.changed_at.isoformat()}
    return {
        "action": {**own, "type": kind, "data": data, "memberCreator": who},
        "model": {},
        "webhook": {},
    }


stand = Stand(
    routes=(
        Route("GET", "1/members/me", lambda call, connection: Answer(200, {"username": "desk"})),
        Route("POST", "1/cards", create),
        Route("PUT", "1/cards/{id}", update),
        Route("GET", "1/cards/{id}", read),
        Route("POST", "1/cards/{id}/actions/comments", comment),
    ),
    refused=lambda status, why: {"message": why},
    show=look,
    does_there=("solve", "comment", "reopen"),
    event=event,
    example_id="5f1c2d3e4a5b6c7d8e9f0a1b",
)
