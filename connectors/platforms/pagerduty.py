"""PagerDuty: an alert per case on one service, acknowledged and resolved with the case.

The Events API takes no notes: what happened since is in the alert's details.
"""

from collections.abc import Iterator
from typing import Any, Literal

from connectors import kit
from connectors.snapshot import Snapshot

SEVERITY = {"critical": "critical", "high": "error", "medium": "warning", "low": "info"}
OURS = {"acknowledged": "acknowledged", "resolved": "resolved", "reopened": "in_progress"}
HOST = {"us": "events.pagerduty.com", "eu": "events.eu.pagerduty.com"}


class Config(kit.Config):
    routing_key: str = kit.secret(
        "Integration key",
        "pagerduty0integration0key0000000",
        "Service, Integrations, Events API v2",
    )
    region: Literal["us", "eu"] = kit.setting("Service region", default="us")
    webhook_secret: str = kit.secret(
        "Webhook secret", "pagerduty-hook", "Shown once when the webhook is made", default=""
    )


def tell(case: Snapshot, config: Config) -> kit.Conversation:
    """After a resolve the same key would open a second alert, so a settled case is only resolved."""
    if not case.is_open:
        return (yield event(case, config, "resolve"))
    alert = yield event(case, config, "trigger", **details(case))
    if case.status != "new":
        yield event(case, config, "acknowledge")
    return alert


def event(case: Snapshot, config: Config, action: str, **more: object) -> kit.Request:
    known = {"routing_key": config.routing_key, "dedup_key": case.number, "event_action": action}
    return kit.post("/v2/enqueue", {**known, **more})


def details(case: Snapshot) -> kit.Json:
    told = {"text": case.text, "status": case.status, "assignee": case.assignee or "nobody"}
    payload = {
        "summary": f"{case.number} {case.headline}"[:1024],
        "severity": SEVERITY[case.severity],
        "source": case.site,
        "timestamp": case.opened_at.isoformat(),
        "group": case.team,
        "class": case.exception_type,
        "custom_details": {**told, "customer": case.customer, "reference": case.reference},
    }
    links = [{"href": case.url, "text": case.number}]
    return {"payload": payload, "client": "Flagstand", "client_url": case.url, "links": links}


def read(body: Any, config: Config) -> Iterator[kit.Event]:
    """Alerts go by our number, which a note's record has only in its title."""
    told, kind = kit.dig(body, "event", "data"), str(kit.dig(body, "event", "event_type"))
    title = str(kit.dig(told, "title") or kit.dig(told, "incident", "summary"))
    key = str(kit.dig(told, "incident_key")) or kit.number_in(title)
    status, comment = OURS.get(kind.rpartition(".")[2], ""), str(kit.dig(told, "content"))
    if key and kind.startswith("incident.") and (status or comment):
        author = str(kit.dig(body, "event", "agent", "summary"))
        yield kit.Event(external_id=key, status=status, comment=comment, author=author)


connector = kit.Connector(
    slug="pagerduty",
    name="PagerDuty",
    docs="https://developer.pagerduty.com/docs/events-api-v2/trigger-events/",
    config=Config,
    base_url=lambda c: f"https://{HOST[c.region]}",
    create=tell,
    update=tell,
    comment=tell,
    close=tell,
    reopen=tell,
    external_id=kit.in_body("dedup_key"),
    example_id="EX-1042",
    safe=frozenset(kit.Operation) - {kit.ATTACH},
    cannot={
        "attach": "An event carries links, no files.",
        "look_up": "The Events API answers nothing about alerts.",
    },
    inbound=kit.Inbound(
        proof=kit.Signature(
            header="X-PagerDuty-Signature", key=lambda c: c.webhook_secret, written="v1={hex}"
        ),
        read=read,
        event_id=kit.of_header("X-Webhook-Id"),
        setup=(
            "Integrations, Generic Webhooks (v3), New Webhook: this address, the service of the "
            "integration key, and the events acknowledged, annotated, reopened and resolved."
        ),
    ),
    rate=kit.Rate(120),
)
