"""monday.com: an item per case on one board, its columns kept in step, with what happened as updates.

There is one address: every request is a query with variables, and a refusal comes with status 200.
"""

import json
import re
from datetime import timedelta

from connectors import graphql, kit, proofs

LABELS = "new=New,acknowledged=Acknowledged,in_progress=Working on it,waiting=Stuck,resolved=Done"
COLUMNS = ("status", "severity", "owner", "due", "link")
CREATE = """mutation ($board: ID!, $name: String!, $values: JSON) { create_item(board_id: $board,
    item_name: $name, column_values: $values, create_labels_if_missing: true) { id } }"""
CHANGE = """mutation ($board: ID!, $item: ID!, $values: JSON!) { change_multiple_column_values(
    board_id: $board, item_id: $item, column_values: $values, create_labels_if_missing: true) { id } }"""
SAY = "mutation ($item: ID!, $body: String!) { create_update(item_id: $item, body: $body) { id } }"
FIND = """query ($board: ID!, $at: String!, $number: String!) { items_page_by_column_values(limit: 1,
    board_id: $board, columns: [{column_id: $at, column_values: [$number]}]) { items { id } } }"""
READ = "query ($id: ID!, $at: String!) { items(ids: [$id]) { column_values(ids: [$at]) { text } } }"
LATER = """COMPLEXITY_BUDGET_EXHAUSTED ComplexityException maxConcurrencyExceeded RATE_LIMIT_EXCEEDED
    IP_RATE_LIMIT_EXCEEDED DAILY_LIMIT_EXCEEDED FIELD_LIMIT_EXCEEDED API_TEMPORARILY_BLOCKED"""
VALUE, MADE = ("data", "items", 0, "column_values", 0, "text"), ("data", "create_item", "id")


class Config(kit.Config):
    """Copy the Signing Secret of your app to here, and with its token call create_webhook with this address
    for change_status_column_value, change_column_value and create_update.
    """

    account: str = kit.setting("Account", "acme", "Before .monday.com", pattern=kit.LABEL)
    token: str = kit.secret("API token", "monday-token", "Your picture, Developers, API token")
    board: str = kit.setting("Board", "1771812698", "After /boards/", pattern=r"\d+")
    number: str = kit.setting("Number column", "text_mk1", "A text column's menu, Column ID")
    columns: str = kit.mapped("Other columns", "due=date4, owner=person", "Ids of {}", COLUMNS)
    people: str = kit.mapped("People", "ana@acme.example=9603417", "After /users/", value=r"\d+")
    secret: str = kit.secret("Signing secret", "monday-signing", "The app's", default="")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    named = {"board": config.board, "name": case.heading[:255]}
    item = yield graphql.ask(CREATE, **named, values=row(case, config))
    yield say(kit.dig(item.body, *MADE), f"{case.url}\n\n{case.text}")
    return item


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    return graphql.ask(CHANGE, board=config.board, item=case.external_id, values=row(case, config))


def say(item: str, text: str) -> kit.Request:
    return graphql.ask(SAY, item=item, body=kit.as_html(text, 10_000))


def columns(config: Config) -> dict[str, str]:
    return kit.pairs(f"status=status,{config.columns}")


def row(case: kit.Snapshot, config: Config) -> str:
    """Values of columns go as JSON in a text; what we have nothing for stays as it is."""
    owner = kit.pairs(config.people).get(case.assignee_email.lower())
    given = {
        "status": {"label": kit.pairs(LABELS)[case.status if case.is_open else "resolved"]},
        "severity": {"label": case.severity.capitalize()},
        "owner": owner and {"personsAndTeams": [{"id": int(owner), "kind": "person"}]},
        "due": (due := case.due_at) and {"date": f"{due:%Y-%m-%d}", "time": f"{due:%H:%M:%S}"},
        "link": {"url": case.url, "text": case.number},
    }
    known = {at: given[name] for name, at in columns(config).items() if at and given[name]}
    return json.dumps({config.number: case.number, **known})


def pause_of(reply: kit.Reply) -> timedelta | None:
    """Its place differs, and the oldest refusals say it in words."""
    said = re.search(r'(?:retry_in_seconds": |reset in )(\d{1,6})', json.dumps(reply.body))
    return timedelta(seconds=int(said[1])) if said else None


def read(body: object, config: Config) -> kit.Events:
    event, value = kit.dig(body, "event"), kit.dig(body, "event", "value")
    ours = kit.dig(event, "columnId") == columns(config)["status"]
    if kit.dig(event, "type") in ("create_update", "update_column_value"):
        yield kit.Event(
            external_id=kit.text(event, "pulseId"),
            comment=kit.text(event, "textBody"),
            status=kit.named(LABELS, kit.dig(value, "label", "text")) if ours else "",
            assignee_email=kit.named(config.people, kit.dig(value, "personsAndTeams", 0, "id")),
        )


PROOF = proofs.web_token("Authorization", lambda c: c.secret)

connector = kit.Connector(
    slug="monday",
    name="monday.com",
    docs="https://developer.monday.com/api-reference/reference/items",
    contract="{slug}.graphql",
    config=Config,
    base_url=lambda c: "https://api.monday.com/v2",
    sign_in=lambda c: kit.header(Authorization=c.token),
    test=lambda c: graphql.ask("{ complexity { before } }"),
    create=create,
    change=change,
    comment=lambda case, c: say(case.external_id, case.text),
    external_id=kit.in_body(*MADE),
    find=lambda case, c: graphql.ask(FIND, board=c.board, at=c.number, number=case.number),
    found=kit.in_body("data", "items_page_by_column_values", "items", 0, "id"),
    read=lambda id, c: graphql.ask(READ, id=id, at=columns(c)["status"]),
    status_of=lambda body, c: kit.named(LABELS, kit.dig(body, *VALUE)),
    inbound=kit.Inbound(PROOF, read, handshake=kit.challenged),
    cannot={"attach": "monday.com takes files at another address than its API."},
    refusal=graphql.refusal,
    passing=frozenset(LATER.split()),
    pause_of=pause_of,
    url_of=lambda id, c: f"https://{c.account}.monday.com/boards/{c.board}/pulses/{id}",
)
