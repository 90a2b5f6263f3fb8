"""ClickSend: a text message per case to one telephone, another as it moves, and answers such as "1"."""

from collections.abc import Iterator
from typing import Any

from connectors import kit
from connectors.snapshot import Snapshot

PHONE = r"\+[1-9][0-9]{6,14}"


class Config(kit.Config):
    username: str = kit.setting("User name", "desk@example.com", "Dashboard, API Credentials")
    api_key: str = kit.secret("API key", "clicksend-key", "Dashboard, API Credentials")
    to: str = kit.setting("To", "+61411111111", "One telephone, as +61411111111", pattern=PHONE)
    sender: str = kit.setting(
        "From", "+61422222222", "A number of yours; empty for a shared one", default=""
    )
    link: bool = kit.setting(
        "With the link", help="ClickSend holds links of new customers back", default=True
    )
    hook_key: str = kit.secret(
        "Webhook key",
        "clicksend-hook",
        "A word of your own, for the address of answers",
        default="",
    )


def first(case: Snapshot, config: Config) -> kit.Conversation:
    hint = f"\nReply 1 {case.number} to acknowledge (2 claim, 3 done)"
    hint += f"\n{case.url}" if config.link else ""
    return say(case, config, kit.texted(f"{case.number} {case.headline}", hint))


def later(case: Snapshot, config: Config) -> kit.Conversation:
    return say(case, config, kit.texted(f"{case.number} {case.text}"))


def say(case: Snapshot, config: Config, text: str) -> kit.Conversation:
    """ClickSend gives our mark back with answers and in its history, which is read before a repeat."""
    mark = f"{case.number}/{case.delivery_id}"
    if case.again:
        history = yield kit.get("/v3/sms/history", {"limit": "100"})
        for message in kit.dig(history.body, "data", "data") or []:
            if kit.dig(message, "custom_string") == mark:
                return kit.Reply(200, {"data": {"messages": [message]}})
    message = {"source": "flagstand", "body": text, "to": config.to, "custom_string": mark}
    message |= {"from": config.sender} if config.sender else {}
    return (yield kit.post("/v3/sms/send", {"messages": [message]}))


def refusal(reply: kit.Reply) -> str:
    """Each message has a status of its own inside a success."""
    status = str(kit.dig(reply.body, "data", "messages", 0, "status"))
    return "" if status == "SUCCESS" else status


def read(body: Any, config: Config) -> Iterator[kit.Event]:
    """What this telephone answers, to whichever text; and that the first one did not reach it."""
    failed, text = kit.dig(body, "error_text"), str(kit.dig(body, "body"))
    if failed and (known := str(kit.dig(body, "message_id"))):
        why = f"The text message did not arrive: {failed}"
        yield kit.Event(external_id=known, comment=why, author="ClickSend")
    elif kit.dig(body, "from") == config.to:
        number = str(kit.dig(body, "custom_string")).partition("/")[0]
        yield from kit.understood(text, number=number, author=config.to)


connector = kit.Connector(
    slug="clicksend",
    name="ClickSend SMS",
    docs="https://developers.clicksend.com/docs/messaging/sms/other/send-sms",
    config=Config,
    base_url=lambda c: "https://rest.clicksend.com",
    sign_in=lambda c: kit.basic(c.username, c.api_key),
    test=lambda c: kit.get("/v3/account"),
    create=first,
    update=later,
    comment=later,
    close=later,
    reopen=later,
    external_id=kit.in_body("data", "messages", 0, "message_id"),
    example_id="BF7AD270-0DE2-418B-B606-71D527D9C1AE",
    inbound=kit.Inbound(
        proof=kit.InAddress(key=lambda c: c.hook_key),
        read=read,
        setup=(
            "SMS, Settings, Inbound SMS rules: a rule for your number with the action URL and this "
            "address, ?key= and the webhook key at its end. The same as a delivery report rule."
        ),
    ),
    cannot={"attach": "A text has no files.", "look_up": "The history is not searched by case."},
    safe=frozenset(kit.Operation) - {kit.ATTACH},
    refusal=refusal,
    passing=frozenset({"INSUFFICIENT_CREDIT"}),
    url_of=lambda id, c: "https://dashboard.clicksend.com/sms/history",
)
