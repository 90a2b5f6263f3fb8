"""Stands in for Slack's Web API and webhooks: messages, threads and edits. Slack knows no idempotency."""

import html
import json
import re
from urllib.parse import urlencode

from connectors.kit import BUTTONS, Json, dig
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call, in_path, record_of, signed_in
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

LONGEST, LONGEST_BLOCK = 40_000, 3000


def account(call: Call) -> Connection | None:
    """A webhook is known by its address."""
    return in_path("webhook")(call) if call.path.startswith("services/") else signed_in(call)


def test_sign_in(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"ok": True, "team": "Sandbox", "user": "flagstand"})


def unknown(call: Call, connection: Connection, method: str) -> Answer:
    raise Refusal(200, "unknown_method")


def post(call: Call, connection: Connection) -> Answer:
    data, thread = message(call), str(call.body.get("thread_ts", ""))
    if not thread:
        record, _ = keep(call, connection, data, external_id=lambda pk: stamp(call, pk * 2))
        return taken(call, record.external_id)
    parent = record_of(connection, thread)
    if parent is None:
        raise Refusal(200, "thread_not_found")
    return taken(call, marked(call, note(call, parent, data["text"], "Reply")))


def marked(call: Call, reply: SandboxNote) -> str:
    reply.mark = stamp(call, reply.pk * 2 + 1)
    reply.save(update_fields=["mark"])
    return reply.mark


def update(call: Call, connection: Connection) -> Answer:
    data, record = message(call), record_of(connection, str(call.body.get("ts", "")))
    if record is None:
        raise Refusal(200, "message_not_found")
    change(call, record, data)
    return taken(call, record.external_id)


def hook(call: Call, connection: Connection, *parts: str) -> Answer:
    """It gives no id; on our page a message goes by the number in its text."""
    text = str(call.body.get("text", ""))
    if not text:
        return Answer(400, "no_text")
    number = re.search(r"\|(EX-\d+)>", text)
    keep(call, connection, {"text": text}, external_id=lambda pk: number[1] if number else str(pk))
    return Answer(200, "ok")


def message(call: Call) -> Json:
    """What a message has to have, or Slack's word for what it lacks."""
    text, blocks = str(call.body.get("text", "")), call.body.get("blocks") or []
    if not call.body.get("channel"):
        raise Refusal(200, "channel_not_found")
    if not text:
        raise Refusal(200, "no_text")
    if len(text) > LONGEST:
        raise Refusal(200, "msg_too_long")
    if any(len(str(dig(block, "text", "text"))) > LONGEST_BLOCK for block in blocks):
        raise Refusal(200, "invalid_blocks")
    return {"channel": call.body["channel"], "text": text, "blocks": blocks}


def stamp(call: Call, number: int) -> str:
    """When, and a fraction that tells two of the same second apart."""
    return f"{int(call.at.timestamp())}.{number % 1_000_000:06d}"


def taken(call: Call, ts: str) -> Answer:
    message = {"type": "message", "text": call.body["text"], "ts": ts}
    body = {"ok": True, "channel": call.body["channel"], "ts": ts, "message": message}
    return Answer(200, body)


def refused(status: int, why: str) -> Json:
    return {"ok": False, "error": "invalid_auth" if status == 401 else why}


def event(record: SandboxRecord, act: str, text: str) -> Json | str:
    """A button that was pressed, or an answer in the thread."""
    at = f"{record.changed_at.timestamp():.6f}"
    if act in BUTTONS:
        pressed: Json = {
            "type": "block_actions",
            "user": {"id": "U2147483697", "username": "ana.silva"},
            "container": {"type": "message", "message_ts": record.external_id},
            "actions": [{"type": "button", "action_id": act, "action_ts": at}],
        }
        return urlencode({"payload": json.dumps(pressed)})
    said = {"type": "message", "user": "U2147483697", "text": html.escape(text, quote=False)}
    said |= {"ts": at, "thread_ts": record.external_id}
    return {"type": "event_callback", "event_id": f"Ev{happened(record)}", "event": said}


def look(record: SandboxRecord) -> RecordRow:
    buttons = [
        str(dig(button, "text", "text"))
        for block in record.data.get("blocks", [])
        for button in block.get("elements", [])
    ]
    facts = {"buttons": ", ".join(buttons)}
    text = plain(record.data["text"])
    return row(record, "Flagstand", "channel", spelled=plain, text=text, facts=facts)


EMOJI = {
    ":red_circle:": "\N{LARGE RED CIRCLE}",
    ":large_orange_circle:": "\N{LARGE ORANGE CIRCLE}",
    ":white_circle:": "\N{MEDIUM WHITE CIRCLE}",
    ":white_check_mark:": "\N{WHITE HEAVY CHECK MARK}",
}


def plain(text: str) -> str:
    """Slack's markup as it looks there: emoji, names of links, characters that were escaped."""
    for name, drawn in EMOJI.items():
        text = text.replace(name, drawn)
    return html.unescape(re.sub(r"<[^<>|]+\|([^<>]+)>", r"\1", text))


stand = Stand(
    routes=(
        Route("POST", "api/auth.test", test_sign_in),
        Route("POST", "api/chat.postMessage", post),
        Route("POST", "api/chat.update", update),
        Route("POST", "api/{method}", unknown),
        Route("POST", "services/{workspace}/{app}/{secret}", hook),
    ),
    account=account,
    status_refused=200,
    refused=refused,
    show=look,
    does_there=(*BUTTONS, "comment"),
    event=event,
    example_id="1763730300.000042",
)
