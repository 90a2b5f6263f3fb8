"""ClickSend: a text message per case to one telephone, another as it moves, and answers such as "1"."""

from connectors import kit

MESSAGE = ("data", "messages", 0)


class Config(kit.Config):
    """SMS, Settings, Inbound SMS rules: a rule for your number with the action URL and this address, ?key=
    and the webhook key at its end. The same as a delivery report rule.
    """

    username: str = kit.setting("User name", "desk@example.com", "Dashboard, API Credentials")
    api_key: str = kit.secret("API key", "clicksend-key", "Dashboard, API Credentials")
    to: str = kit.setting("To", "+61411111111", "One telephone, as +61411111111", pattern=kit.PHONE)
    sender: str = kit.setting(
        "From", "+61422222222", "A number of yours; empty for a shared one", default=""
    )
    link: bool = kit.setting(
        "With the link", help="ClickSend holds links of new customers back", default=True
    )
    hook_key: str = kit.hook_secret("Webhook key", "Of your choice, for the address")


def say(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """ClickSend gives our mark back with answers and in its history, which is read before a repeat."""
    mark, text = f"{case.number}/{case.delivery_id}", kit.texted(case, link=config.link)
    message = {"source": "flagstand", "body": text, "to": config.to, "custom_string": mark}
    message |= {"from": config.sender} if config.sender else {}
    look = kit.get("/v3/sms/history", {"limit": "100"})
    say = kit.post("/v3/sms/send", {"messages": [message]})

    def is_it(one: kit.Json) -> bool:
        return kit.text(one, "custom_string") == mark

    return kit.unless_there(case, look, ("data", "data"), is_it, say)


def refusal(reply: kit.Reply) -> str:
    """Each message has a status of its own inside a success."""
    return kit.text(reply.body, *MESSAGE, "status").replace("SUCCESS", "")


def read(body: object, config: Config) -> kit.Events:
    """What this telephone answers, and that a text did not reach it; our mark says of which case."""
    number = kit.number_in(kit.text(body, "custom_string"))
    if failed := kit.dig(body, "error_text"):
        why, id = f"The text message did not arrive: {failed}", kit.text(body, "message_id")
        yield kit.Event(external_id=id, number=number, comment=why, author="ClickSend")
    elif kit.dig(body, "from") == config.to:
        yield from kit.understood(kit.text(body, "body"), number=number, author=config.to)


connector = kit.Connector(
    slug="clicksend",
    name="ClickSend SMS",
    docs="https://developers.clicksend.com/docs/messaging/sms/other/send-sms",
    config=Config,
    base_url=lambda c: "https://rest.clicksend.com",
    sign_in=lambda c: kit.basic(c.username, c.api_key),
    test=lambda c: kit.get("/v3/account"),
    create=say,
    external_id=kit.either(kit.in_body(*MESSAGE, "message_id"), kit.in_body("message_id")),
    inbound=kit.Inbound(kit.InAddress(lambda c: c.hook_key), read),
    cannot={"attach": "A text has no files.", "look_up": "The history is not searched by case."},
    safe=kit.EVERYTHING,
    refusal=refusal,
    passing=frozenset({"INSUFFICIENT_CREDIT"}),
    url_of=lambda id, c: "https://dashboard.clicksend.com/sms/history",
)
