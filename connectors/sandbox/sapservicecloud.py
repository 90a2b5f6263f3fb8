"""Stands in for SAP Service Cloud: tickets of Version 1 with CSRF tokens, cases of Version 2 with ETags."""

import re
from typing import Any
from uuid import UUID

from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.platforms.sapservicecloud import STATUS, Config
from connectors.sandbox.calls import Answer, Call, as_object
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
from connectors.words import ORDER
from exceptions_app.models import Connection

V1, V2 = "sap/c4c/odata/v1/c4codata/ServiceRequest", "sap/c4c/api/v1/case-service/cases"
TOKEN, SESSION = "cRqm5pvVZ2hX", "SAP_SESSIONID_LBD_001=q1w2e3"
MOVES = {"solve": "resolved", "wait": "waiting", "reopen": "in_progress"}
PAIR = {
    "x-csrf-token": TOKEN,
    "Set-Cookie": f"{SESSION}; Path=/; Secure, sap-usercontext=sap-client=001",
}


def fetched(call: Call) -> dict[str, str]:
    return PAIR if call.headers.get("x-csrf-token", "").lower() == "fetch" else {}


def check(call: Call) -> None:
    """Version 1 refuses changes without the token, or with one that is not of this session."""
    right = call.headers.get("x-csrf-token") == TOKEN
    if not right or SESSION not in call.headers.get("Cookie", ""):
        raise Refusal(403, "CSRF token validation failed")


def matching(call: Call, connection: Connection) -> list[SandboxRecord]:
    every = SandboxRecord.objects.filter(connection=connection)
    if found := re.fullmatch(
        r"(?:(extensions)/)?(\w+) eq '([^']*)'", call.query.get("$filter", "")
    ):
        path = "__".join(name for name in ("data", found[1], found[2]) if name)
        every = every.filter(**{path: found[3]})
    return list(every[: int(call.query.get("$top", 100))])


# --- Version 1 -------------------------------------------------------------------------------


def every_one(call: Call, connection: Connection) -> Answer:
    found = [shown(record) for record in matching(call, connection)]
    return Answer(200, {"d": {"results": found}}, fetched(call))


def open_one(call: Call, connection: Connection) -> Answer:
    check(call)
    need(call.body, "Name")
    record, _ = keep(
        call, connection, call.body, external_id="00163E03A0701ED28DE9C6{:010X}".format
    )
    return Answer(201, {"d": {"results": shown(record)}})


def one(call: Call, connection: Connection, id: str) -> Answer:
    record = known(connection, id)
    return Answer(200, {"d": {"results": shown(record)}}, fetched(call) | {"etag": etag(record)})


def change_one(call: Call, connection: Connection, id: str) -> Answer:
    check(call)
    changed(call, connection, id)
    return Answer(204, {})


def add_text(call: Call, connection: Connection) -> Answer:
    check(call)
    need(call.body, "TypeCode", "Text", "ParentObjectID")
    note(call, known(connection, call.body["ParentObjectID"]), call.body["Text"], "Internal note")
    return Answer(201, {})


def shown(record: SandboxRecord) -> Json:
    return {**record.data, "ObjectID": record.external_id, "ID": str(record.pk)}


# --- Version 2 -------------------------------------------------------------------------------


def cases(call: Call, connection: Connection) -> Answer:
    return Answer(200, {"value": [image(record) for record in matching(call, connection)]})


def open_case(call: Call, connection: Connection) -> Answer:
    need(call.body, "subject", "caseType", "status", "origin", "account")
    record, _ = keep(call, connection, call.body, external_id=lambda pk: str(UUID(int=pk)))
    return Answer(201, {"value": image(record)}, {"etag": etag(record)})


def one_case(call: Call, connection: Connection, id: str) -> Answer:
    record = known(connection, id)
    return Answer(200, {"value": image(record)}, {"etag": etag(record)})


def change_case(call: Call, connection: Connection, id: str) -> Answer:
    return Answer(200, {"value": image(changed(call, connection, id))})


def image(record: SandboxRecord) -> Json:
    changed = {"adminData": {"updatedOn": record.changed_at.isoformat()}}
    return {**record.data, **changed, "id": record.external_id, "displayId": str(record.pk)}


# --- Both ------------------------------------------------------------------------------------


def etag(record: SandboxRecord) -> str:
    return f'W/"{record.changed_at.isoformat()}"'


def changed(call: Call, connection: Connection, id: str) -> SandboxRecord:
    record = known(connection, id)
    if call.headers.get("If-Match", "") not in {etag(record), "*"}:
        raise Refusal(412, "Precondition failed")
    change(call, record, call.body)
    return record


def refused(status: int, why: str) -> Json:
    return {"error": {"code": str(status), "message": {"lang": "en", "value": why}}}


def show(record: SandboxRecord) -> RecordRow:
    data: Json = record.data
    title = data.get("subject") or as_object(data.get("Name")).get("content", "")
    texts: list[Any] = data.get("ServiceRequestDescription") or [{}]
    own = as_object(data.get("extensions"))
    hidden = {"subject", "Name", "ServiceRequestDescription", "extensions", "account"}
    facts = {name: value for name, value in data.items() if name not in hidden} | own
    state = str(data.get(STATUS) or data.get("status"))
    return row(record, title, state=state, text=str(texts[0].get("Text", "")), facts=facts)


def event(record: SandboxRecord, act: str, text: str) -> Json:
    codes = Config.read(record.connection.settings).statuses.split(",")
    name = "status" if "status" in record.data else STATUS
    record.data[name] = codes[ORDER.index(MOVES[act])]
    if name == "status":
        return {"data": {"currentImage": image(record)}}
    named = {"businessObject": "ServiceRequest", "event": "Updated"}
    return {**named, "ObjectID": record.external_id}


stand = Stand(
    routes=(
        Route("GET", f"{V1}Collection", every_one),
        Route("POST", f"{V1}Collection", open_one),
        Route("GET", f"{V1}Collection('{{id}}')", one),
        Route("PATCH", f"{V1}Collection('{{id}}')", change_one),
        Route("POST", f"{V1}DescriptionCollection", add_text),
        Route("GET", V2, cases),
        Route("POST", V2, open_case),
        Route("GET", f"{V2}/{{id}}", one_case),
        Route("PATCH", f"{V2}/{{id}}", change_case),
    ),
    refused=refused,
    show=show,
    does_there=tuple(MOVES),
    event=event,
    example_id="00163E03A0701ED28DE9C6F4CF4CE8B8",
)
