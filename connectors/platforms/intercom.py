"""Intercom: a conversation per case, begun by a contact of ours, with what happened since as notes in it.

Only a contact can begin one. The answer's id is a message's; the conversation has an id of its own.
"""

from datetime import UTC, datetime
from typing import Literal

from connectors import kit

HOST = {"us": "", "eu": "eu.", "au": "au."}
STATES = {"closed": "resolved", "opened": "in_progress", "snoozed": "waiting"}
INBOX = "https://app.{}intercom.com/a/inbox/{}/inbox/conversation/{}"
TEAMMATE = "In the address of Settings, Teammates; best a teammate for this alone"
TALKS, VERSION = "/conversations", {"Intercom-Version": "2.16"}


class Config(kit.Config):
    """In the Developer Hub, open your app's Webhooks and enter the address as endpoint. Choose
    conversation.user.replied and conversation.admin.closed, .opened, .snoozed, .noted and .replied.
    """

    token: str = kit.secret("Access token", "dG9rOmludGVyY29t", "Developer Hub, Authentication")
    region: Literal["us", "eu", "au"] = kit.setting("Data hosting", default="us")
    workspace: str = kit.setting("Workspace id", "tx2p130c", "After /apps/", pattern=r"[a-z0-9]+")
    admin_id: str = kit.setting("Teammate id", "991267643", TEAMMATE, pattern=r"\d+")
    contact: str = kit.setting("Contact id", "6762f0dd1bb69f9f2193bb83", "In its page's address")
    client_secret: str = kit.secret("Client secret", "s3cret", "Developer Hub, Basic", default="")


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {
        "from": {"type": "user", "id": config.contact},
        "subject": f"[{case.number}] {case.headline}"[:250],
        "body": case.with_link(),
    }
    return kit.post(TALKS, body, headers=VERSION)


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Opened, closed or snoozed until it is due, if it is not so already."""
    part: kit.Json = {"message_type": "open"}
    if not case.is_open:
        part = {"message_type": "close", "type": "admin"}
    elif case.status == "waiting" and case.due_at and case.due_at > datetime.now(UTC):
        part = {"message_type": "snoozed", "snoozed_until": int(case.due_at.timestamp())}
    now = yield look(case.external_id, config)
    if not kit.text(now.body, "state").startswith(part["message_type"]):
        body = {"admin_id": config.admin_id, **part}
        yield kit.post(f"{TALKS}/{case.external_id}/parts", body, headers=VERSION)
    return (yield from note(case, config))


def note(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Its link names the delivery, so that a note that may be there already is found."""
    link = f'<a href="{case.url}#{case.delivery_id}">{case.number}</a>'
    told = {"message_type": "note", "type": "admin", "admin_id": config.admin_id}
    body: kit.Json = {**told, "body": f"{link} {kit.as_html(case.text)}"}
    if case.operation == kit.ATTACH:
        file = {"content_type": "application/json", "name": case.evidence_name}
        body["attachment_files"] = [{**file, "data": case.evidence_base64}]
    say = kit.post(f"{TALKS}/{case.external_id}/reply", body, headers=VERSION)
    return kit.unless_said(case, look(case.external_id, config), say)


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    begins = {"field": "source.subject", "operator": "^", "value": f"[{case.number}]"}
    return kit.post(f"{TALKS}/search", {"query": begins}, headers=VERSION)


def look(id: str, config: Config) -> kit.Request:
    return kit.get(f"{TALKS}/{id}", headers=VERSION)


def told(body: object, config: Config) -> kit.Events:
    """What our own teammate did comes back, and is no news."""
    item, what = kit.dig(body, "data", "item"), kit.text(body, "topic").rpartition(".")[2]
    part = kit.dig(item, "conversation_parts", "conversation_parts", -1)
    if kit.text(part, "author", "id") != config.admin_id:
        yield kit.Event(
            external_id=kit.text(item, "id"),
            status=STATES.get(what, ""),
            comment=kit.as_text(kit.dig(part, "body")),
            author=kit.text(part, "author", "email"),
        )


PROOF = kit.Signature[Config]("X-Hub-Signature", lambda c: c.client_secret, "sha1={hex}", "sha1")

connector = kit.Connector(
    slug="intercom",
    name="Intercom",
    docs="https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations",
    config=Config,
    base_url=lambda c: f"https://api.{HOST[c.region]}intercom.io",
    sign_in=lambda c: kit.bearer(c.token),
    test=lambda c: kit.get("/me"),
    create=create,
    update=change,
    comment=note,
    attach=note,
    external_id=kit.in_body("conversation_id"),
    find=find,
    found=kit.in_body("conversations", 0, "id"),
    lag=kit.MINUTE,
    read=look,
    status_of=lambda body, c: STATES.get(kit.text(body, "state"), ""),
    inbound=kit.Inbound(PROOF, told, kit.of_body("id"), kit.knocked("HEAD")),
    safe=kit.EVERYTHING,
    pause_of=kit.reset_at("X-RateLimit-Reset"),
    url_of=lambda id, c: INBOX.format(HOST[c.region], c.workspace, id),
)
