"""HubSpot: a ticket per case in one pipeline of Service Hub, with what happened since as notes on it."""

from connectors import kit

NOTE_TO_TICKET = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 228}
TICKETS, STAGE = "/crm/v3/objects/tickets", "hs_pipeline_stage"
SIGNATURE, SIGNED = "X-HubSpot-Signature-v3", "{method}{url}{body}{X-HubSpot-Request-Timestamp}"
UNIQUE = "Settings, Properties, Ticket properties: single-line text that requires unique values"
HOST, FOUR = r"app(-[a-z0-9]+)?\.hubspot\.com", "2,1,3,4"
ORDER = "Of waiting, new, in progress and closed; Settings, Objects, Tickets, Pipelines"


class Config(kit.Config):
    """In your private app, open Webhooks and enter the address as Target URL. Subscribe to Ticket, property
    changed, Ticket status (hs_pipeline_stage).
    """

    token: str = kit.secret("Access token", "pat-eu1-token", "Settings, Integrations, Private Apps")
    portal: str = kit.setting("Hub ID", "62515", "In the account menu, top right", pattern=r"\d+")
    host: str = kit.setting("Host", "app-eu1.hubspot.com", default="app.hubspot.com", pattern=HOST)
    number_in: str = kit.setting("Case number in", "case_no", UNIQUE, default="flagstand_case")
    due_in: str = kit.setting("Due time in", "due", "A date and time property", default="")
    assignee_in: str = kit.setting("Assignee in", "desk_owner", "A text property", default="")
    pipeline: str = kit.setting("Pipeline id", "0", "Settings, Objects, Tickets", default="0")
    statuses: str = kit.setting("Status ids", FOUR, ORDER, default=FOUR, pattern=kit.FOUR_NAMES)
    client_secret: str = kit.secret("Client secret", "c-s3cret", "Beside the token", default="")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """An upsert by a property whose values are unique: the same case twice is one ticket."""
    text = {config.number_in: case.number, "content": case.with_link(10_000)}
    record = {"idProperty": config.number_in, "id": case.number}
    each = [{**record, "properties": {**text, **own}} for own in fields(case, config)]
    return kit.with_less(*(kit.post(f"{TICKETS}/batch/upsert", {"inputs": [it]}) for it in each))


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    path = f"{TICKETS}/{case.external_id}"
    return kit.with_less(*(kit.patch(path, {"properties": own}) for own in fields(case, config)))


def note(case: kit.Snapshot, config: Config) -> kit.Request:
    """Cut so that it stays under 65,536 characters even when every one has to be escaped."""
    text = kit.as_html(case.text, 10_000)
    told = {"hs_timestamp": case.said_at.isoformat(), "hs_note_body": text}
    ticket = {"to": {"id": case.external_id}, "types": [NOTE_TO_TICKET]}
    return kit.post("/crm/v3/objects/notes", {"properties": told, "associations": [ticket]})


def fields(case: kit.Snapshot, config: Config) -> list[kit.Json]:
    """Older portals know nothing above HIGH, and refuse it with all the rest."""
    own = {config.due_in: case.due(), config.assignee_in: case.assignee}
    told = {
        "subject": case.heading[:255],
        "hs_pipeline": config.pipeline,
        "hs_pipeline_stage": kit.their_status(case, config.statuses),
        **{name: value for name, value in own.items() if name},
    }
    levels = [case.severity.replace("critical", worst).upper() for worst in ("urgent", "high")]
    return [told | {"hs_ticket_priority": level} for level in levels]


def moves(body: object, config: Config) -> kit.Events:
    """HubSpot tells several things in one call, of which moves from stage to stage matter."""
    for one in kit.listed(body):
        if kit.dig(one, "propertyName") == STAGE:
            status = kit.our_status(kit.dig(one, "propertyValue"), config.statuses)
            yield kit.Event(external_id=kit.text(one, "objectId"), status=status)


PROOF = kit.Signature[Config](SIGNATURE, lambda c: c.client_secret, "{base64}", signs=SIGNED)

connector = kit.Connector(
    slug="hubspot",
    name="HubSpot",
    docs="https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide",
    config=Config,
    base_url=lambda c: "https://api.hubapi.com",
    sign_in=lambda c: kit.bearer(c.token),
    test=lambda c: kit.get(TICKETS, {"limit": "1"}),
    create=create,
    change=change,
    comment=note,
    external_id=kit.in_body("results", 0, "id"),
    read=lambda id, c: kit.get(f"{TICKETS}/{id}", {"properties": STAGE}),
    status_of=lambda body, c: kit.our_status(kit.dig(body, "properties", STAGE), c.statuses),
    inbound=kit.Inbound(PROOF, moves, stamp=lambda at: str(int(at.timestamp() * 1000))),
    cannot={"attach": "HubSpot takes files by another service; a note can only name them."},
    safe=frozenset({kit.CREATE}),
    rate=kit.Rate(90, 10),
    refusal=kit.in_body("errors", 0, "category"),
    passing=frozenset({409, 423, "RATE_LIMITS"}),
    url_of=lambda id, c: f"https://{c.host}/contacts/{c.portal}/record/0-5/{id}",
)
