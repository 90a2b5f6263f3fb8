"""Twilio: a text message per case to one telephone, another as it moves, and answers such as "1 EX-1042"."""

from collections.abc import Iterator
from typing import Any

from connectors import kit
from connectors.snapshot import Snapshot

PHONE = r"\+[1-9][0-9]{6,14}"
SID = "AC0123456789abcdef0123456789abcdef"


class Config(kit.Config):
    account_sid: str = kit.setting(
        "Account SID", SID, "Console, Account info", pattern="AC[0-9a-fA-F]{32}"
    )
    auth_token: str = kit.secret("Auth token", "twilio-token", "Console, Account info")
    api_key: str = kit.setting(
        "API key SID",
        "SK0123456789abcdef0123456789abcdef",
        "Optional: to sign in by a key instead (Account, API keys)",
        default="",
        pattern="SK[0-9a-fA-F]{32}",
    )
    api_secret: str = kit.secret("API key secret", "twilio-key", "Shown once", default="")
    sender: str = kit.setting(
        "From",
        "+15005550006",
        "A number of yours, or the MG… SID of a messaging service",
        pattern=PHONE + "|MG[0-9a-fA-F]{32}",
    )
    to: str = kit.setting("To", "+14155550123", "One telephone, as +14155550123", pattern=PHONE)


def first(case: Snapshot, config: Config) -> kit.Conversation:
    hint = f"\nReply 1 {case.number} to acknowledge (2 claim, 3 done)\n{case.url}"
    return say(case, config, kit.texted(f"{case.number} {case.headline}", hint))


def later(case: Snapshot, config: Config) -> kit.Conversation:
    return say(case, config, kit.texted(f"{case.number} {case.text}"))


def say(case: Snapshot, config: Config, text: str) -> kit.Conversation:
    """Twilio knows no keys: before a repeat, look whether this text was sent. Trials put words before it."""
    messages = f"/2010-04-01/Accounts/{config.account_sid}/Messages.json"
    if case.again:
        sent = yield kit.get(messages, {"To": config.to, "PageSize": "100"})
        for message in kit.dig(sent.body, "messages") or []:
            if text in str(kit.dig(message, "body")):
                return kit.Reply(200, message)
    sender = "MessagingServiceSid" if config.sender.startswith("MG") else "From"
    return (yield kit.form(messages, {"To": config.to, sender: config.sender, "Body": text}))


def read(body: Any, config: Config) -> Iterator[kit.Event]:
    """What this telephone answers, and that the first text did not reach it."""
    if kit.dig(body, "MessageStatus") in ("failed", "undelivered"):
        why = f"The text message did not arrive (error {kit.dig(body, 'ErrorCode')})."
        yield kit.Event(external_id=str(kit.dig(body, "MessageSid")), comment=why, author="Twilio")
    elif kit.dig(body, "From") == config.to:
        yield from kit.understood(str(kit.dig(body, "Body")), author=config.to)


def signed(hook: kit.Hook) -> bytes:
    """The address as they know it, then every field by name."""
    return "".join([hook.url, *(f"{k}{v}" for k, v in sorted(hook.form.items()))]).encode()


connector = kit.Connector(
    slug="twilio",
    name="Twilio SMS",
    docs="https://www.twilio.com/docs/messaging/api/message-resource",
    config=Config,
    base_url=lambda c: "https://api.twilio.com",
    sign_in=lambda c: kit.basic(c.api_key or c.account_sid, c.api_secret or c.auth_token),
    test=lambda c: kit.get(
        f"/2010-04-01/Accounts/{c.account_sid}/Messages.json", {"PageSize": "1"}
    ),
    create=first,
    update=later,
    comment=later,
    close=later,
    reopen=later,
    external_id=kit.in_body("sid"),
    example_id="SM0123456789abcdef0123456789abcdef",
    inbound=kit.Inbound(
        proof=kit.Signature(
            header="X-Twilio-Signature",
            key=lambda c: c.auth_token,
            written="{base64}",
            digest="sha1",
            signed=signed,
        ),
        read=read,
        answer=lambda hook: kit.Said("<Response/>", kind="text/xml"),
        setup=(
            "Phone Numbers, your number, Messaging, A message comes in: Webhook with this address, "
            "by POST. Given as the status callback of a messaging service, it also tells of failures."
        ),
    ),
    cannot={
        "attach": "A text has no files.",
        "look_up": "Texts are found by telephone, not by case.",
    },
    safe=frozenset(kit.Operation) - {kit.ATTACH},
    url_of=lambda sid, c: "https://console.twilio.com/us1/monitor/logs/sms",
)
