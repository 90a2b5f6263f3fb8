"""Trello: a card per case that moves from list to list, with what happened as comments.

A change replaces a card's labels and members, so they are read first and those of others stay.
"""

from connectors import kit

LONGEST, ID, LIST = 16_384, "[0-9a-f]{24}", "5f1c2d3e4a5b6c7d8e9f0a1b"
SIGNATURE, SIGNED = "X-Trello-Webhook", "{body}{url}"
OAUTH = 'OAuth oauth_consumer_key="{}", oauth_token="{}"'
HEARD = ("commentCard", "addMemberToCard", "updateCard")


class Config(kit.Config):
    """Copy the Secret below your API key to here, and POST /1/webhooks with this address as callbackURL and
    the id of the board as idModel, signed in with the same key and token.
    """

    key: str = kit.setting("API key", "0f1e2d3c4b5a6978", "trello.com/power-ups/admin, API key")
    token: str = kit.secret("Token", "trello-token", "The link Token beside the API key")
    list_id: str = kit.setting("First list", LIST, "Card, Share, Export JSON: idList", pattern=ID)
    lists: str = kit.mapped("Other lists", f"resolved={LIST}", "Of {}", kit.STATUSES, ID)
    labels: str = kit.mapped("Labels", f"high={LIST}", "idLabels of {}", kit.SEVERITIES, ID)
    people: str = kit.mapped("People", f"ana@acme.example={LIST}", "In idMembers there", value=ID)
    secret: str = kit.secret("Secret", "trello-secret", "Below the API key", default="")


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    text = f"{case.url}\n\n{kit.as_markdown(case.text)}"[:LONGEST]
    new = {"desc": text, "urlSource": case.url, "pos": "top"}
    return kit.post("/cards", {**new, **card(case, config, {})})


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    there = yield kit.get(f"/cards/{case.external_id}", {"fields": "idList,idLabels,idMembers"})
    body = {"due": None, **card(case, config, there.body)}
    return (yield kit.put(f"/cards/{case.external_id}", body))


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    text = kit.as_markdown(case.text)[:LONGEST]
    return kit.post(f"/cards/{case.external_id}/actions/comments", {"text": text})


def card(case: kit.Snapshot, config: Config, there: kit.Json) -> kit.Json:
    """Open cards without a list for their status are in the first; settled ones stay where they are."""
    listed, first = kit.pairs(config.lists), config.list_id
    settled = listed.get("resolved") or there.get("idList", first)
    return {
        "idList": listed.get(case.status, first) if case.is_open else settled,
        "name": case.heading[:LONGEST],
        "dueComplete": not case.is_open,
        "idLabels": among(there.get("idLabels", []), config.labels, case.severity),
        "idMembers": among(there.get("idMembers", []), config.people, case.assignee_email),
        **({"due": case.due()} if case.due_at else {}),
    }


def among(there: list[str], given: str, name: str) -> list[str]:
    """What is there, with this one of ours in place of the others of ours."""
    ours = kit.pairs(given)
    kept = [one for one in there if one not in ours.values()]
    return kept + [ours[one] for one in [name.lower()] if one in ours]


def status_of(there: kit.Json, config: Config) -> str:
    """What waits is in the first list, too, unless it has one of its own."""
    first = "new" if kit.pairs(config.lists).get("waiting") else "open"
    listed = kit.named(f"{config.lists},{first}={config.list_id}", kit.dig(there, "idList"))
    return "resolved" if kit.dig(there, "dueComplete") is True else listed


def read(body: object, config: Config) -> kit.Events:
    action, data = kit.dig(body, "action"), kit.dig(body, "action", "data")
    unticked = kit.dig(data, "old", "dueComplete") is True
    if kit.dig(action, "type") in HEARD:
        yield kit.Event(
            external_id=kit.text(data, "card", "id"),
            author=kit.text(action, "memberCreator", "fullName"),
            comment=kit.text(data, "text"),
            status="in_progress" if unticked else status_of(kit.dig(data, "card"), config),
            assignee_email=kit.named(config.people, kit.dig(data, "idMember")),
        )


PROOF = kit.Signature[Config](SIGNATURE, lambda c: c.secret, "{base64}", "sha1", SIGNED)

connector = kit.Connector(
    slug="trello",
    name="Trello",
    docs="https://developer.atlassian.com/cloud/trello/rest/api-group-cards/",
    config=Config,
    base_url=lambda c: "https://api.trello.com/1",
    sign_in=lambda c: kit.header(Authorization=OAUTH.format(c.key, c.token)),
    test=lambda c: kit.get("/members/me", {"fields": "username"}),
    create=create,
    change=change,
    comment=comment,
    external_id=kit.in_body("id"),
    read=lambda id, c: kit.get(f"/cards/{id}", {"fields": "idList,dueComplete"}),
    status_of=status_of,
    inbound=kit.Inbound(PROOF, read, handshake=kit.knocked("HEAD")),
    cannot={"attach": "Trello takes files by a call that the contract does not list."},
    pause_of=lambda reply: 10 * kit.SECOND if reply.status == 429 else None,
    url_of=lambda id, c: f"https://trello.com/c/{id}",
)
