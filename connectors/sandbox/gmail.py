"""Stands in for Gmail's messages: threads, and a search that knows a Message-ID."""

from base64 import urlsafe_b64decode
from email import message_from_bytes, policy
from email.message import EmailMessage

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, keep, known, need, note, row
from exceptions_app.models import Connection

HEADERS = ("From", "To", "Subject", "Message-ID", "Importance", "In-Reply-To", "X-Flagstand")


def send(call: Call, connection: Connection) -> Answer:
    need(call.body, "raw")
    mail = opened(str(call.body["raw"]))
    body = mail.get_body()
    text = str(body.get_content()) if body else ""
    headers = {name: str(mail[name]) for name in HEADERS if mail[name]}
    if not call.body.get("threadId"):
        record, _ = keep(
            call, connection, {"headers": headers, "text": text}, external_id="{:016x}".format
        )
        return Answer(200, shown(record))
    record = known(connection, str(call.body["threadId"]))
    if headers.get("In-Reply-To") != record.data["headers"]["Message-ID"]:
        raise Refusal(400, "The thread and In-Reply-To do not match.")
    files = [str(part.get_filename()) for part in mail.iter_attachments()]
    answer = note(call, record, "\n".join([text, *files]), headers.get("Subject", "")[:40])
    answer.mark = headers.get("Message-ID", "")[:200]
    answer.save(update_fields=["mark"])
    return Answer(200, {"id": own_id(answer), "threadId": record.external_id})


def opened(raw: str) -> EmailMessage:
    """Gmail refuses the other alphabet of base64."""
    if set("+/") & set(raw):
        raise Refusal(400, "Invalid value for ByteString")
    return message_from_bytes(urlsafe_b64decode(raw + "=="), policy=policy.default)


def search(call: Call, connection: Connection) -> Answer:
    mark = f"<{call.query.get('q', '').removeprefix('rfc822msgid:')}>"
    wanted = {"data__headers__contains": {"Message-ID": mark}}
    firsts = SandboxRecord.objects.filter(connection=connection, **wanted)
    found = [{"id": one.external_id, "threadId": one.external_id} for one in firsts]
    answers = SandboxNote.objects.filter(record__connection=connection, mark=mark)
    found += [{"id": own_id(one), "threadId": one.record.external_id} for one in answers]
    size: Json = {"resultSizeEstimate": len(found)}
    return Answer(200, size | ({"messages": found} if found else {}))


def own_id(answer: SandboxNote) -> str:
    return f"{answer.pk:015x}a"


def message(call: Call, connection: Connection, id: str) -> Answer:
    return Answer(200, shown(known(connection, id)))


def profile(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"emailAddress": connection.settings.get("mailbox"), "messagesTotal": 1})


def shown(record: SandboxRecord) -> Json:
    headers = [{"name": name, "value": value} for name, value in record.data["headers"].items()]
    own = {"id": record.external_id, "threadId": record.external_id, "labelIds": ["SENT"]}
    return own | {"payload": {"mimeType": "text/plain", "headers": headers}}


REASONS = {400: "badRequest", 401: "authError", 404: "notFound", 422: "invalidArgument"}
REASONS |= {429: "rateLimitExceeded"}


def refused(status: int, why: str) -> Json:
    reason = {"domain": "global", "reason": REASONS[status], "message": why}
    return {"error": {"code": status, "message": why, "errors": [reason]}}


def look(record: SandboxRecord) -> RecordRow:
    headers = record.data["headers"]
    facts = {name: headers.get(name) for name in ("From", "To", "Importance")}
    return row(record, headers.get("Subject", ""), text=record.data["text"], facts=facts)


ME = "gmail/v1/users/me"
stand = Stand(
    routes=(
        Route("POST", f"{ME}/messages/send", send),
        Route("GET", f"{ME}/messages", search),
        Route("GET", f"{ME}/messages/{{id}}", message),
        Route("GET", f"{ME}/profile", profile),
    ),
    refused=refused,
    show=look,
    example_id="18f0c5a7b2d41042",
    example_answer={
        "threadId": "18f0c5a7b2d41042",
        "payload": {"headers": [{"name": "Message-ID", "value": "<5e1f7a52@example.com>"}]},
    },
)
