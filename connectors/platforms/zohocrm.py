"""Zoho CRM: a record in the module Cases per case, kept in step, with notes on what happened.

Cases there have no due time; who works on the case owns it, if they are a user under the same e-mail.
"""

from typing import Literal

from connectors import kit

PRIORITY = {"critical": "High", "high": "High", "medium": "Medium", "low": "Low"}
STATUS = {"new": "New", "waiting": "On Hold"}
OURS = {"On Hold": "waiting", "Closed": "resolved"}
UNIQUE = "API name; a line of Cases without duplicates"
CENTRES = Literal["com", "eu", "in", "com.au", "jp", "ca", "sa", "com.cn"]
CASES = "/crm/v8/Cases"
BLUEPRINT = "RECORD_IN_BLUEPRINT"


class Config(kit.Config):
    """In Setup, Automation, Workflow Rules, add a rule on Cases for every change of the status, with a
    webhook that posts to this address, with the header X-Flagstand-Secret, JSON of id, status, author,
    assignee (an e-mail address), comment and the modified time.
    """

    dc: CENTRES = kit.setting("Data centre", help="After crm.zoho.", default="com")
    client_id: str = kit.setting("Client id", "1000.GMB0YULZHJ", "api-console.zoho.com")
    client_secret: str = kit.secret("Client secret", "zohocrm-secret", "Beside the client id")
    refresh_token: str = kit.secret("Refresh token", "1000.8ecd47", "Scope ZohoCRM.modules.ALL")
    field: str = kit.setting("Field for the number", "Flagstand_Number", UNIQUE, pattern=r"\w+")
    working: str = kit.setting("Status in work", help="One of your choices", default="New")
    webhook: str = kit.hook_secret("Webhook secret", "Of your choice, for the header")


def domain(config: Config) -> str:
    return "zohocloud.ca" if config.dc == "ca" else f"zoho.{config.dc}"


def grant(config: Config) -> kit.Grant:
    given = (config.client_id, config.client_secret, config.refresh_token)
    url = f"https://accounts.{domain(config)}/oauth/v2/token"
    return kit.refresh_token(url, *given, kit.scheme("Zoho-oauthtoken"))


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """By a field that takes no duplicates: however often it is sent, there is one."""
    once = {"duplicate_check_fields": [config.field]}
    record = {
        config.field: case.number,
        "Description": case.with_link(30_000),
        "Case_Origin": "Web",
        **fields(case, config),
    }
    return owned(lambda it: kit.post(f"{CASES}/upsert", {"data": [it], **once}), case, record)


def change(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """A Blueprint refuses statuses."""
    path = f"{CASES}/{case.external_id}"
    talk = owned(lambda it: kit.put(path, {"data": [it]}), case, fields(case, config))
    try:
        return (yield from talk)
    except kit.Permanent as refusal:
        raise (kit.Stuck(str(refusal)) if BLUEPRINT in str(refusal) else refusal) from None


def owned(send: kit.Send, case: kit.Snapshot, record: kit.Json) -> kit.Conversation:
    """Whoever is no user there cannot own it."""
    owner = {"email": case.assignee_email} if case.assignee_email else {}
    return kit.with_or_without(send, record, Owner=owner)


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    note = {"Note_Title": case.number, "Note_Content": case.text[:32_000]}
    return kit.post(f"{CASES}/{case.external_id}/Notes", {"data": [note]})


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    status = STATUS.get(case.status, config.working) if case.is_open else "Closed"
    stands = {"Priority": PRIORITY[case.severity], "Status": status}
    return {"Subject": case.heading[:255], **stands}


def refusal(reply: kit.Reply) -> str:
    """Zoho CRM answers 200 with what became of each record."""
    said = kit.dig(reply.body, "data", 0) or reply.body
    return kit.text(said, "code") if kit.dig(said, "status") == "error" else ""


def stands(body: object, config: Config) -> str:
    status = kit.text(body, "data", 0, "Status")
    return OURS.get(status, "in_progress" if status == config.working != "New" else "")


def happened(body: object, config: Config) -> kit.Events:
    now = kit.text(body, "status")
    yield kit.Event(
        external_id=kit.text(body, "id"),
        status=OURS.get(now, "in_progress" if now else ""),
        comment=kit.text(body, "comment"),
        author=kit.text(body, "author"),
        assignee_email=kit.text(body, "assignee"),
    )


connector = kit.Connector(
    slug="zohocrm",
    name="Zoho CRM",
    docs="https://www.zoho.com/crm/developer/docs/api/v8/upsert-records.html",
    config=Config,
    base_url=lambda c: f"https://www.zohoapis.{c.dc}",
    grant=grant,
    test=lambda c: kit.get(CASES, {"fields": "Subject", "per_page": "1"}),
    create=create,
    change=change,
    comment=comment,
    external_id=kit.in_body("data", 0, "details", "id"),
    read=lambda id, c: kit.get(f"{CASES}/{id}"),
    status_of=stands,
    inbound=kit.Inbound(kit.Shared(lambda c: c.webhook), happened),
    cannot={"attach": "The published part of the API takes no files."},
    safe=frozenset({kit.CREATE}),
    refusal=refusal,
    passing=frozenset({"TOO_MANY_REQUESTS", "RECORD_LOCKED", "INTERNAL_ERROR"}),
    pause_of=kit.reset_at("X-RATELIMIT-RESET"),
    url_of=lambda id, c: f"https://crm.{domain(c)}/crm/tab/Cases/{id}",
)
