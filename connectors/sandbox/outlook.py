"""Stands in for a mailbox of Microsoft 365, which Graph sends from and which can be searched."""

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object, record_of
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, keep, note, row
from exceptions_app.models import Connection

IN_REPLY_TO = "String 0x1042"
CODES = {400: "ErrorInvalidRequest", 401: "InvalidAuthenticationToken", 404: "ResourceNotFound"}
CODES |= {422: "ErrorInvalidRequest", 429: "ApplicationThrottled"}


def send(call: Call, connection: Connection, mailbox: str) -> Answer:
    """Accepted with nothing to read; who sends from a strange mailbox is refused."""
    if mailbox != connection.settings.get("mailbox"):
        raise Refusal(404, "The requested user is invalid.")
    mail = as_object(call.body.get("message"))
    if not dig(mail, "toRecipients", 0, "emailAddress", "address"):
        raise Refusal(400, "At least one recipient is not valid.")
    for one in mail.get("internetMessageHeaders", []):
        if not str(dig(one, "name")).lower().startswith("x-"):
            raise Refusal(400, "The internet message header name should start with 'x-'.")
    named = {
        one.get("id"): one.get("value") for one in mail.get("singleValueExtendedProperties", [])
    }
    first = record_of(connection, str(named.get(IN_REPLY_TO, "")))
    own = str(mail.get("internetMessageId", ""))[:200]
    if first:
        files = [str(dig(one, "name")) for one in mail.get("attachments", [])]
        answer = note(call, first, "\n".join([said(mail), *files]), str(mail.get("subject"))[:40])
        answer.mark = own
        answer.save(update_fields=["mark"])
    else:
        keep(call, connection, mail, external_id=lambda pk: own or f"<{pk}@outlook.example>")
    return Answer(202, {})


def search(call: Call, connection: Connection, mailbox: str) -> Answer:
    mark = call.query.get("$filter", "").removeprefix("internetMessageId eq ").strip("'")
    mails = SandboxRecord.objects.filter(connection=connection)
    if mark:
        mails = mails.filter(external_id=mark) | mails.filter(notes__mark=mark)
    found = [{"id": f"AAMk{one.pk}", "internetMessageId": mark or one.external_id} for one in mails]
    return Answer(200, {"value": found[: int(call.query.get("$top", 10))]})


def said(mail: Json) -> str:
    return str(dig(mail, "body", "content"))


def refused(status: int, why: str) -> Json:
    return {"error": {"code": CODES[status], "message": why, "innerError": {}}}


def look(record: SandboxRecord) -> RecordRow:
    mail = record.data
    facts = {
        "to": dig(mail, "toRecipients", 0, "emailAddress", "address"),
        "internetMessageId": record.external_id,
    }
    return row(record, str(mail.get("subject")), "importance", text=said(mail), facts=facts)


USER = "v1.0/users/{id}"
stand = Stand(
    routes=(
        Route("POST", f"{USER}/sendMail", send),
        Route("GET", f"{USER}/messages", search),
    ),
    refused=refused,
    show=look,
    example_id="<0b9f6c1e-6a51-4f5e-9d3b-7f7f1c2d1042@example.com>",
)
