"""E-mail: a message per case to one address, and answers to it as the case moves."""

from typing import Literal

from connectors import kit

PORT = r"[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]"
SCHEME = {"starttls": "smtp+starttls", "tls": "smtps", "none": "smtp"}


class Config(kit.Config):
    host: str = kit.setting(
        "Mail server", "mail.example.com", "For outgoing mail (SMTP)", pattern=r"[A-Za-z0-9.-]+"
    )
    port: int = kit.setting("Port", "587", "Or 465 for TLS", default=587, pattern=PORT)
    security: Literal["starttls", "tls", "none"] = kit.setting(
        "Encryption", help="None only for a relay inside your own network", default="starttls"
    )
    sender: str = kit.setting(
        "From", "desk@example.com", "An address the server lets it write as", pattern=kit.ADDRESS
    )
    to: str = kit.setting("To", "dispatch@example.com", "One address", pattern=kit.ADDRESS)
    username: str = kit.setting("User name", help="Often the address", default="")
    password: str = kit.secret("Password", help="Often one for applications", default="")


def tell(case: kit.Snapshot, config: Config) -> kit.Request:
    headers = kit.envelope(case, config.sender, config.to, answers=case.external_id)
    return kit.mail(headers=headers, text=kit.letter(case))


connector = kit.Connector(
    slug="smtp",
    name="E-mail",
    docs="https://www.rfc-editor.org/rfc/rfc5321",
    config=Config,
    base_url=lambda c: f"{SCHEME[c.security]}://{c.host}:{c.port}",
    sign_in=lambda c: kit.basic(c.username, c.password) if c.username else kit.SignIn(),
    test=lambda c: kit.mail(headers={"From": c.sender, "To": c.to}),
    create=tell,
    external_id=kit.in_body("message_id"),
    safe=kit.EVERYTHING,
    cannot={
        "attach": "The evidence is behind the link.",
        "look_up": "Mail that left cannot be asked for.",
        "inbound": "Answers go to the mailbox of the sender.",
    },
    contract=None,
)
