"""Microsoft Teams: a card per case in a channel, renewed as the case moves, and what happened as replies.

A Workflows webhook gives no id and edits nothing: there, everything is a card of its own.
"""

import json
import re
from typing import Literal

from connectors import kit

COLOR = {"critical": "Attention", "high": "Warning"}
KIND = "application/vnd.microsoft.card.adaptive"
TEAMS = "https://teams.microsoft.com/l"
LINK = r"https://teams[^/]+/l/channel/([\w.%:@-]+)/[^?]*\?groupId=([\w-]+)&tenantId=([\w-]+).*"
CHANNEL = f"{TEAMS}/channel/19%3Aa%40thread.tacv2/Desk?groupId=6f1e3c5a-1b2c&tenantId=0d2b4c6e-3d4e"
FLOW = "https://eu.logic.azure.com/workflows/f1/triggers/manual/paths/invoke?sig=f10w"
WHO, UUID = "6f1e3c5a-1b2c-4d5e-8f90-a1b2c3d4e5f6", "[0-9a-f-]{36}"
HOSTS = r"https://[\w.-]+\.(logic\.azure|api\.powerplatform|webhook\.office)\.com(:443)?/\S+"
OK = kit.Said('{"type": "message", "text": "OK."}', kind="application/json")


class Config(kit.Config):
    """Manage team, Apps, Create an outgoing webhook, with this address."""

    way: Literal["graph", "webhook"] = kit.setting("Way", help="A user, or a flow", default="graph")
    channel: str = kit.setting("Get link to channel", CHANNEL, pattern=LINK, when="graph")
    client_id: str = kit.setting("Application id", "9a8b7c6d", "App registrations", when="graph")
    client_secret: str = kit.secret("Client secret", "teams-client", "Its secrets", when="graph")
    refresh_token: str = kit.secret("Refresh token", "0.AAA-1", "ChannelMessage.Send", when="graph")
    webhook: str = kit.secret("Webhook URL", FLOW, "Workflows", pattern=HOSTS, when="webhook")
    token: str = kit.secret("Security token", "dGVhbXM=", "Outgoing webhook", default="")
    people: str = kit.mapped("People", f"ana@acme.example={WHO}", "Object ids in Entra", value=UUID)


def at(config: Config, template: str = r"/teams/\2/channels/\1/messages") -> str:
    """The link to the channel holds the ids of channel, team and tenant."""
    return re.sub(LINK, template, config.channel) if config.way == "graph" else ""


def granted(config: Config) -> kit.Grant | None:
    url = at(config, r"https://login.microsoftonline.com/\3/oauth2/v2.0/token")
    given = (config.client_id, config.client_secret, config.refresh_token)
    return kit.refresh_token(url, *given) if url else None


def say(case: kit.Snapshot, config: Config, path: str, body: kit.Json) -> kit.Conversation:
    """A webhook gives no id, so there the record goes by our number."""
    if config.way == "graph":
        return (yield kit.post(at(config) + path, body))
    attachment = {"contentType": KIND, "contentUrl": None, "content": card(case)}
    yield kit.post(config.webhook, {"type": "message", "attachments": [attachment]})
    return kit.Reply(200, {"id": case.number})


def reply(case: kit.Snapshot, config: Config) -> kit.Conversation:
    body = {"body": {"content": case.text[:5000]}}
    return say(case, config, f"/{case.external_id}/replies", body)


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Only who wrote a message may change it; the reply says it anyway."""
    if config.way == "graph":
        yield from kit.if_taken(kit.patch(f"{at(config)}/{case.external_id}", posted(case)))
    return (yield from reply(case, config))


def posted(case: kit.Snapshot) -> kit.Json:
    """In Graph the card is a text, and the message's HTML names it."""
    content = json.dumps(card(case), ensure_ascii=False)
    attachment = {"id": case.number, "contentType": KIND, "content": content}
    body = {"contentType": "html", "content": f'<attachment id="{case.number}"></attachment>'}
    return {"body": body, "attachments": [attachment]}


def plain(text: str, longest: int) -> str:
    """Nothing in it is markup, and a line ends where an empty one follows."""
    return kit.as_markdown("\n\n".join(text[:longest].splitlines()))


def card(case: kit.Snapshot) -> kit.Json:
    color = COLOR.get(case.severity, "Default") if case.is_open else "Good"
    block = {"type": "TextBlock", "wrap": True}
    title = {"text": plain(case.heading, 500), "weight": "Bolder", "color": color}
    facts = [{"title": name, "value": plain(fact, 200)} for name, fact in case.facts.items()]
    opens = {"type": "Action.OpenUrl", "title": f"Open {case.number}", "url": case.url}
    text = {"text": plain(case.text, 2000)}
    body = [block | title, block | text, {"type": "FactSet", "facts": facts}]
    return {"type": "AdaptiveCard", "version": "1.4", "body": body, "actions": [opens]}


def refusal(got: kit.Reply) -> str:
    """A webhook may say in a success that Teams refused; "1", or nothing, is a success."""
    passing = re.search("429|HTTP error 50[03]", got.text)
    return "" if got.body or got.text in ("", "1") else "busy" if passing else "refused"


def read(body: object, config: Config) -> kit.Events:
    """What people write to the outgoing webhook: "@Flagstand ack EX-1042", or "ack" below the card."""
    text = kit.as_text(re.sub("<at>[^<]*</at>", "", kit.text(body, "text")))
    thread = kit.text(body, "conversation", "id").partition(";messageid=")[2]
    who, by = kit.dig(body, "from"), kit.named(config.people, kit.dig(body, "from", "aadObjectId"))
    return kit.understood(text, external_id=thread, author=kit.text(who, "name"), by=by)


PROOF = kit.Signature[Config]("Authorization", lambda c: kit.unbase64(c.token), "HMAC {base64}")

connector = kit.Connector(
    slug="msteams",
    name="Microsoft Teams",
    docs="https://learn.microsoft.com/graph/api/channel-post-messages",
    config=Config,
    base_url=lambda c: "https://graph.microsoft.com/v1.0",
    grant=granted,
    test=lambda c: kit.get("/me") if c.way == "graph" else None,
    create=lambda case, c: say(case, c, "", posted(case)),
    update=change,
    comment=reply,
    external_id=kit.in_body("id"),
    inbound=kit.Inbound(PROOF, read, answer=lambda hook: OK),
    cannot={"attach": "A file goes to SharePoint first.", "look_up": "Teams finds no message."},
    refusal=refusal,
    passing=frozenset({"busy"}),
    url_of=lambda id, c: at(c, rf"{TEAMS}/message/\1/{id}?groupId=\2&tenantId=\3"),
)
