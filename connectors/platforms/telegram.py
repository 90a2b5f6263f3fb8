"""Telegram: a message per case with buttons, edited as the case moves, and what happened in answer to it."""

import json

from connectors import kit

MARK = {"critical": "\N{LARGE RED CIRCLE}", "high": "\N{LARGE ORANGE CIRCLE}"}
DONE, OTHER = "\N{WHITE HEAVY CHECK MARK}", "\N{MEDIUM WHITE CIRCLE}"
CHAT, SECRET = r"-?[0-9]+|@[A-Za-z0-9_]+", "X-Telegram-Bot-Api-Secret-Token"
PEOPLE = "Who acts as themselves, by user id: from.id in getUpdates"


class Config(kit.Config):
    """Call setWebhook once with this address as url and the webhook secret as secret_token:
    https://api.telegram.org/bot<token>/setWebhook?url=…&secret_token=…
    """

    token: str = kit.secret("Bot token", "123456789:token", "@BotFather, /mybots, API Token")
    chat: str = kit.setting(
        "Chat id", "-1001234567890", "chat.id in getUpdates, or a channel's @name", pattern=CHAT
    )
    hook_secret: str = kit.hook_secret("Webhook secret", "Of your choice, for setWebhook")
    people: str = kit.mapped("People", "ana@acme.example=42", PEOPLE, value=r"\d+")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """The vendor's list of parameters takes buttons only with an edit."""
    message = {"chat_id": config.chat, **shown(case)}
    bare = {name: value for name, value in message.items() if name != "reply_markup"}
    sent = yield kit.post("/sendMessage", bare)
    known = {"message_id": kit.dig(sent.body, "result", "message_id")}
    yield from kit.if_taken(kit.post("/editMessageText", message | known))
    return sent


def reply(case: kit.Snapshot, config: Config) -> kit.Request:
    """It begins with the number, so that what people answer to it finds the case."""
    first = {"message_id": int(case.external_id), "allow_sending_without_reply": True}
    text = {"text": f"{case.number} {kit.escaped(case.text)}".strip(), "parse_mode": "HTML"}
    return kit.post("/sendMessage", {"chat_id": config.chat, **text, "reply_parameters": first})


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """That the message "is not modified" is a refusal too."""
    message = {"chat_id": config.chat, "message_id": int(case.external_id), **shown(case)}
    return kit.if_taken(kit.post("/editMessageText", message))


def shown(case: kit.Snapshot) -> kit.Json:
    """An edit that leaves the buttons out takes them away."""
    mark = MARK.get(case.severity, OTHER) if case.is_open else DONE
    title = f'{mark} <a href="{case.url}">{case.number}</a> {kit.escaped(case.standing, 1500)}'
    facts = [f"<b>{name}</b> {kit.escaped(fact, 150)}" for name, fact in case.facts.items()]
    message = {"text": "\n".join([title, *facts]), "parse_mode": "HTML"}
    buttons = [{"text": label, "callback_data": verb} for verb, label in kit.BUTTONS.items()]
    keyboard = {"reply_markup": {"inline_keyboard": [buttons]}} if case.is_open else {}
    return message | {"link_preview_options": {"is_disabled": True}} | keyboard


def read(body: object, config: Config) -> kit.Events:
    """Buttons, and what people answer; ids of messages count per chat, so another chat is not ours."""
    pressed = kit.dig(body, "callback_query")
    said = kit.dig(pressed, "message") or kit.dig(body, "message")
    chat, who = kit.dig(said, "chat"), kit.dig(pressed or said, "from")
    if config.chat.lower() not in {kit.text(chat, "id"), f"@{kit.text(chat, 'username').lower()}"}:
        return
    verb, known = kit.text(pressed, "data"), kit.text(said, "message_id")
    author = kit.text(who, "username") or kit.text(who, "first_name")
    by = kit.named(config.people, kit.dig(who, "id"))
    if verb in kit.BUTTONS:
        yield kit.Event(external_id=known, verb=verb, author=author, by=by)
    elif not pressed:
        first = kit.dig(said, "reply_to_message")
        about = {"external_id": kit.text(first, "message_id")}
        about["number"] = kit.number_in(kit.text(first, "text"))
        yield from kit.understood(kit.text(said, "text"), author=author, by=by, **about)


def advice(reply: kit.Reply) -> str:
    """A group that became a supergroup has another id."""
    moved = kit.text(reply.body, "parameters", "migrate_to_chat_id")
    return f"Enter {moved} as the chat id of this connection." if moved else ""


def answer(hook: kit.Hook) -> kit.Said:
    """A button turns until its press is answered, which the answer to the call can do."""
    pressed = {"callback_query_id": kit.dig(hook.body, "callback_query", "id"), "text": "Noted."}
    told = json.dumps({"method": "answerCallbackQuery", **pressed})
    return kit.Said(told, kind="application/json") if pressed["callback_query_id"] else kit.Said()


def link(id: str, config: Config) -> str:
    """Only channels with a name and large groups have addresses."""
    place = config.chat.removeprefix("@").replace("-100", "c/", 1)
    return f"https://t.me/{place}/{id}" if config.chat.startswith(("@", "-100")) else ""


connector = kit.Connector(
    slug="telegram",
    name="Telegram",
    docs="https://core.telegram.org/bots/api#sendmessage",
    config=Config,
    base_url=lambda c: f"https://api.telegram.org/bot{c.token}",
    test=lambda c: kit.post("/getMe"),
    create=create,
    change=change,
    comment=reply,
    external_id=kit.in_body("result", "message_id"),
    inbound=kit.Inbound(kit.Shared(lambda c: c.hook_secret, SECRET), read, answer=answer),
    cannot={"attach": "A file is a message of its own.", "look_up": "A bot cannot search a chat."},
    rate=kit.Rate(20),
    advice=advice,
    pause_of=kit.seconds_in("parameters", "retry_after"),
    url_of=link,
)
