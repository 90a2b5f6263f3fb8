"""Stands in for SendGrid and the mailbox behind it, which shows a mail sent twice only once."""

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
from exceptions_app.models import Connection

THERE = {"bounce": "bounce", "drop": "dropped"}


def send(call: Call, connection: Connection) -> Answer:
    mail, person = call.body, as_object(dig(call.body, "personalizations", 0))
    need(mail, "personalizations", "from", "subject", "content")
    given = as_object(person.get("custom_args"))
    if not dig(person, "to", 0, "email") or not all(isinstance(one, str) for one in given.values()):
        raise Refusal(400, "Bad Request")
    mark = str(dig(mail, "headers", "Message-ID"))[:200]
    if not given.get("flagstand_mail"):
        record, _ = keep(call, connection, mail, key=mark, external_id="sandbox{:015d}".format)
        return Answer(202, {}, {"X-Message-Id": record.external_id})
    first = known(connection, given["flagstand_mail"])
    if not first.notes.filter(mark=mark).exists():
        files = [str(dig(one, "filename")) for one in mail.get("attachments", [])]
        answer = note(call, first, "\n".join([said(mail), *files]), str(mail["subject"])[:40])
        answer.mark = mark
        answer.save(update_fields=["mark"])
    return Answer(202, {}, {"X-Message-Id": f"sandbox{first.pk:014d}a"})


def scopes(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"scopes": ["mail.send"]})


def said(mail: Json) -> str:
    return str(dig(mail, "content", 0, "value"))


def refused(status: int, why: str) -> Json:
    return {"errors": [{"message": why}]}


def look(record: SandboxRecord) -> RecordRow:
    mail = record.data
    facts = {
        "to": dig(mail, "personalizations", 0, "to", 0, "email"),
        "categories": ", ".join(mail.get("categories", [])),
        "X-Message-Id": record.external_id,
    }
    state = str(mail.get("event", ""))
    return row(record, str(mail.get("subject")), state=state, text=said(mail), facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> list[Json]:
    record.data["event"] = THERE[act]
    return [
        {
            "email": dig(record.data, "personalizations", 0, "to", 0, "email"),
            "timestamp": int(record.changed_at.timestamp()),
            "event": THERE[act],
            "sg_event_id": f"{act}-{record.pk}-{happened(record)}",
            "sg_message_id": f"{record.external_id}.filterdrecv-sandbox-0",
            "reason": text,
            **as_object(dig(record.data, "personalizations", 0, "custom_args")),
        }
    ]


stand = Stand(
    routes=(Route("POST", "v3/mail/send", send), Route("GET", "v3/scopes", scopes)),
    refused=refused,
    show=look,
    does_there=tuple(THERE),
    event=event,
    example_id="LRzXl_NHStOGhQ4kofSm_A",
)
