"""BambooHR: rows about a case in a table of one employee, or a time-off request; chosen in the settings.

BambooHR has no notes on employees: a row of a custom table is one. The answer to it is empty, so the record
is known by the number of the case; a time-off request has an id of its own.
"""

from typing import Literal

from connectors import kit

#: What the fields of the table are for, and what BambooHR calls fields of these names.
ORDER = ("Case", "Severity", "Status", "Assignee", "Due", "Note", "Link", "Reference")
FIELDS, HELP = ",".join(f"custom{name}" for name in ORDER), f"For {', '.join(ORDER)}"
SETTLED = dict.fromkeys(("approved", "denied", "declined", "canceled", "cancelled"), "resolved")
TABLE, SIGNED = "customCases", "{body}{X-BambooHR-Timestamp}"
REQUESTS, EVER = "/v1/time_off/requests", "start=2000-01-01&end=2099-12-31"


class Config(kit.Config):
    """Settings, Webhooks, Add: Field-Based, JSON, our address; monitor status and note of the table,
    post its fields under their API names, and generate the private key.
    """

    company: str = kit.setting("Company", "acme", "Before .bamboohr.com", pattern=kit.LABEL)
    api_key: str = kit.secret("API key", "bamboohr-key", "Your name, API Keys, Add New Key")
    employee: str = kit.setting("Employee", "157", "id= in the page's address", pattern=r"\d+")
    kind: Literal["table", "time_off"] = kit.setting("A case is kept as", default="table")
    table: str = kit.setting("Table", TABLE, "Employee Fields", default=TABLE, pattern=r"\w+")
    fields: str = kit.setting("Fields", FIELDS, HELP, default=FIELDS, pattern=r"\w+(,\w+){7}")
    time_off_type: int = kit.setting("Time-off type", help="Its id: Settings, Time Off", default=78)
    hours: int = kit.setting("Hours a day", help="1 if the type counts days", default=8)
    private_key: str = kit.secret("Private key", "", "Settings, Webhooks, the hook", default="")


def tell(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """The reference tells a row of ours: nothing is added twice, and its echo is no news."""
    if config.kind == "time_off":
        return (yield from (decide if case.external_id else request)(case, config))
    due = f"{case.day_of(case.due_at)}" if case.due_at else ""
    stands = (case.severity, case.status.replace("_", " "), case.assignee, due)
    text = case.text if case.external_id else f"{case.headline}\n{case.text}"
    told = (case.number, *stands, text, case.url, case.delivery_id)
    row = dict(zip(config.fields.split(","), told, strict=True))
    yield from kit.unless_said(case, kit.get(rows(config)), kit.post(rows(config), row))
    return kit.Reply(200, {"id": case.number})


def rows(config: Config) -> str:
    return f"/v1/employees/{config.employee}/tables/{config.table}"


def request(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """From its opening until it is due; a repeat is known by its note, which begins with the number."""
    start = case.day_of(case.opened_at)
    end = max(start, case.day_of(case.due_at or case.opened_at))
    days = {"start": f"{start}", "end": f"{end}"}
    note = f"{case.number}: {case.headline}\n{case.text}\n{case.url}"
    body = {
        "status": "requested",
        "timeOffTypeId": config.time_off_type,
        **days,
        "amount": config.hours * ((end - start).days + 1),
        "notes": [{"from": "manager", "note": note}],
    }
    look = kit.get(REQUESTS, {"employeeId": config.employee, **days})
    ask = kit.put(f"/v1/employees/{config.employee}/time_off/request", body)

    def is_it(one: kit.Json) -> bool:
        return kit.text(one, "notes", "manager").startswith(f"{case.number}:")

    return kit.unless_there(case, look, ("items",), is_it, ask)


def decide(case: kit.Snapshot, config: Config) -> kit.Conversation:
    if case.is_open:
        raise kit.Superseded("A time-off request takes no word until it is decided.")
    status = "canceled" if case.status == "dismissed" else "approved"
    told = {"status": status, "note": case.text}
    return (yield kit.put(f"{REQUESTS}/{case.external_id}/status", told))


def read(body: object, config: Config) -> kit.Events:
    for employee in kit.listed(body, "employees"):
        given = [kit.text(employee, "fields", name, "value") for name in config.fields.split(",")]
        case, _, status, _, _, note, _, reference = given
        if not reference:
            yield kit.Event(external_id=case, status=kit.status_in(status), comment=note)


PROOF = kit.Signature[Config]("X-BambooHR-Signature", lambda c: c.private_key, signs=SIGNED)

connector = kit.Connector(
    slug="bamboohr",
    name="BambooHR",
    docs="https://documentation.bamboohr.com/reference/create-table-row",
    config=Config,
    base_url=lambda c: f"https://{c.company}.bamboohr.com/api",
    sign_in=lambda c: kit.basic(c.api_key, "x"),
    test=lambda c: kit.get(f"/v1/employees/{c.employee}", {"fields": "firstName,lastName"}),
    create=tell,
    external_id=kit.either(kit.in_body("id"), kit.in_header("Location")),
    read=lambda id, c: kit.get(rows(c) if c.kind == "table" else f"{REQUESTS}?{EVER}&id={id}"),
    status_of=lambda body, c: SETTLED.get(kit.text(body, "items", 0, "status", "status"), ""),
    inbound=kit.Inbound(PROOF, read),
    cannot={"attach": "Files of employees are no part of the published calls."},
    safe=kit.EVERYTHING,
    refusal=lambda reply: reply.headers.get("x-bamboohr-error-message", ""),
    url_of=lambda id, c: f"https://{c.company}.bamboohr.com/employees/employee.php?id={c.employee}",
)
