"""Slack: a message per case with buttons, rewritten as the case moves, and what happened in its thread.

An incoming webhook gives no id and edits nothing: there, everything is a message of its own.
"""

import html
from typing import Literal

from connectors import kit

MARK = {"critical": ":red_circle:", "high": ":large_orange_circle:"}
LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout"}
SIGN_IN = {"invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"}
#: What answers in a thread may be: bare, also shown in the channel, or with a file.
ANSWERS = {"", "thread_broadcast", "file_share"}
HOOKS = "https://hooks.slack.com/services/"
SIGNATURE, SIGNED = "X-Slack-Signature", "v0:{X-Slack-Request-Timestamp}:{body}"
PEOPLE = "Who presses as themselves, by member ID: profile, More, Copy member ID"


class Config(kit.Config):
    """Give this address to your app: Interactivity, Request URL, for the buttons; Event Subscriptions with
    message.channels for answers in threads. Paste its signing secret.
    """

    way: Literal["bot", "webhook"] = kit.setting("Way", help="Bots have buttons", default="bot")
    channel: str = kit.setting("Channel id", "C024BE91L", pattern="[CGD][A-Z0-9]+", when="bot")
    workspace: str = kit.setting("Host", "acme", "Before .slack.com", pattern=kit.LABEL, when="bot")
    token: str = kit.secret("Bot token", "xoxb-1", "OAuth & Permissions, chat:write", when="bot")
    webhook: str = kit.secret("Webhook URL", f"{HOOKS}T/B/x", "Incoming Webhooks", when="webhook")
    signing_secret: str = kit.secret("Signing secret", "signing", "Basic Information", default="")
    people: str = kit.mapped("People", "ana@acme.example=U012AB3CD", PEOPLE, value="[UW][A-Z0-9]+")


def say(case: kit.Snapshot, config: Config, **message: object) -> kit.Conversation:
    """A webhook answers "ok", so there the record goes by our number."""
    if config.way == "bot":
        return (yield kit.post("/chat.postMessage", {"channel": config.channel, **message}))
    text = f"{headline(case)}\n{kit.escaped(case.text)}"
    yield kit.post(HOOKS + config.webhook.removeprefix(HOOKS), {"text": text})
    return kit.Reply(200, {"ok": True, "ts": case.number})


def reply(case: kit.Snapshot, config: Config) -> kit.Conversation:
    return say(case, config, thread_ts=case.external_id, text=kit.escaped(case.text))


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Some workspaces close editing; the thread says it anyway."""
    if config.way == "bot":
        body = {"channel": config.channel, "ts": case.external_id, **shown(case)}
        yield from kit.if_taken(kit.post("/chat.update", body))
    return (yield from reply(case, config))


def shown(case: kit.Snapshot) -> kit.Json:
    """An update that leaves the buttons out takes them away; verbatim, names of channels are no links."""
    facts = [f"*{name}* {kit.escaped(fact, 150)}" for name, fact in case.facts.items()]
    text = {"type": "mrkdwn", "text": "\n".join([headline(case), *facts]), "verbatim": True}
    buttons = [
        {"type": "button", "action_id": verb, "text": {"type": "plain_text", "text": label}}
        for verb, label in kit.BUTTONS.items()
    ]
    more = [{"type": "actions", "elements": buttons}] if case.is_open else []
    return {"text": headline(case), "blocks": [{"type": "section", "text": text}, *more]}


def headline(case: kit.Snapshot) -> str:
    mark = MARK.get(case.severity, ":white_circle:") if case.is_open else ":white_check_mark:"
    return f"{mark} <{case.url}|{case.number}> {kit.escaped(case.standing, 1500)}"


def refusal(reply: kit.Reply) -> str:
    """Slack answers 200 even when it refuses; a webhook says "ok" as text."""
    taken = reply.body.get("ok") or reply.text == "ok"
    return "" if taken else str(reply.body.get("error", "unknown"))


def read(body: object, config: Config) -> kit.Events:
    """Buttons, and what people answer in the thread; what a bot says there may be ours."""
    verb, said = kit.text(body, "actions", 0, "action_id"), kit.dig(body, "event")
    if verb in kit.BUTTONS:
        ts, author = kit.text(body, "container", "message_ts"), kit.text(body, "user", "username")
        by = kit.named(config.people, kit.dig(body, "user", "id"))
        yield kit.Event(external_id=ts, verb=verb, author=author, by=by)
    if kit.text(said, "subtype") in ANSWERS and not kit.dig(said, "bot_id"):
        ts, text = kit.text(said, "thread_ts"), html.unescape(kit.text(said, "text"))
        yield kit.Event(external_id=ts, comment=text, author=kit.text(said, "user"))


def link(ts: str, c: Config) -> str:
    return f"https://{c.workspace}.slack.com/archives/{c.channel}/p{ts.replace('.', '')}"


PROOF = kit.Signature[Config](SIGNATURE, lambda c: c.signing_secret, "v0={hex}", signs=SIGNED)

connector = kit.Connector(
    slug="slack",
    name="Slack",
    docs="https://docs.slack.dev/reference/methods/chat.postMessage",
    config=Config,
    base_url=lambda c: "https://slack.com/api",
    sign_in=lambda c: kit.bearer(c.token) if c.way == "bot" else kit.SignIn(),
    test=lambda c: kit.post("/auth.test") if c.way == "bot" else None,
    create=lambda case, c: say(case, c, **shown(case)),
    update=change,
    comment=reply,
    external_id=kit.in_body("ts"),
    inbound=kit.Inbound(PROOF, read, handshake=kit.challenged),
    cannot={"attach": "A file is a message of its own.", "look_up": "Slack finds no post by text."},
    refusal=refusal,
    passing=frozenset(LATER | SIGN_IN),
    url_of=lambda ts, c: link(ts, c) if c.way == "bot" else "",
)
