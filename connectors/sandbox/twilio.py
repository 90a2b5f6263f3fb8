"""Stands in for Twilio's messages: each text is one more, and the list of them can be looked through."""

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from connectors.kit import Json, number_in
from connectors.models import SandboxRecord
from connectors.sandbox.calls import Answer, Call
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, happened, keep, note, row
from exceptions_app.models import Connection

LONGEST = 1600


def send(call: Call, connection: Connection, account: str) -> Answer:
    """Later texts about a case are shown with its first, as on a telephone."""
    text, sender = call.body.get("Body", ""), call.body.get("From")
    if not call.body.get("To"):
        raise Refusal(400, "A 'To' phone number is required.")
    if bool(sender) == bool(call.body.get("MessagingServiceSid")):
        raise Refusal(400, "A 'From' or 'MessagingServiceSid' parameter is required.")
    if not 0 < len(text) <= LONGEST:
        raise Refusal(400, "The message body is empty, or exceeds the 1600 character limit.")
    of_case = SandboxRecord.objects.filter(connection=connection, data__number=number_in(text))
    if first := of_case.order_by("id").last():
        made = note(call, first, text, "Text message")
        return Answer(201, message(account, call.body, sid(made.pk + 10**9), call.at))
    data = {"number": number_in(text), "To": call.body["To"], "From": sender, "Body": text}
    record, _ = keep(call, connection, data, external_id=sid)
    return Answer(201, message(account, data, record.external_id, call.at))


def every(call: Call, connection: Connection, account: str) -> Answer:
    found = []
    for record in SandboxRecord.objects.filter(connection=connection).prefetch_related("notes"):
        found.append(message(account, record.data, record.external_id, record.created_at))
        later = [(record.data | {"Body": one.text}, one.at) for one in record.notes.all()]
        found += [message(account, data, sid(record.pk), at) for data, at in later]
    return Answer(200, {"messages": found, "page": 0, "page_size": len(found)})


def sid(number: int) -> str:
    return f"SM{number:032x}"


def message(account: str, data: Json, sid: str, at: datetime) -> Json:
    told = {"sid": sid, "account_sid": account, "status": "queued", "num_segments": "1"}
    told |= {"direction": "outbound-api", "date_created": format_datetime(at)}
    return {**told, "to": data["To"], "from": data.get("From"), "body": data["Body"]}


def refused(status: int, why: str) -> Json:
    return {"code": 20003 if status == 401 else 21604, "message": why, "status": status}


def event(record: SandboxRecord, act: str, text: str) -> str:
    """What somebody answers on the telephone."""
    word = {"acknowledge": "1", "claim": "2", "solve": "done"}.get(act, "")
    said = f"{word} {record.data['number']} {'' if word else text}".strip()
    who = {"From": record.data["To"], "To": record.data["From"] or ""}
    return urlencode({"MessageSid": sid(happened(record)), **who, "Body": said})


def look(record: SandboxRecord) -> RecordRow:
    data = record.data
    return row(record, f"To {data['To']}", "From", state="queued", text=data["Body"])


MESSAGES = "2010-04-01/Accounts/{account}/Messages.json"
stand = Stand(
    routes=(Route("POST", MESSAGES, send), Route("GET", MESSAGES, every)),
    refused=refused,
    show=look,
    does_there=("acknowledge", "claim", "solve", "comment"),
    event=event,
    example_id="SM0123456789abcdef0123456789abcdef",
)
