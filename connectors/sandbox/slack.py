"""Stands in for Slack's Web API: messages, their threads and their edits. Slack knows no idempotency."""

import html
import re
from collections.abc import Callable

from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call, record_of, signed_in
from connectors.sandbox.stand import RecordRow, Stand, row
from exceptions_app.models import Connection

LONGEST = 40_000


def answer(call: Call) -> Answer:
    """Slack refuses with 200 and ``ok: false``."""
    connection = signed_in(call)
    method = METHODS.get(call.path) if call.method == "POST" else None
    if connection is None:
        return refused("invalid_auth")
    if method is None:
        return refused("unknown_method")
    return method(call, connection)


def test_sign_in(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"ok": True, "team": "Sandbox", "user": "flagstand"})


def post(call: Call, connection: Connection) -> Answer:
    text, thread = str(call.body.get("text", "")), str(call.body.get("thread_ts", ""))
    if problem := problem_with(call):
        return refused(problem)
    if not thread:
        record = SandboxRecord.objects.create(
            connection=connection,
            data={"channel": call.body["channel"], "text": text},
            created_at=call.at,
            changed_at=call.at,
        )
        record.external_id = stamp(call, record.pk * 2)
        record.save(update_fields=["external_id"])
        return taken(call, record.external_id)
    parent = record_of(connection, thread)
    if parent is None:
        return refused("thread_not_found")
    note = SandboxNote.objects.create(record=parent, at=call.at, what="Reply", text=text)
    note.mark = stamp(call, note.pk * 2 + 1)
    note.save(update_fields=["mark"])
    touch(parent, call)
    return taken(call, note.mark)


def update(call: Call, connection: Connection) -> Answer:
    record = record_of(connection, str(call.body.get("ts", "")))
    if problem := problem_with(call):
        return refused(problem)
    if record is None:
        return refused("message_not_found")
    record.data["text"] = str(call.body["text"])
    touch(record, call)
    return taken(call, record.external_id)


METHODS: dict[str, Callable[[Call, Connection], Answer]] = {
    "api/auth.test": test_sign_in,
    "api/chat.postMessage": post,
    "api/chat.update": update,
}


def problem_with(call: Call) -> str:
    text = str(call.body.get("text", ""))
    if not call.body.get("channel"):
        return "channel_not_found"
    if not text:
        return "no_text"
    return "msg_too_long" if len(text) > LONGEST else ""


def stamp(call: Call, number: int) -> str:
    """When, and a fraction that tells two of the same second apart."""
    return f"{int(call.at.timestamp())}.{number % 1_000_000:06d}"


def touch(record: SandboxRecord, call: Call) -> None:
    record.changed_at = call.at
    record.save()


def taken(call: Call, ts: str) -> Answer:
    message = {"type": "message", "text": call.body["text"], "ts": ts}
    body = {"ok": True, "channel": call.body["channel"], "ts": ts, "message": message}
    return Answer(200, body)


def refused(code: str) -> Answer:
    return Answer(200, {"ok": False, "error": code})


def look(record: SandboxRecord) -> RecordRow:
    return row(record, "Flagstand", "channel", spelled=plain, text=plain(record.data["text"]))


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
    routes=(), refused=lambda status, why: {"ok": False, "error": why}, show=look, own=answer
)
