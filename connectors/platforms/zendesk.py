"""Zendesk: a ticket per case, kept in step and annotated internally, solved with the case.

Whoever works on the case is its assignee, if they are an agent there under the same e-mail.
"""

from connectors import kit

PRIORITY = {"critical": "urgent", "high": "high", "medium": "normal", "low": "low"}
STATUS = {"new": "new", "waiting": "pending"}
STATUS |= dict.fromkeys(("resolved", "closed", "dismissed"), "solved")
OURS = {"new": "new", "open": "in_progress", "pending": "waiting", "hold": "waiting"}
OURS |= dict.fromkeys(("solved", "closed"), "resolved")
TICKETS, SIGNATURE = "/api/v2/tickets", "X-Zendesk-Webhook-Signature"
SIGNED = "{X-Zendesk-Webhook-Signature-Timestamp}{body}"


class Config(kit.Config):
    """In Admin Center, Apps and integrations, Webhooks, create one for the Zendesk events Ticket status
    changed and Comment added, with this address. Copy its signing secret here.
    """

    subdomain: str = kit.setting("Subdomain", "acme", "Before .zendesk.com", pattern=kit.LABEL)
    email: str = kit.setting("E-mail", "desk@acme.example", "The agent's", pattern=kit.ADDRESS)
    token: str = kit.secret("API token", "zendesk-token", "Admin Center, Apps and integrations")
    webhook: str = kit.secret("Signing secret", "zd-signing-secret", "Of the webhook", default="")


def create(case: kit.Snapshot, config: Config, **more: object) -> kit.Conversation:
    """Zendesk remembers a key for two hours and refuses it with other words; a repeat looks first."""
    body = {
        "subject": case.heading[:255],
        "comment": {"body": case.with_link(), "public": False},
        "external_id": case.number,
        "type": "task",
        "tags": ["flagstand", case.exception_type],
        **fields(case),
        **more,
    }

    def opening(ticket: kit.Json) -> kit.Request:
        """Who is no agent there cannot be assigned; without them it is another body, with its own key."""
        key = case.delivery_id + ("-assigned" if "assignee_email" in ticket else "")
        return kit.post(TICKETS, {"ticket": ticket}, headers={"Idempotency-Key": key})

    return kit.with_or_without(opening, body, assignee_email=case.assignee_email)


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    def changing(ticket: kit.Json) -> kit.Request:
        return kit.put(f"{TICKETS}/{case.external_id}", {"ticket": ticket})

    body = {**note(case), **fields(case)}
    return kit.with_or_without(changing, body, assignee_email=case.assignee_email)


def reopen(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """What Zendesk has closed takes no change any more; a follow-up goes on in its place."""
    now = yield read(case.external_id, config)
    if kit.dig(now.body, "ticket", "status") != "closed":
        return (yield from change(case, config))
    made = yield from create(case, config, via_followup_source_id=int(case.external_id))
    raise kit.Known(kit.text(made and made.body, "ticket", "id") or case.external_id)


def read(id: str, config: Config) -> kit.Request:
    return kit.get(f"{TICKETS}/{id}")


def note(case: kit.Snapshot) -> kit.Json:
    return {"comment": {"body": case.text, "public": False}}


def fields(case: kit.Snapshot) -> kit.Json:
    """Zendesk keeps a due time only on tasks. Of a new case, "open" would say that somebody has it."""
    said = case.status != "new" or case.operation == kit.CREATE
    stands = {"status": STATUS.get(case.status, "open")} if said else {}
    return {"priority": PRIORITY[case.severity], "due_at": case.due() or None, **stands}


def happened(body: object, config: Config) -> kit.Events:
    """Statuses are in capitals here; who is assigned is told as a number, which says nothing to us."""
    event, kind = kit.dig(body, "event"), kit.text(body, "type").rpartition(".")[2]
    status = OURS.get(kit.text(event, "current").lower(), "")
    yield kit.Event(
        external_id=kit.text(body, "detail", "id"),
        status=status if kind == "status_changed" else "",
        comment=kit.text(event, "comment", "body") if kind == "comment_added" else "",
        author=kit.text(event, "comment", "author", "name"),
    )


PROOF = kit.Signature[Config](SIGNATURE, lambda c: c.webhook, "{base64}", signs=SIGNED)

connector = kit.Connector(
    slug="zendesk",
    name="Zendesk",
    docs="https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/",
    config=Config,
    base_url=lambda c: f"https://{c.subdomain}.zendesk.com",
    sign_in=lambda c: kit.basic(f"{c.email}/token", c.token),
    test=lambda c: kit.get(TICKETS, {"external_id": "flagstand-test"}),
    create=create,
    update=change,
    reopen=reopen,
    comment=lambda case, c: kit.put(f"{TICKETS}/{case.external_id}", {"ticket": note(case)}),
    external_id=kit.in_body("ticket", "id"),
    find=lambda case, c: kit.get(TICKETS, {"external_id": case.number}),
    found=kit.in_body("tickets", 0, "id"),
    read=read,
    status_of=lambda body, c: OURS.get(kit.text(body, "ticket", "status"), ""),
    inbound=kit.Inbound(PROOF, happened, stamp=lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}"),
    cannot={"attach": "Zendesk takes files by a second service that gives tokens for them."},
    rate=kit.Rate(200),
    refusal=kit.in_body("error"),
    passing=frozenset({409, "IdempotentRequestError"}),
    url_of=lambda id, c: f"https://{c.subdomain}.zendesk.com/agent/tickets/{id}",
)
