"""Stands in for Telegram's Bot API: messages with buttons, edits and answers. It knows no idempotency."""

import html
import re

from connectors.kit import BUTTONS, Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, in_path, record_of
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    change,
    happened,
    keep,
    note,
    row,
)
from exceptions_app.models import Connection

LONGEST = 4096
BOT = {"id": 123456789, "is_bot": True, "first_name": "Flagstand", "username": "flagstand_bot"}


def me(call: Call, connection: Connection, token: str) -> Answer:
    return Answer(200, {"ok": True, "result": BOT})


def send(call: Call, connection: Connection, token: str) -> Answer:
    data, first = message(call), str(dig(call.body, "reply_parameters", "message_id"))
    known = record_of(connection, first) if first else None
    if known:
        return taken(call, note(call, known, data["text"], "Reply").pk + 1_000_000, data)
    record, _ = keep(call, connection, data)
    return taken(call, record.pk, data)


def edit(call: Call, connection: Connection, token: str) -> Answer:
    data, record = message(call), record_of(connection, str(call.body.get("message_id", "")))
    if record is None:
        raise Refusal(400, "message to edit not found")
    if record.data == data:
        raise Refusal(400, "message is not modified")
    change(call, record, data)
    return taken(call, record.pk, data)


def message(call: Call) -> Json:
    text = str(call.body.get("text", ""))
    if not call.body.get("chat_id"):
        raise Refusal(400, "chat not found")
    if not text:
        raise Refusal(400, "message text is empty")
    if len(plain(text)) > LONGEST:
        raise Refusal(400, "message is too long")
    buttons = dig(call.body, "reply_markup", "inline_keyboard", 0) or []
    return {"chat_id": str(call.body["chat_id"]), "text": text, "buttons": buttons}


def taken(call: Call, number: int, data: Json) -> Answer:
    chat = {"id": -1001234567890, "type": "supergroup", "title": "Dispatch"}
    sent = {"message_id": number, "date": int(call.at.timestamp()), "chat": chat, "from": BOT}
    return Answer(200, {"ok": True, "result": {**sent, "text": plain(data["text"])}})


def refused(status: int, why: str) -> Json:
    says = "Unauthorized" if status == 401 else f"Bad Request: {why}"
    return {"ok": False, "error_code": status, "description": says}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    """A button that was pressed, or an answer to the message."""
    who = {"id": 42, "is_bot": False, "first_name": "Ana", "username": "ana_silva"}
    number, chosen = happened(record), record.data["chat_id"]
    chat = {"username": chosen[1:]} if chosen.startswith("@") else {"id": int(chosen)}
    first = {"message_id": int(record.external_id), "chat": chat}
    if act in BUTTONS:
        pressed = {"id": str(number), "from": who, "message": first, "data": act}
        return {"update_id": number, "callback_query": pressed}
    said = {"message_id": number, "from": who, "chat": chat, "text": text}
    return {"update_id": number, "message": {**said, "reply_to_message": first}}


def look(record: SandboxRecord) -> RecordRow:
    facts = {"buttons": ", ".join(str(dig(one, "text")) for one in record.data["buttons"])}
    text = plain(record.data["text"])
    return row(record, text.partition("\n")[0], "chat_id", text=text, spelled=plain, facts=facts)


def plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^<>]+>", "", text))


stand = Stand(
    routes=(
        Route("POST", "bot{token}/getMe", me),
        Route("POST", "bot{token}/sendMessage", send),
        Route("POST", "bot{token}/editMessageText", edit),
    ),
    account=in_path("token", "bot"),
    refused=refused,
    show=look,
    does_there=(*BUTTONS, "comment"),
    event=event,
    example_id="4217",
    example_answer={"result": {"message_id": 4217}},
)
