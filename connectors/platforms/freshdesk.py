"""Freshdesk: a ticket per case with the number as a tag, kept in step, with private notes on what happened.

Its agents are known by number only, so who works on the case is said in words.
"""

from connectors import kit

PRIORITY = {"critical": 4, "high": 3, "medium": 2, "low": 1}
STATUS = {"waiting": 3, "resolved": 4, "dismissed": 4, "closed": 5}
#: A new ticket is open as well, so only who makes it open says that it is in progress.
STANDS = {"3": "waiting", "4": "resolved", "5": "resolved"}
OURS = {"open": "in_progress", "pending": "waiting", "resolved": "resolved", "closed": "resolved"}


class Config(kit.Config):
    """In Admin, Automations, Ticket Updates, add a rule for agents whose action is Trigger webhook: POST,
    this address, the custom header X-Flagstand-Secret with the webhook secret, JSON, Simple. When the
    status or agent changes, tick ticket ID, status and agent e-mail; in a second rule for added notes,
    ticket ID and the latest private comment.
    """

    domain: str = kit.setting("Domain", "acme", "Before .freshdesk.com", pattern=kit.LABEL)
    api_key: str = kit.secret("API key", "freshdesk-key", "Profile settings, View API key")
    email: str = kit.setting("Requester", "desk@acme.example", "An e-mail", pattern=kit.ADDRESS)
    group: int = kit.setting("Group id", "48000644242", "Admin, Groups: in its address", default=0)
    kind: str = kit.setting("Type", "Incident", "Admin, Ticket Fields, Type", default="")
    webhook: str = kit.hook_secret("Webhook secret", "Of your choice, for the header")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    link = f'<a href="{case.url}">{case.number}</a>'
    body = {
        "subject": case.heading[:255],
        "description": f"{kit.as_html(case.text)}<br><br>{link}",
        "email": config.email,
        "tags": ["flagstand", case.number[:32], case.exception_type[:32]],
        **({"group_id": config.group} if config.group else {}),
        **({"type": config.kind} if config.kind else {}),
        **fields(case),
    }
    return kit.with_or_without(lambda it: kit.post("/tickets", it), body, **due(case))


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    path = f"/tickets/{case.external_id}"
    return kit.with_or_without(lambda it: kit.put(path, it), fields(case), **due(case))


def note(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {"body": kit.as_html(case.text), "private": True}
    return kit.post(f"/tickets/{case.external_id}/notes", body)


def fields(case: kit.Snapshot) -> kit.Json:
    return {"priority": PRIORITY[case.severity], "status": STATUS.get(case.status, 2)}


def due(case: kit.Snapshot) -> kit.Json:
    """Refused with all the rest once it is over; the first answer may not be due after the last."""
    return {"due_by": case.due(), "fr_due_by": case.due()}


def happened(body: object, config: Config) -> kit.Events:
    told = kit.dig(body, "freshdesk_webhook")
    yield kit.Event(
        external_id=kit.text(told, "ticket_id"),
        status=OURS.get(kit.text(told, "ticket_status").lower(), ""),
        comment=kit.text(told, "ticket_latest_private_comment"),
        assignee_email=kit.text(told, "ticket_agent_email"),
    )


def event_id(hook: kit.Hook) -> str:
    """The same again is news, unless it comes within the same second."""
    return f"{hook.at:%Y%m%d%H%M%S}-{kit.by_content(hook)}"


connector = kit.Connector(
    slug="freshdesk",
    name="Freshdesk",
    docs="https://developers.freshdesk.com/api/#tickets",
    config=Config,
    base_url=lambda c: f"https://{c.domain}.freshdesk.com/api/v2",
    sign_in=lambda c: kit.basic(c.api_key, "X"),
    test=lambda c: kit.get("/agents/me"),
    create=create,
    change=change,
    comment=note,
    external_id=kit.in_body("id"),
    find=lambda case, c: kit.get("/search/tickets", {"query": f"\"tag:'{case.number}'\""}),
    found=kit.in_body("results", 0, "id"),
    lag=5 * kit.MINUTE,
    read=lambda id, c: kit.get(f"/tickets/{id}"),
    status_of=lambda body, c: STANDS.get(kit.text(body, "status"), ""),
    inbound=kit.Inbound(kit.Shared(lambda c: c.webhook), happened, event_id),
    cannot={"attach": "The published API takes notes without files."},
    rate=kit.Rate(45),
    url_of=lambda id, c: f"https://{c.domain}.freshdesk.com/a/tickets/{id}",
)
