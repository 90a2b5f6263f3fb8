"""Stands in for PagerDuty's Events API: one open alert per dedup_key, however often it is triggered."""

from connectors.kit import Json
from connectors.models import SandboxNote, SandboxRecord
from connectors.sandbox.calls import Answer, Call, alone, as_object, record_of, with_setting
from connectors.sandbox.stand import RecordRow, Refusal, Route, Stand, happened, row
from exceptions_app.models import Connection

SEVERITIES = {"critical", "error", "warning", "info"}
LONGEST_SUMMARY, LONGEST_KEY = 1024, 255
ACTS = {
    "acknowledge": ("acknowledged", "acknowledged"),
    "solve": ("resolved", "resolved"),
    "reopen": ("reopened", "triggered"),
}
BECOMES = {"acknowledge": "acknowledged", "resolve": "resolved"}


def enqueue(call: Call, connection: Connection) -> Answer:
    if problems := problems_with(call.body):
        raise Refusal(400, "; ".join(problems))
    key = str(call.body.get("dedup_key") or call.digest[:32])
    alone(connection, key)
    happen(call, connection, key)
    return Answer(202, {"status": "success", "message": "Event processed", "dedup_key": key})


def happen(call: Call, connection: Connection, key: str) -> None:
    """A resolved alert is over: only a trigger opens another, and whatever else is dropped silently."""
    alert = record_of(connection, key)
    if alert and alert.data["status"] == "resolved":
        alert = None
    action = call.body["event_action"]
    payload = as_object(call.body.get("payload"))
    if action == "trigger":
        alert = alert or SandboxRecord(
            connection=connection,
            external_id=key,
            data={"status": "triggered"},
            created_at=call.at,
        )
        alert.data |= {"payload": payload, "client_url": call.body.get("client_url", "")}
    if alert is None:
        return
    alert.data["status"] = BECOMES.get(action, alert.data["status"])
    alert.changed_at = call.at
    alert.save()
    text = str(as_object(payload.get("custom_details")).get("text", ""))
    SandboxNote.objects.create(record=alert, at=call.at, what=action, text=text)


def problems_with(body: Json) -> list[str]:
    action, payload = body.get("event_action"), as_object(body.get("payload"))
    problems = []
    if action not in {"trigger", *BECOMES}:
        problems.append("event_action is invalid (must be one of trigger, acknowledge or resolve)")
    if action != "trigger" and not body.get("dedup_key"):
        problems.append("dedup_key is missing or blank")
    if len(str(body.get("dedup_key", ""))) > LONGEST_KEY:
        problems.append("dedup_key is too long")
    return problems + (problems_with_payload(payload) if action == "trigger" else [])


def problems_with_payload(payload: Json) -> list[str]:
    missing = [name for name in ("summary", "source", "severity") if not payload.get(name)]
    problems = [f"payload.{name} is missing or blank" for name in missing]
    if len(str(payload.get("summary", ""))) > LONGEST_SUMMARY:
        problems.append("payload.summary is too long (maximum is 1024 characters)")
    if payload.get("severity", "info") not in SEVERITIES:
        problems.append("payload.severity is invalid")
    return problems


def refused(status: int, why: str) -> Json:
    if status == 404:
        return {"status": "not found", "message": why}
    problem = "routing_key is unknown" if status == 401 else why
    told = {"status": "invalid event", "message": "Event object is invalid"}
    return {**told, "errors": problem.split("; ")}


def event(record: SandboxRecord, act: str, text: str) -> Json:
    """What a v3 webhook says; of a note it names the record only by its title."""
    title = f"[#{record.pk}] {record.data['payload']['summary']}"
    kind, data = "annotated", {"content": text, "incident": {"id": "PGR0VU2", "summary": title}}
    if act in ACTS:
        kind, record.data["status"] = ACTS[act]
        data = {"id": "PGR0VU2", "incident_key": record.external_id, "title": title}
    agent = {"type": "user_reference", "summary": "Ana Silva"}
    told = {"id": f"{happened(record):026d}", "occurred_at": record.changed_at.isoformat()}
    return {"event": {**told, "event_type": f"incident.{kind}", "agent": agent, "data": data}}


def look(record: SandboxRecord) -> RecordRow:
    payload = record.data["payload"]
    facts = {name: payload.get(name) for name in ("severity", "source", "group", "class")}
    told = as_object(payload.get("custom_details"))
    facts |= {name: value for name, value in told.items() if name != "text"}
    return row(record, str(payload["summary"]), state=record.data["status"], facts=facts)


stand = Stand(
    routes=(Route("POST", "v2/enqueue", enqueue),),
    account=lambda call: with_setting(call, "routing_key", call.body.get("routing_key")),
    status_refused=400,
    refused=refused,
    show=look,
    does_there=("acknowledge", "solve", "reopen", "comment"),
    event=event,
)
