"""Zendesk: a ticket per case, kept in step and annotated internally, solved with the case.

Whoever works on the case is its assignee, if they are an agent there under the same e-mail.
"""

from connectors import kit
from connectors.snapshot import Snapshot

PRIORITY = {"critical": "urgent", "high": "high", "medium": "normal", "low": "low"}
STATUS = {"waiting": "pending", "resolved": "solved", "closed": "solved", "dismissed": "solved"}

OURS = {"new": "new", "open": "in_progress", "pending": "waiting", "hold": "waiting"}
OURS |= dict.fromkeys(("solved", "closed"), "resolved")

STAMP = "X-Zendesk-Webhook-Signature-Timestamp"


class Config(kit.Config):
    subdomain: str = kit.setting("Subdomain", "acme", "Before .zendesk.com", pattern=kit.LABEL)
    email: str = kit.setting("E-mail", "desk@acme.example", "The agent to write as")
    token: str = kit.secret("API token", "zendesk-token", "Admin Center, Apps and integrations")
    webhook: str = kit.secret("Signing secret", "zd-signing-secret", "Of the webhook", default="")


def create(case: Snapshot, config: Config) -> kit.Conversation:
    """Zendesk remembers a key for two hours and refuses it with other words; a repeat looks first."""
    body = {
        "subject": f"{case.number} {case.headline}"[:255],
        "comment": {"body": f"{case.text}\n\n{case.url}", "public": False},
        "external_id": case.number,
        "tags": ["flagstand", case.exception_type],
        **fields(case, "new"),
    }
    return kit.with_less(opening(case, body | assigned(case)), opening(case, body))


def opening(case: Snapshot, body: kit.Json) -> kit.Request:
    """Who is no agent there cannot be assigned; without them it is another body, with its own key."""
    key = case.delivery_id + ("-assigned" if "assignee_email" in body else "")
    return kit.post("/api/v2/tickets", {"ticket": body}, headers={"Idempotency-Key": key})


def change(case: Snapshot, config: Config) -> kit.Conversation:
    body = {**note(case), **fields(case, "open")}
    fuller = kit.put(path(case), {"ticket": body | assigned(case)})
    return kit.with_less(fuller, kit.put(path(case), {"ticket": body}))


def comment(case: Snapshot, config: Config) -> kit.Request:
    return kit.put(path(case), {"ticket": note(case)})


def assigned(case: Snapshot) -> kit.Json:
    return {"assignee_email": case.assignee_email} if case.assignee_email else {}


def note(case: Snapshot) -> kit.Json:
    return {"comment": {"body": case.text, "public": False}}


def fields(case: Snapshot, status: str) -> kit.Json:
    """Zendesk keeps a due time only on tasks; "new" cannot be set back, so what is not settled is open."""
    status = status if case.status == "new" else STATUS.get(case.status, "open")
    due = case.due_at.isoformat() if case.due_at else None
    return {"type": "task", "priority": PRIORITY[case.severity], "status": status, "due_at": due}


def path(case: Snapshot) -> str:
    return f"/api/v2/tickets/{case.external_id}"


def happened(body: object, config: Config) -> list[kit.Event]:
    """Statuses are in capitals here; who is assigned is told as a number, which says nothing to us."""
    id, kind = str(kit.dig(body, "detail", "id")), str(kit.dig(body, "type")).rpartition(".")[2]
    now, said = kit.dig(body, "event", "current"), kit.dig(body, "event", "comment")
    status = OURS.get(str(now).lower(), "") if kind == "status_changed" else ""
    text = str(kit.dig(said, "body")) if kind == "comment_added" else ""
    author = str(kit.dig(said, "author", "name"))
    told = kit.Event(external_id=id, status=status, comment=text, author=author)
    return [told] if id and (status or text) else []


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
    inbound=kit.Inbound(
        proof=kit.Signature(
            header="X-Zendesk-Webhook-Signature",
            key=lambda c: c.webhook,
            written="{base64}",
            signed=lambda hook: hook.header(STAMP).encode() + hook.raw,
            timestamp=STAMP,
        ),
        read=happened,
        stamp=lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}",
        setup="In Admin Center, Apps and integrations, Webhooks, create one for the Zendesk events "
        "Ticket status changed and Comment added, with this address. Copy its signing secret here.",
    ),
    cannot={"attach": "Zendesk takes files by a second service that gives tokens for them."},
    rate=kit.Rate(200),
    refusal=kit.in_body("error"),
    passing=frozenset({409, "IdempotentRequestError"}),
    url_of=lambda id, c: f"https://{c.subdomain}.zendesk.com/agent/tickets/{id}",
)
