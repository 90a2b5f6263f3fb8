"""Zendesk: a ticket per case, kept in step and annotated internally, solved with the case."""

from connectors import kit
from connectors.snapshot import Snapshot

PRIORITY = {"critical": "urgent", "high": "high", "medium": "normal", "low": "low"}
STATUS = {"waiting": "pending", "resolved": "solved", "closed": "solved", "dismissed": "solved"}

OURS = {"new": "new", "open": "in_progress", "pending": "waiting", "hold": "waiting"}
OURS |= {"solved": "resolved", "closed": "resolved"}


class Config(kit.Config):
    subdomain: str = kit.setting("Subdomain", "acme", "Before .zendesk.com", pattern=kit.LABEL)
    email: str = kit.setting("E-mail", "desk@acme.example", "The agent to write as")
    token: str = kit.secret("API token", "zendesk-token", "Admin Center, Apps and integrations")


def create(case: Snapshot, config: Config) -> kit.Request:
    """Zendesk remembers a key for two hours and refuses it with other words; a repeat looks first."""
    body = {
        "subject": f"{case.number} {case.headline}"[:255],
        "comment": {"body": f"{case.text}\n\n{case.url}", "public": False},
        "external_id": case.number,
        "tags": ["flagstand", case.exception_type],
        **fields(case, "new"),
    }
    key = {"Idempotency-Key": case.delivery_id}
    return kit.post("/api/v2/tickets", {"ticket": body}, headers=key)


def change(case: Snapshot, config: Config) -> kit.Request:
    return kit.put(path(case), {"ticket": {**note(case), **fields(case, "open")}})


def comment(case: Snapshot, config: Config) -> kit.Request:
    return kit.put(path(case), {"ticket": note(case)})


def fields(case: Snapshot, status: str) -> kit.Json:
    """Zendesk keeps a due time only on tasks; "new" cannot be set back, so what is not settled is open."""
    if case.status != "new":
        status = STATUS.get(case.status, "open")
    due = case.due_at.isoformat() if case.due_at else None
    return {"type": "task", "priority": PRIORITY[case.severity], "status": status, "due_at": due}


def note(case: Snapshot) -> kit.Json:
    return {"comment": {"body": case.text, "public": False}}


def path(case: Snapshot) -> str:
    return f"/api/v2/tickets/{case.external_id}"


connector = kit.Connector(
    slug="zendesk",
    name="Zendesk",
    docs="https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/",
    config=Config,
    base_url=lambda c: f"https://{c.subdomain}.zendesk.com",
    sign_in=lambda c: kit.basic(f"{c.email}/token", c.token),
    test=lambda c: kit.get("/api/v2/tickets", {"external_id": "flagstand-test"}),
    create=create,
    update=change,
    comment=comment,
    close=change,
    reopen=change,
    external_id=kit.in_body("ticket", "id"),
    example_id="35436",
    find=lambda case, c: kit.get("/api/v2/tickets", {"external_id": case.number}),
    found=kit.in_body("tickets", 0, "id"),
    read=lambda id, c: kit.get(f"/api/v2/tickets/{id}"),
    status_of=lambda body, c: OURS.get(str(kit.dig(body, "ticket", "status")), ""),
    cannot={
        "inbound": "Not yet.",
        "attach": "Zendesk takes files by a second service that gives tokens for them.",
    },
    rate=kit.Rate(200),
    refusal=kit.in_body("error"),
    passing=frozenset({409, "IdempotentRequestError"}),
    url_of=lambda id, c: f"https://{c.subdomain}.zendesk.com/agent/tickets/{id}",
)
