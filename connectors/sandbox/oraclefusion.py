"""Stands in for Oracle Fusion's service requests: lookup codes, upserts by SrNumber, messages in base64."""

import re
from base64 import b64decode, b64encode

from django.db.models import Q

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import (
    RecordRow,
    Refusal,
    Route,
    Stand,
    change,
    keep,
    known,
    need,
    note,
    row,
)
from exceptions_app.models import Connection

REQUESTS = "crmRestApi/resources/latest/serviceRequests"
SEVERITIES = {f"ORA_SVC_SEV{number}" for number in range(1, 5)}
ASKED = re.compile(r"SrNumber='([^']*)' OR Title LIKE '([^']*)%'")


def listed(call: Call, connection: Connection) -> Answer:
    every = SandboxRecord.objects.filter(connection=connection)
    if found := ASKED.fullmatch(call.query.get("q", "")):
        every = every.filter(Q(external_id=found[1]) | Q(data__Title__startswith=found[2]))
    items = [shown(record) for record in every[:25]]
    return Answer(200, {"items": items, "count": len(items), "hasMore": False})


def create(call: Call, connection: Connection) -> Answer:
    check(call.body)
    number = str(call.body.get("SrNumber", ""))
    upsert = number if call.headers.get("Upsert-Mode") == "true" else ""
    id_of = "SR{:010d}".format
    record, new = keep(
        call, connection, call.body, key=upsert, external_id=lambda pk: number or id_of(pk)
    )
    if not new:
        change(call, record, call.body)
    return Answer(201, shown(record))


def look(call: Call, connection: Connection, number: str) -> Answer:
    return Answer(200, shown(known(connection, number)))


def update(call: Call, connection: Connection, number: str) -> Answer:
    check(call.body)
    record = known(connection, number)
    change(call, record, call.body)
    return Answer(200, shown(record))


def messages(call: Call, connection: Connection, number: str) -> Answer:
    """Whole, as long as it is not said which fields are wanted."""
    names = call.query.get("fields", "MessageId,Subject,MessageContent").split(",")
    items = [
        {"MessageId": one.pk, "Subject": one.mark, "MessageContent": base64(one.text)}
        for one in known(connection, number).notes.all()
    ]
    return Answer(200, {"items": [{name: item[name] for name in names} for item in items]})


def add_message(call: Call, connection: Connection, number: str) -> Answer:
    need(call.body, "MessageTypeCd", "MessageContent")
    text = b64decode(call.body["MessageContent"]).decode()
    written = note(call, known(connection, number), text, "Internal note")
    written.mark = str(call.body.get("Subject", ""))
    written.save(update_fields=["mark"])
    return Answer(201, {**call.body, "MessageId": written.pk})


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def check(body: Json) -> None:
    need(body, "Title")
    if body.get("SeverityCd", "ORA_SVC_SEV3") not in SEVERITIES:
        raise Refusal(400, "The value of the attribute SeverityCd isn't valid.")


def shown(record: SandboxRecord) -> Json:
    at = {"CreationDate": record.created_at.isoformat()}
    return {**record.data, **at, "SrNumber": record.external_id, "SrId": record.pk}


def refused(status: int, why: str) -> Json:
    return {"title": "Refused", "status": str(status), "detail": why}


def show(record: SandboxRecord) -> RecordRow:
    data = record.data
    names = [name for name in data if name not in {"Title", "ProblemDescription", "StatusCd"}]
    text = str(data.get("ProblemDescription", ""))
    return row(record, data["Title"], *names, state=str(data["StatusCd"]), text=text)


stand = Stand(
    routes=(
        Route("GET", REQUESTS, listed),
        Route("POST", REQUESTS, create),
        Route("GET", f"{REQUESTS}/{{number}}", look),
        Route("PATCH", f"{REQUESTS}/{{number}}", update),
        Route("GET", f"{REQUESTS}/{{number}}/child/messages", messages),
        Route("POST", f"{REQUESTS}/{{number}}/child/messages", add_message),
    ),
    refused=refused,
    show=show,
)
