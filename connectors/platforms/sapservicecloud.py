"""SAP Service Cloud: a ticket (Version 1) or a case (Version 2) per case of ours, found by its number.

Version 2 keeps notes in another service, so what was said last stands in an extension field there. SAP links
by its own numbers and names records by keys: our link opens the tenant, where our number finds the record.
"""

from typing import Literal

from connectors import kit

HOST = {"V1": "crm.ondemand.com", "V2": "crm.cloud.sap"}
PRIORITY = {"critical": "1", "high": "2", "medium": "3", "low": "7"}
TICKETS = "/sap/c4c/odata/v1/c4codata/ServiceRequestCollection"
TEXTS = TICKETS.replace("Collection", "DescriptionCollection")
PATH = {"V1": TICKETS, "V2": "/sap/c4c/api/v1/case-service/cases"}
FETCH, STATUS = {"x-csrf-token": "fetch"}, "ServiceRequestUserLifeCycleStatusCode"
CODES, ORDER = "2,1,2,3", "Codes of waiting, new, in process, completed; in V2 of two digits"


class Config(kit.Config):
    """V1: Event Notification. V2: Autoflow. To the address, as user flagstand with this password."""

    version: Literal["V1", "V2"] = kit.setting("Version", default="V1")
    tenant: str = kit.setting("Tenant", "my331906", "In its address", pattern=r"[a-z0-9.-]+")
    username: str = kit.setting("User", "_FLAGSTAND", "Communication system, inbound user")
    password: str = kit.secret("Password", "sap-s3cret", "Of that user")
    who: str = kit.setting("Account", "1000123", "Id of the customer that cases are about")
    kind: str = kit.setting("Type", "SRRQ", "Of the tickets (V1) or cases (V2)", default="SRRQ")
    number_in: str = kit.setting("Case number in", "Case_KUT", "Extension field", pattern=r"\w+")
    text_in: str = kit.setting("Text in", "Said", "Extension field, V2", default="Said")
    statuses: str = kit.setting("Statuses", CODES, ORDER, default=CODES, pattern=kit.FOUR_NAMES)
    hook: str = kit.hook_secret("Call password", "Of user flagstand; of your choice")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    given = yield kit.get(PATH[config.version], {"$top": "1"}, headers=FETCH)
    body = {**fields(case, config, {}), **new(case, config)}
    return (yield kit.post(PATH[config.version], body, headers=kit.csrf(given)))


def new(case: kit.Snapshot, config: Config) -> kit.Json:
    if config.version == "V2":
        account = {"displayId": config.who}
        return {"caseType": config.kind, "origin": "MANUAL_DATA_ENTRY", "account": account}
    return {
        "ProcessingTypeCode": config.kind,
        "CustomerID": config.who,
        config.number_in: case.number,
        "ServiceRequestDescription": [{"TypeCode": "10004", "Text": case.with_link()}],
    }


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Version 2 wants the ETag of what was read, and checks all the extensions together."""
    path = record(case.external_id, config)
    now = yield kit.get(path, headers=FETCH)
    body = fields(case, config, kit.dig(now.body, "value", "extensions") or {})
    headers = {**kit.csrf(now), "If-Match": now.headers.get("etag", "*")}
    changed = yield kit.patch(path, body, headers=headers)
    if config.version == "V2":
        return changed
    note = {"TypeCode": "10011", "Text": case.text, "ParentObjectID": case.external_id}
    return (yield kit.post(TEXTS, note, headers=kit.csrf(now)))


def fields(case: kit.Snapshot, config: Config, extensions: kit.Json) -> kit.Json:
    title, priority = case.heading[:255], PRIORITY[case.severity]
    status = kit.their_status(case, config.statuses)
    if config.version == "V1":
        return {"Name": {"content": title}, "ServicePriorityCode": priority, STATUS: status}
    said = {config.number_in: case.number, config.text_in: case.with_link()}
    v2 = {"subject": title, "priority": f"0{priority}", "status": status}
    return {**v2, "extensions": {**extensions, **said}}


def record(id: str, config: Config) -> str:
    return PATH[config.version] + (f"/{id}" if config.version == "V2" else f"('{id}')")


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    field = f"{'extensions/' if config.version == 'V2' else ''}{config.number_in}"
    return kit.get(PATH[config.version], {"$filter": f"{field} eq '{case.number}'"})


def status_in(body: kit.Json, config: Config) -> str:
    """As SAP ships it, what is completed (3) may be closed (4) as well."""
    code = kit.dig(body, "d", "results", STATUS) or kit.dig(body, "value", "status")
    closed = code == "4" and config.statuses == CODES
    return "resolved" if closed else kit.our_status(code, config.statuses)


PROOF = kit.Shared[Config](lambda c: kit.as_basic("flagstand", c.hook), "Authorization")
# Version 1 names the ticket only; Version 2 sends the case, which may have moved on since.
READS = kit.naming(("data", "currentImage", "id"), ("ObjectID",))

connector = kit.Connector(
    slug="sapservicecloud",
    name="SAP Service Cloud",
    docs="https://help.sap.com/docs/sap-cloud-for-customer/odata-services/sap-cloud-for-customer-odata-api",
    config=Config,
    base_url=lambda c: f"https://{c.tenant}.{HOST[c.version]}",
    sign_in=lambda c: kit.basic(c.username, c.password),
    test=lambda c: kit.get(PATH[c.version], {"$top": "1"}),
    create=create,
    update=change,
    external_id=kit.either(kit.in_body("d", "results", "ObjectID"), kit.in_body("value", "id")),
    find=find,
    found=kit.either(kit.in_body("d", "results", 0, "ObjectID"), kit.in_body("value", 0, "id")),
    read=lambda id, c: kit.get(record(id, c)),
    status_of=status_in,
    inbound=kit.Inbound(PROOF, READS, kit.by_moment),
    # What was read before a change is not what is there any more: it is read again.
    passing=frozenset({412}),
    cannot={"attach": "SAP takes files with the creation only, or by another service."},
    url_of=lambda id, c: f"https://{c.tenant}.{HOST[c.version]}",
)
