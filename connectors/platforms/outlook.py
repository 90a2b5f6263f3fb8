"""Outlook: a mail per case out of one mailbox of Microsoft 365, and answers to it as the case moves.

The answer to sendMail is empty: the mail is known by the internetMessageId that we give it.
"""

from connectors import kit

SCOPE = "https://graph.microsoft.com/.default"
#: In-Reply-To and References as properties; as headers Graph takes only what begins with x-.
THREAD = ("String 0x1042", "String 0x1039")
FILE = {"@odata.type": "#microsoft.graph.fileAttachment"}


class Config(kit.Config):
    mailbox: str = kit.setting("From", "desk@example.com", "Its mailbox", pattern=kit.ADDRESS)
    to: str = kit.setting("To", "dispatch@example.com", "One address", pattern=kit.ADDRESS)
    tenant: str = kit.setting("Tenant", "acme.com", "Entra ID, Overview", pattern="[A-Za-z0-9.-]+")
    client_id: str = kit.setting("Client id", "8a6e1d3c-90f4", "App registrations, Overview")
    client_secret: str = kit.secret(
        "Client secret", "outlook-secret", "Certificates & secrets; Mail.Send, Mail.ReadBasic.All"
    )


def grant(config: Config) -> kit.Grant:
    url = f"https://login.microsoftonline.com/{config.tenant}/oauth2/v2.0/token"
    return kit.client_credentials(url, config.client_id, config.client_secret, SCOPE)


def tell(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """An answer that may have left is looked for before; of a first mail the kit does it."""
    if case.again and case.external_id and (yield find(case, config)).body.get("value"):
        return None
    ours = kit.envelope(case, config.mailbox, config.to, answers=case.external_id)
    first = [{"id": name, "value": case.external_id} for name in THREAD]
    file = FILE | {"name": case.evidence_name, "contentBytes": case.evidence_base64}
    message = {
        "subject": ours["Subject"],
        "body": {"contentType": "text", "content": kit.letter(case)},
        "toRecipients": [{"emailAddress": {"address": config.to}}],
        "importance": ours["Importance"],
        "internetMessageId": ours["Message-ID"],
        "internetMessageHeaders": [{"name": "x-flagstand", "value": ours["X-Flagstand"]}],
        "singleValueExtendedProperties": first if case.external_id else [],
        "attachments": [file] if case.operation == kit.ATTACH else [],
    }
    yield kit.post(f"/v1.0/users/{config.mailbox}/sendMail", {"message": message})
    return kit.Reply(202, {"id": ours["Message-ID"]})


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    own = f"internetMessageId eq '{kit.message_id(case, config.mailbox)}'"
    return kit.get(f"/v1.0/users/{config.mailbox}/messages", {"$filter": own, "$top": "1"})


connector = kit.Connector(
    slug="outlook",
    name="Outlook",
    docs="https://learn.microsoft.com/graph/api/user-sendmail",
    config=Config,
    base_url=lambda c: "https://graph.microsoft.com",
    grant=grant,
    test=lambda c: kit.get(f"/v1.0/users/{c.mailbox}/messages", {"$top": "1", "$select": "id"}),
    create=tell,
    attach=tell,
    external_id=kit.in_body("id"),
    find=find,
    found=kit.in_body("value", 0, "internetMessageId"),
    cannot={"inbound": "Graph signs no calls about mail; what it sends says only which to fetch."},
    safe=kit.EVERYTHING,
    rate=kit.Rate(25),
    refusal=kit.in_body("error", "code"),
)
