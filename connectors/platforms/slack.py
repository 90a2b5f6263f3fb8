"""Slack: a message per case, rewritten as the case moves, with what happened in its thread."""

from contextlib import suppress

from connectors import kit
from connectors.snapshot import Snapshot

MARK = {"critical": ":red_circle:", "high": ":large_orange_circle:"}
LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout"}
SIGN_IN = {"invalid_auth", "not_authed", "token_expired", "token_revoked", "account_inactive"}
LONGEST = 3000


class Config(kit.Config):
    channel: str = kit.setting("Channel id", "C024BE91L", pattern="[CGD][A-Z0-9]+")
    workspace: str = kit.setting("Workspace", "acme", "Before .slack.com", pattern=kit.LABEL)
    token: str = kit.secret("Bot token", "xoxb-slack-token", "Needs the scope chat:write")


def create(case: Snapshot, config: Config) -> kit.Request:
    return kit.post("/chat.postMessage", {"channel": config.channel, "text": headline(case)})


def reply(case: Snapshot, config: Config) -> kit.Request:
    where = {"channel": config.channel, "thread_ts": case.external_id}
    return kit.post("/chat.postMessage", {**where, "text": escaped(case.text)})


def change(case: Snapshot, config: Config) -> kit.Conversation:
    body = {"channel": config.channel, "ts": case.external_id, "text": headline(case)}
    with suppress(kit.Permanent):  # some workspaces close editing; the thread says it anyway
        yield kit.post("/chat.update", body)
    return (yield reply(case, config))


def headline(case: Snapshot) -> str:
    mark = MARK.get(case.severity, ":white_circle:") if case.is_open else ":white_check_mark:"
    owner = f", {case.assignee}" if case.assignee else ""
    status = case.status.replace("_", " ")
    return f"{mark} <{case.url}|{case.number}> {escaped(f'{case.headline} · {status}{owner}')}"


def escaped(text: str) -> str:
    """Nobody is mentioned by a customer's words; over-long text was seen to be posted twice."""
    return text[:LONGEST].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def refusal(reply: kit.Reply) -> str:
    """Slack answers 200 even when it refuses."""
    return "" if reply.body.get("ok") else str(reply.body.get("error", "unknown"))


connector = kit.Connector(
    slug="slack",
    name="Slack",
    docs="https://docs.slack.dev/reference/methods/chat.postMessage",
    config=Config,
    base_url=lambda c: "https://slack.com/api",
    sign_in=lambda c: kit.bearer(c.token),
    test=lambda c: kit.post("/auth.test"),
    create=create,
    update=change,
    comment=reply,
    close=change,
    reopen=change,
    external_id=kit.in_body("ts"),
    example_id="1763730300.000042",
    cannot={
        "attach": "A file would come as a message of its own.",
        "look_up": "Slack finds no post by its text.",
        "inbound": "Not yet.",
    },
    refusal=refusal,
    passing=frozenset(LATER | SIGN_IN),
    url_of=lambda ts, c: (
        f"https://{c.workspace}.slack.com/archives/{c.channel}/p{ts.replace('.', '')}"
    ),
)
