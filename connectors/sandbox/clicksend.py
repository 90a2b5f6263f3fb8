"""Stands in for ClickSend: each text is one more, with a status of its own, and a history of all."""

from connectors.kit import Json, dig
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call, as_object
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, happened, keep, note, row
from exceptions_app.models import Connection


def account(call: Call, connection: Connection) -> Answer:
    return said({"username": connection.settings.get("username")})


def send(call: Call, connection: Connection) -> Answer:
    """Later texts about a case are shown with its first, as on a telephone."""
    given = as_object(dig(call.body, "messages", 0))
    if not given.get("body"):
        raise Refusal(400, "The messages are missing.")
    if not str(given.get("to", "")).startswith("+"):
        return said({"messages": [given | {"status": "INVALID_RECIPIENT"}], "blocked_count": 1})
    mark = str(given.get("custom_string", ""))
    number = mark.partition("/")[0]
    first = SandboxRecord.objects.filter(connection=connection, data__number=number).last()
    if first:
        made = note(call, first, str(given["body"]), "Text message")
        made.mark = mark
        made.save(update_fields=["mark"])
        return taken(given, f"LATER-{made.pk}")
    record, _ = keep(call, connection, given | {"number": number}, external_id=id_of)
    return taken(given, record.external_id)


def id_of(number: int) -> str:
    return f"BF7AD270-0DE2-418B-B606-{number:012X}"


def taken(given: Json, id: str) -> Answer:
    sent = {**given, "message_id": id, "direction": "out", "status": "SUCCESS"}
    return said({"messages": [sent], "total_count": 1, "queued_count": 1, "blocked_count": 0})


def history(call: Call, connection: Connection) -> Answer:
    found: list[Json] = []
    for record in SandboxRecord.objects.filter(connection=connection).prefetch_related("notes"):
        sent = {"status": "SUCCESS", "message_id": record.external_id}
        found.append({**sent, "custom_string": record.data["custom_string"]})
        found += [{**sent, "custom_string": one.mark} for one in record.notes.all()]
    return said({"total": len(found), "data": found})


def said(data: Json) -> Answer:
    told = {"http_code": 200, "response_code": "SUCCESS", "response_msg": "Here is your data."}
    return Answer(200, {**told, "data": data})


def refused(status: int, why: str) -> Json:
    code = {401: "UNAUTHORIZED", 404: "NOT_FOUND"}.get(status, "BAD_REQUEST")
    return {"http_code": status, "response_code": code, "response_msg": why, "data": None}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    """What somebody answers on the telephone; ClickSend knows to which text."""
    return {
        "from": record.data["to"],
        "body": {"acknowledge": "1", "claim": "2", "solve": "Done"}.get(act, text),
        "original_body": record.data["body"],
        "original_message_id": record.external_id,
        "custom_string": record.data["custom_string"],
        "message_id": id_of(happened(record)),
    }


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    return row(record, f"To {data['to']}", "from", "custom_string", text=data["body"])


stand = Stand(
    routes=(
        Route("GET", "v3/account", account),
        Route("POST", "v3/sms/send", send),
        Route("GET", "v3/sms/history", history),
    ),
    refused=refused,
    show=look,
    does_there=("acknowledge", "claim", "solve", "comment"),
    event=event,
    example_id="BF7AD270-0DE2-418B-B606-71D527D9C1AE",
)
