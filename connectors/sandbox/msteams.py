"""Stands in for Teams: Graph's channel messages, their replies and changes, and a flow that posts cards."""

import html
import json
import re
from urllib.parse import parse_qsl, urlsplit

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object, signed_in
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    happened,
    keep,
    known,
    note,
    row,
)
from connectors.sandbox.stand import change as changed
from exceptions_app.models import Connection

LARGEST = 28_000


def account(call: Call) -> Connection | None:
    """A flow is known by its address, with the signature in it."""
    for connection, opened in call.accounts:
        flow = urlsplit(str(getattr(opened.config, "webhook", "")))
        if flow.path.strip("/") == call.path and dict(parse_qsl(flow.query)) == dict(call.query):
            return connection
    return signed_in(call)


def me(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"id": "1", "displayName": "Flagstand"})


def post(call: Call, connection: Connection, team: str, channel: str) -> Answer:
    milliseconds = int(call.at.timestamp() * 1000)
    record, _ = keep(call, connection, sent(call), external_id=lambda pk: str(milliseconds + pk))
    return Answer(201, {"id": record.external_id, **message(call), "replyToId": None})


def change(call: Call, connection: Connection, team: str, channel: str, id: str) -> Answer:
    changed(call, known(connection, id), sent(call))
    return Answer(204, "")


def read(call: Call, connection: Connection, team: str, channel: str, id: str) -> Answer:
    record = known(connection, id)
    return Answer(200, {"id": id, "body": record.data["body"]})


def reply(call: Call, connection: Connection, team: str, channel: str, id: str) -> Answer:
    made = note(call, known(connection, id), str(message(call)["body"]["content"]), "Reply")
    return Answer(201, {"id": str(made.pk), **message(call), "replyToId": id})


def flow(call: Call, connection: Connection, *parts: str) -> Answer:
    """It gives no id; on our page a card goes by the number in its title."""
    card = dig(call.body, "attachments", 0, "content")
    if dig(card, "type") != "AdaptiveCard":
        raise Refusal(400, "The body does not fit the trigger.")
    number = re.match(r"EX-\d+", str(dig(card, "body", 0, "text")))
    data = {"body": {}, "card": card}
    keep(call, connection, data, external_id=lambda pk: number[0] if number else str(pk))
    return Answer(202, "")


def message(call: Call) -> Json:
    """A card is named in the message's HTML, or it is not shown and refused."""
    body = as_object(call.body.get("body"))
    if not body.get("content"):
        raise Refusal(400, "Missing body content")
    if len(call.text.encode()) > LARGEST:
        raise Refusal(413, "The message is too large.")
    for attachment in call.body.get("attachments", []):
        if f'<attachment id="{attachment["id"]}">' not in body["content"]:
            raise Refusal(400, "Attachment id not found in the body.")
    kind = body.get("contentType", "text")
    return {"body": {"content": body["content"], "contentType": kind}, "messageType": "message"}


def sent(call: Call) -> Json:
    content = str(dig(call.body, "attachments", 0, "content")) or "{}"
    return {"body": message(call)["body"], "card": json.loads(content)}


def refused(status: int, why: str) -> Json:
    code = {401: "InvalidAuthenticationToken", 404: "NotFound"}.get(status, "BadRequest")
    return {"error": {"code": code, "message": why}}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    """What somebody writes to the outgoing webhook below the card."""
    words = {"acknowledge": "ack", "claim": "claim", "solve": "done"}.get(act, text)
    thread = f"19:a@thread.tacv2;messageid={record.external_id}"
    return {
        "type": "message",
        "id": str(happened(record)),
        "from": {"id": "29:1", "name": "Ana Silva"},
        "conversation": {"conversationType": "channel", "id": thread},
        "text": f"<at>Flagstand</at> {html.escape(words, quote=False)}\n",
    }


def look(record: SandboxRecord) -> RecordRow:
    card = record.data["card"]
    facts = {fact["title"]: plain(fact["value"]) for fact in dig(card, "body", 2, "facts") or []}
    title, text = (plain(dig(card, "body", block, "text")) for block in (0, 1))
    return row(record, title, text=text, facts=facts)


def plain(text: str) -> str:
    """A card's Markdown as it looks there, as far as it is ours."""
    return re.sub(r"\\([^\w\s]|_)", r"\1", text).replace("\n\n", "\n")


MESSAGES = "v1.0/teams/{team}/channels/{channel}/messages"
stand = Stand(
    routes=(
        Route("GET", "v1.0/me", me),
        Route("POST", MESSAGES, post),
        Route("GET", MESSAGES + "/{id}", read),
        Route("PATCH", MESSAGES + "/{id}", change),
        Route("POST", MESSAGES + "/{id}/replies", reply),
        Route("POST", "workflows/{flow}/triggers/{name}/paths/invoke", flow),
    ),
    account=account,
    refused=refused,
    show=look,
    does_there=("acknowledge", "claim", "solve", "comment"),
    event=event,
    example_id="1616990032035",
)
