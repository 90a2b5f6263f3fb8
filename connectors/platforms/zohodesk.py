"""Zoho Desk: a ticket per case, kept in step, with private comments and the evidence as a file.

Agents are known by number only, so who works on the case is said in words; tickets cannot be looked up
by the case's number through the published calls.
"""

from html import escape

from connectors import kit, proofs

PRIORITY = {"critical": "High", "high": "High", "medium": "Medium", "low": "Low"}
STATUS = {"waiting": "On Hold"} | dict.fromkeys(("resolved", "closed", "dismissed"), "Closed")
#: A new ticket is open as well, so only a change to it says that it is in progress.
OURS = {"Open": "in_progress", "On Hold": "waiting", "Closed": "resolved"}
CENTRES = r"zoho\.(com|eu|in|com\.au|jp|sa|com\.cn)|zohocloud\.ca"


class Config(kit.Config):
    """In Setup, Developer Space, Webhooks, add one with this address for Ticket Update, with the
    previous state, and Ticket Comment Add; give its keys here, again whenever Zoho changes them. Or let
    a custom function post the same JSON with the header X-Flagstand-Secret.
    """

    dc: str = kit.setting("Domain", "zoho.eu", "After desk.", default="zoho.com", pattern=CENTRES)
    portal: str = kit.setting("Portal", "acme", "After /agent/ over there", pattern=kit.LABEL)
    org: str = kit.setting("Organization id", "2389290", "Setup, Developer Space", pattern=r"\d+")
    department: str = kit.setting("Department id", "18920006907", "In its address", pattern=r"\d+")
    contact: str = kit.setting("Contact", "desk@acme.example", "An e-mail", pattern=kit.ADDRESS)
    client_id: str = kit.setting("Client id", "1000.GMB0YULZHJ", "api-console.zoho.com")
    client_secret: str = kit.secret("Client secret", "zohodesk-secret", "Beside the client id")
    refresh_token: str = kit.secret("Refresh token", "1000.8ecd474019", "Scope Desk.tickets.ALL")
    webhook: str = kit.hook_secret("Webhook secret", "For a function of yours")
    keys: str = kit.setting("Webhook keys", '{"keys": []}', "Of /.well-known/jwks.json", default="")


def grant(config: Config) -> kit.Grant:
    given = (config.client_id, config.client_secret, config.refresh_token)
    carried = kit.scheme("Zoho-oauthtoken")
    return kit.refresh_token(f"https://accounts.{config.dc}/oauth/v2/token", *given, carried)


def path(config: Config, *parts: str) -> str:
    return f"{'/'.join(['/api/v1/tickets', *parts])}?orgId={config.org}"


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    text = escape(case.text[:12_000], quote=False).replace("\n", "<br>")
    body = {
        "subject": case.heading[:1000],
        "description": f'{text}<br><br><a href="{escape(case.url)}">{case.number}</a>',
        "departmentId": config.department,
        "contact": {"email": config.contact, "lastName": "Flagstand"},
    }
    return kit.post(path(config), body | fields(case))


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    settled = {} if case.is_open else {"resolution": case.text[:65_535]}
    return kit.patch(path(config, case.external_id), fields(case) | settled)


def fields(case: kit.Snapshot) -> kit.Json:
    due = case.due("%Y-%m-%dT%H:%M:%S.000Z") or None
    status = STATUS.get(case.status, "Open")
    return {"priority": PRIORITY[case.severity], "status": status, "dueDate": due}


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {"content": case.text[:32_000], "contentType": "plainText", "isPublic": False}
    return kit.post(path(config, case.external_id, "comments"), body)


BY_SECRET = kit.Shared[Config](lambda c: c.webhook)


def problem(hook: kit.Hook, config: Config) -> str:
    """Zoho Desk signs who calls and not what is said; functions of the customer repeat a secret."""
    if not config.keys or not BY_SECRET.problem(hook, config):
        return BY_SECRET.problem(hook, config)
    return proofs.jwt_problem(hook, "X-ZDesk-JWT", config.keys, issuer=f"orgId:{config.org}")


def happened(body: object, config: Config) -> kit.Events:
    for call in kit.listed(body):
        given, now = kit.dig(call, "payload"), kit.text(call, "payload", "statusType")
        moved = kit.dig(call, "prevState", "statusType") not in ("", now)
        said = kit.dig(call, "eventType") == "Ticket_Comment_Add"
        yield kit.Event(
            external_id=kit.text(given, "ticketId") or kit.text(given, "id"),
            status=OURS.get(now, "") if moved else "",
            comment=words(given) if said else "",
            author=kit.text(given, "commenter", "name"),
        )


def words(comment: object) -> str:
    """Comments are HTML unless they say otherwise."""
    content = kit.text(comment, "content")
    return content if kit.dig(comment, "contentType") == "plainText" else kit.as_text(content)


PROOF = kit.Proof(problem=problem, sign=BY_SECRET.sign, covers_body=False)

connector = kit.Connector(
    slug="zohodesk",
    name="Zoho Desk",
    docs="https://desk.zoho.com/DeskAPIDocument#Tickets",
    config=Config,
    base_url=lambda c: f"https://desk.{c.dc}",
    grant=grant,
    test=lambda c: kit.get(f"{path(c)}&limit=1"),
    create=create,
    change=change,
    comment=comment,
    attach=lambda case, c: kit.upload(path(c, case.external_id, "attachments"), "file", case),
    external_id=kit.in_body("id"),
    read=lambda id, c: kit.get(path(c, id)),
    status_of=lambda body, c: (OURS | {"Open": ""}).get(kit.text(body, "statusType"), ""),
    inbound=kit.Inbound(PROOF, happened, handshake=kit.knocked("GET")),
    url_of=lambda id, c: f"https://desk.{c.dc}/support/{c.portal}/ShowHomePage.do#Cases/dv/{id}",
)
