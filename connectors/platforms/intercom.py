"""Intercom: a conversation per case, begun by a contact of ours, with what happened since as notes in it.

Only a contact can begin one. The answer's id is a message's; the conversation has an id of its own.
"""

from base64 import b64encode
from typing import Any, Literal

from connectors import kit
from connectors.snapshot import Snapshot

HOST = {"us": "", "eu": "eu.", "au": "au."}
STATES = {"closed": "resolved", "opened": "in_progress", "snoozed": "waiting"}
INBOX = "https://app.{}intercom.com/a/inbox/{}/inbox/conversation/{}"
TEAMMATE = "In the address of Settings, Teammates; best a teammate for this alone"


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


def create(case: Snapshot, config: Config) -> kit.Request:
    subject = f"[{case.number}] {case.headline}"[:250]
    begun = {"from": {"type": "user", "id": config.contact}, "subject": subject}
    return ask("/conversations", {**begun, "body": case.with_link()})


def change(case: Snapshot, config: Config) -> kit.Conversation:
    """Opened, closed or snoozed until it is due, if it is not so already."""
    part: kit.Json = {"message_type": "open"}
    if not case.is_open:
        part = {"message_type": "close", "type": "admin"}
    elif case.status == "waiting" and case.due_at and case.due_at > case.said_at:
        part = {"message_type": "snoozed", "snoozed_until": int(case.due_at.timestamp())}
    now = yield look(case.external_id, config)
    if not str(now.body.get("state")).startswith(part["message_type"]):
        yield ask(f"/conversations/{case.external_id}/parts", {"admin_id": config.admin_id, **part})
    return (yield from note(case, config))


def note(case: Snapshot, config: Config, **more: Any) -> kit.Conversation:
    """Its link names the delivery, so that a note that may be there already is found."""
    if case.again and case.delivery_id in (known := (yield look(case.external_id, config))).text:
        return known
    body = f'<a href="{case.url}#{case.delivery_id}">{case.number}</a> {kit.as_html(case.text)}'
    told = {"message_type": "note", "type": "admin", "admin_id": config.admin_id}
    return (yield ask(f"/conversations/{case.external_id}/reply", {**told, "body": body, **more}))


def attach(case: Snapshot, config: Config) -> kit.Conversation:
    data = b64encode(case.evidence.encode()).decode()
    file = {"content_type": "application/json", "name": case.evidence_name, "data": data}
    return note(case, config, attachment_files=[file])


def find(case: Snapshot, config: Config) -> kit.Request:
    begins = {"field": "source.subject", "operator": "^", "value": f"[{case.number}]"}
    return ask("/conversations/search", {"query": begins})


def ask(path: str, body: kit.Json) -> kit.Request:
    return kit.post(path, body, headers={"Intercom-Version": "2.16"})


def look(id: str, config: Config) -> kit.Request:
    return kit.get(f"/conversations/{id}", headers={"Intercom-Version": "2.16"})


def told(body: Any, config: Config) -> list[kit.Event]:
    """What our own teammate did comes back, and is no news."""
    item, what = kit.dig(body, "data", "item"), kit.text(body, "topic").rpartition(".")[2]
    part = kit.dig(item, "conversation_parts", "conversation_parts", -1)
    text = kit.as_text(kit.dig(part, "body"))
    by, status = kit.text(part, "author", "email"), STATES.get(what, "")
    event = kit.Event(external_id=kit.text(item, "id"), status=status, comment=text, author=by)
    ours = kit.text(part, "author", "id") == config.admin_id
    return [event] if (event.status or text) and not ours else []


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
    attach=attach,
    external_id=kit.in_body("conversation_id"),
    example_id="215473840934085",
    find=find,
    found=kit.in_body("conversations", 0, "id"),
    read=look,
    status_of=lambda body, c: STATES.get(str(body.get("state")), ""),
    inbound=kit.Inbound(
        kit.Signature(
            header="X-Hub-Signature",
            key=lambda c: c.client_secret,
            written="sha1={hex}",
            digest="sha1",
        ),
        told,
        event_id=kit.of_body("id"),
        handshake=lambda hook, c: kit.Said() if hook.method == "HEAD" else None,
    ),
    safe=frozenset(kit.Operation),
    url_of=lambda id, c: INBOX.format(HOST[c.region], c.workspace, id),
)
