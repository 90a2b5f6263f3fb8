"""Gmail: a mail per case out of one mailbox, and answers in its thread as the case moves."""

from typing import Literal

from connectors import kit

SCOPES = "https://www.googleapis.com/auth/gmail.send https://www.googleapis.com/auth/gmail.readonly"
OF_KEY, OF_USER, ROBOT = "service_account", "refresh_token", "desk@acme.iam.gserviceaccount.com"
CREDENTIALS = "APIs & Services, Credentials"
MESSAGES, GRANTS = "/gmail/v1/users/me/messages", "https://oauth2.googleapis.com/token"


class Config(kit.Config):
    mailbox: str = kit.setting("From", "desk@example.com", "Its mailbox", pattern=kit.ADDRESS)
    to: str = kit.setting("To", "dispatch@example.com", "One address", pattern=kit.ADDRESS)
    access: Literal["service_account", "refresh_token"] = kit.setting(
        "Sign in with", help="Scopes: gmail.send, gmail.readonly", default="service_account"
    )
    client_email: str = kit.setting("Service account", ROBOT, "client_email", when=OF_KEY)
    private_key: str = kit.private_key("private_key there, whole, as PEM", OF_KEY)
    client_id: str = kit.setting("Client id", "71.apps.google", CREDENTIALS, when=OF_USER)
    client_secret: str = kit.secret("Client secret", "GOCSPX-s3", "Beside the id", when=OF_USER)
    token: str = kit.secret("Refresh token", "1//0g-ref", "Granted to that client", when=OF_USER)


def grant(config: Config) -> kit.Grant:
    """A service account has no mailbox of its own: it writes as ``sub``."""
    if config.access == "refresh_token":
        return kit.refresh_token(GRANTS, config.client_id, config.client_secret, config.token)
    claims = {"iss": config.client_email, "sub": config.mailbox, "scope": SCOPES}
    return kit.jwt_bearer(GRANTS, config.private_key, aud=GRANTS, **claims)


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    headers = kit.envelope(case, config.mailbox, config.to)
    return send(kit.raw_mail(case, headers))


def send(mail: str, **more: str) -> kit.Request:
    """In base64 nothing can be struck out of it, and who reads its links may act by them."""
    return kit.post(f"{MESSAGES}/send", {"raw": mail, **more}, hidden=mail)


def reply(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Gmail threads what names the first mail and has its subject; a repeat is looked for before."""
    if case.again and (yield find(case, config)).body.get("messages"):
        return None
    first = (yield kit.get(f"{MESSAGES}/{case.external_id}", {"format": "metadata"})).body
    headers = kit.envelope(case, config.mailbox, config.to, **kit.answering(first["payload"]))
    return (yield send(kit.raw_mail(case, headers), threadId=first["threadId"]))


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    own = kit.message_id(case, config.mailbox)[1:-1]
    return kit.get(MESSAGES, {"q": f"rfc822msgid:{own}"})


connector = kit.Connector(
    slug="gmail",
    name="Gmail",
    docs="https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages/send",
    config=Config,
    base_url=lambda c: "https://gmail.googleapis.com",
    grant=grant,
    test=lambda c: kit.get("/gmail/v1/users/me/profile"),
    create=create,
    update=reply,
    attach=reply,
    external_id=kit.in_body("id"),
    find=find,
    found=kit.in_body("messages", 0, "id"),
    lag=kit.MINUTE,
    cannot={"inbound": "Gmail tells only Google Pub/Sub, and no more than that something changed."},
    safe=kit.EVERYTHING,
    refusal=kit.in_body("error", "errors", 0, "reason"),
    passing=frozenset({"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"}),
    url_of=lambda id, c: f"https://mail.google.com/mail/u/{c.mailbox}/#all/{id}",
)
