"""PagerDuty: an alert per case on one service, acknowledged and resolved with the case.

The Events API takes no notes: what happened since is in the alert's details.
"""

from typing import Literal

from connectors import kit

SEVERITY = {"critical": "critical", "high": "error", "medium": "warning", "low": "info"}
OURS = {"acknowledged": "acknowledged", "resolved": "resolved", "reopened": "in_progress"}
HOST = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}
KEY = "pagerduty0integration0key0000000"


class Config(kit.Config):
    """Integrations, Generic Webhooks (v3), New Webhook: this address, the service of the integration key,
    and the events acknowledged, annotated, reopened and resolved.
    """

    routing_key: str = kit.secret("Integration key", KEY, "Service, Integrations, Events API v2")
    region: Literal["us", "eu"] = kit.setting("Service region", default="us")
    webhook_secret: str = kit.secret(
        "Webhook secret", "pagerduty-hook", "Shown once when the webhook is made", default=""
    )


def tell(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """After a resolve the same key would open a second alert, so a settled case is only resolved."""
    if not case.is_open:
        return (yield event(case, config, "resolve"))
    alert = yield event(case, config, "trigger", **details(case))
    if case.status != "new":
        yield event(case, config, "acknowledge")
    return alert


def event(case: kit.Snapshot, config: Config, action: str, **more: object) -> kit.Request:
    known = {"routing_key": config.routing_key, "dedup_key": case.number, "event_action": action}
    return kit.post("/v2/enqueue", {**known, **more})


def details(case: kit.Snapshot) -> kit.Json:
    told = {"text": case.text, "status": case.status, "assignee": case.assignee or "nobody"}
    payload = {
        "summary": case.heading[:1024],
        "severity": SEVERITY[case.severity],
        "source": case.site,
        "timestamp": case.opened_at.isoformat(),
        "group": case.team,
        "class": case.exception_type,
        "custom_details": {**told, "customer": case.customer, "reference": case.reference},
    }
    links = [{"href": case.url, "text": case.number}]
    return {"payload": payload, "client": "Flagstand", "client_url": case.url, "links": links}


def read(body: object, config: Config) -> kit.Events:
    """Alerts go by our number, which a note's record has only in its title."""
    event, told = kit.dig(body, "event"), kit.dig(body, "event", "data")
    noun, _, verb = kit.text(event, "event_type").partition(".")
    title = kit.text(told, "title") or kit.text(told, "incident", "summary")
    if noun == "incident":
        yield kit.Event(
            external_id=kit.text(told, "incident_key") or kit.number_in(title),
            status=OURS.get(verb, ""),
            comment=kit.text(told, "content"),
            author=kit.text(event, "agent", "summary"),
        )


PROOF = kit.Signature[Config]("X-PagerDuty-Signature", lambda c: c.webhook_secret, "v1={hex}")

connector = kit.Connector(
    slug="pagerduty",
    name="PagerDuty",
    docs="https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
    config=Config,
    base_url=lambda c: f"https://{HOST[c.region]}",
    create=tell,
    external_id=kit.in_body("dedup_key"),
    inbound=kit.Inbound(PROOF, read, kit.of_header("X-Webhook-Id")),
    cannot={
        "attach": "An event carries links, no files.",
        "look_up": "The Events API answers nothing about alerts.",
    },
    safe=kit.EVERYTHING,
    rate=kit.Rate(105),
)
