"""Stands in for a mail server and the mailbox behind it, which shows a mail sent twice only once."""

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call, accounts, alone, as_object, record_of
from connectors.sandbox.stand import RecordRow, Stand, row
from exceptions_app.models import Connection


def answer(call: Call) -> Answer:
    headers = as_object(call.body.get("headers"))
    connection = mailbox(call, headers)
    if connection is None:
        return Answer(401, {"error": "535 5.7.8 Authentication credentials invalid"})
    mark = str(headers.get("Message-ID", ""))[:200]
    if not mark:
        return Answer(400, {"error": "554 5.6.0 Message-ID is missing"})
    thread = str(headers.get("In-Reply-To", ""))
    alone(connection, thread or mark)
    arrive(call, connection, headers, mark)
    return Answer(200, {"message_id": mark})


def mailbox(call: Call, headers: Json) -> Connection | None:
    """A server that wants no sign-in knows its people by their address."""
    given = call.headers.get("Authorization", "")
    for connection, account in accounts(call.slug):
        ours = account.sign_in.headers.get("Authorization", "")
        if given == ours and headers.get("From") == connection.settings.get("sender"):
            return connection
    return None


def arrive(call: Call, connection: Connection, headers: Json, mark: str) -> None:
    text, thread = str(call.body.get("text", "")), str(headers.get("In-Reply-To", ""))
    first = record_of(connection, thread) if thread else record_of(connection, mark)
    if first is None:
        SandboxRecord.objects.create(
            connection=connection,
            external_id=mark,
            data={"headers": headers, "text": text},
            created_at=call.at,
            changed_at=call.at,
        )
    elif thread and not first.notes.filter(mark=mark).exists():
        what = str(headers.get("Subject", ""))[:40]
        SandboxNote.objects.create(record=first, at=call.at, what=what, text=text, mark=mark)
        first.changed_at = call.at
        first.save()


def look(record: SandboxRecord) -> RecordRow:
    headers = record.data["headers"]
    facts = {name: headers.get(name, "") for name in ("From", "To", "Message-ID")}
    return row(record, str(headers.get("Subject", "")), text=record.data["text"], facts=facts)


stand = Stand(routes=(), refused=lambda status, why: {"error": why}, show=look, own=answer)
