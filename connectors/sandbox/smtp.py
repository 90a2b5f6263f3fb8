"""Stands in for a mail server and the mailbox behind it, which shows a mail sent twice only once."""

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, alone, as_object, record_of
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, keep, note, row
from exceptions_app.models import Connection


def take(call: Call, connection: Connection) -> Answer:
    headers = as_object(call.body.get("headers"))
    mark, thread = str(headers.get("Message-ID", ""))[:200], str(headers.get("In-Reply-To", ""))
    if not mark and not call.body.get("text"):
        return Answer(200, {"message_id": ""})  # asked only whether one would be taken
    if not mark:
        raise Refusal(400, "554 5.6.0 Message-ID is missing")
    alone(connection, thread or mark)
    arrive(call, connection, mark, thread)
    return Answer(200, {"message_id": mark})


def mailbox(call: Call) -> Connection | None:
    """A server that wants no sign-in knows its people by their address."""
    given, headers = call.headers.get("Authorization", ""), as_object(call.body.get("headers"))
    for connection, account in call.accounts:
        ours = account.sign_in.headers.get("Authorization", "")
        if given == ours and headers.get("From") == connection.settings.get("sender"):
            return connection
    return None


def arrive(call: Call, connection: Connection, mark: str, thread: str) -> None:
    headers, text = as_object(call.body.get("headers")), str(call.body.get("text", ""))
    first = record_of(connection, thread or mark)
    if first is None:
        keep(call, connection, {"headers": headers, "text": text}, external_id=lambda _: mark)
    elif thread and not first.notes.filter(mark=mark).exists():
        answer = note(call, first, text, str(headers.get("Subject", ""))[:40])
        answer.mark = mark
        answer.save(update_fields=["mark"])


def look(record: SandboxRecord) -> RecordRow:
    headers = record.data["headers"]
    facts = {name: headers.get(name, "") for name in ("From", "To", "Message-ID")}
    return row(record, str(headers.get("Subject", "")), text=record.data["text"], facts=facts)


def refused(status: int, why: str) -> Json:
    return {"error": "535 5.7.8 Authentication credentials invalid" if status == 401 else why}


stand = Stand(
    routes=(Route("POST", "messages", take),),
    refused=refused,
    show=look,
    account=mailbox,
    example_id="<0b9f6c1e-6a51-4f5e-9d3b-7f7f1c2d1042@example.com>",
)
