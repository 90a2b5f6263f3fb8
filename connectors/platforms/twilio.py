"""Twilio: a text message per case to one telephone, another as it moves, and answers such as "1 EX-1042"."""

from email.utils import parsedate_to_datetime

from connectors import kit

ID, HEX = "0123456789abcdef" * 2, "[0-9a-fA-F]{32}"
#: How far their clock and ours may be apart.
APART = kit.MINUTE


class Config(kit.Config):
    """Phone Numbers, your number, Messaging, A message comes in: Webhook with this address, by POST. Given
    as the status callback of a messaging service, it also tells of failures.
    """

    account_sid: str = kit.setting(
        "Account SID", f"AC{ID}", "Console, Account info", pattern=f"AC{HEX}"
    )
    auth_token: str = kit.secret("Auth token", "twilio-token", "Console, Account info")
    api_key: str = kit.setting(
        "API key SID",
        f"SK{ID}",
        "Optional: to sign in by a key instead (Account, API keys)",
        default="",
        pattern=f"SK{HEX}",
    )
    api_secret: str = kit.secret("API key secret", "twilio-key", "Shown once", default="")
    sender: str = kit.setting(
        "From",
        "+15005550006",
        "A number of yours, or the MG… SID of a messaging service",
        pattern=f"{kit.PHONE}|MG{HEX}",
    )
    to: str = kit.setting("To", "+14155550123", "One telephone, as +14155550123", pattern=kit.PHONE)


def say(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Twilio knows no keys: before a repeat, look whether this text was sent since it is owed."""
    text = kit.texted(case)

    def is_it(one: kit.Json) -> bool:
        """Trials put words before it; it may have been said in the same words on another day."""
        ours = kit.text(one, "direction").startswith("outbound") and text in kit.text(one, "body")
        return ours and parsedate_to_datetime(one["date_created"]) >= case.said_at - APART

    sender = "MessagingServiceSid" if config.sender.startswith("MG") else "From"
    look = kit.get(messages(config), {"To": config.to, "PageSize": "100"})
    form = {"To": config.to, sender: config.sender, "Body": text}
    return kit.unless_there(case, look, ("messages",), is_it, kit.post(messages(config), form=form))


def messages(config: Config) -> str:
    return f"/2010-04-01/Accounts/{config.account_sid}/Messages.json"


def read(body: object, config: Config) -> kit.Events:
    """What this telephone answers, and that the first text did not reach it."""
    if kit.dig(body, "MessageStatus") in ("failed", "undelivered"):
        why = f"The text message did not arrive (error {kit.dig(body, 'ErrorCode')})."
        yield kit.Event(external_id=kit.text(body, "MessageSid"), comment=why, author="Twilio")
    elif kit.dig(body, "From") == config.to:
        yield from kit.understood(kit.text(body, "Body"), author=config.to)


#: Over the address as they know it, then every field by name.
PROOF = kit.Signature[Config](
    "X-Twilio-Signature", lambda c: c.auth_token, "{base64}", "sha1", "{url}{fields}"
)

connector = kit.Connector(
    slug="twilio",
    name="Twilio SMS",
    docs="https://www.twilio.com/docs/messaging/api/message-resource",
    config=Config,
    base_url=lambda c: "https://api.twilio.com",
    sign_in=lambda c: kit.basic(c.api_key or c.account_sid, c.api_secret or c.auth_token),
    test=lambda c: kit.get(messages(c), {"PageSize": "1"}),
    create=say,
    external_id=kit.in_body("sid"),
    inbound=kit.Inbound(PROOF, read, answer=lambda hook: kit.Said("<Response/>", kind="text/xml")),
    cannot={
        "attach": "A text has no files.",
        "look_up": "Texts are found by telephone, not by case.",
    },
    safe=kit.EVERYTHING,
    url_of=lambda sid, c: "https://console.twilio.com/us1/monitor/logs/sms",
)
