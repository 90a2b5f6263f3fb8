"""Salesforce: a Case per case, kept in step, with what happened since as its internal comments.

Salesforce signs no calls: what happens there is told by a Flow of the customer's, with a secret in a header.
"""

from typing import Literal

from connectors import kit

Flow = Literal["client credentials", "JWT bearer", "refresh token"]
CASES = "/services/data/v59.0/sobjects/Case"
DOMAIN = r"[a-z0-9][a-z0-9-]*(\.(sandbox|develop|scratch|trailblaze|patch|demo))?"
FIELD, SHARED = r"[A-Za-z]\w*__c", "client credentials or refresh token"
APP = "Setup, External Client App Manager, your app, Settings, OAuth Settings"
EXTERNAL = "Setup, Object Manager, Case, Fields & Relationships: Text, External ID and Unique"
NAMES, ORDER = "On Hold,New,Working,Closed", "Waiting, new, in progress and closed, as in Status"


class Config(kit.Config):
    """When others change a Case or add a Case Comment, let a Flow make an HTTP callout to the address,
    with the header X-Flagstand-Secret: Id, Status and SystemModstamp, or Id, ParentId and CommentBody.
    """

    domain: str = kit.setting("My Domain", "acme", "Before .my.salesforce.com", pattern=DOMAIN)
    flow: Flow = kit.setting("Sign in by", help=APP, default="client credentials")
    client_id: str = kit.setting("Consumer key", "3MVG9consumer-key", APP)
    client_secret: str = kit.secret("Consumer secret", "salesforce-s3cret", APP, when=SHARED)
    username: str = kit.setting("User name", "desk@acme.example", when="JWT bearer")
    private_key: str = kit.private_key("As PEM", "JWT bearer")
    refresh_token: str = kit.secret("Refresh token", "5Aep861-refresh", when="refresh token")
    number_in: str = kit.setting("Case number in", "Flagstand__c", EXTERNAL, pattern=FIELD)
    due_in: str = kit.setting("Due time in", "Due__c", "Date/Time", default="", pattern=FIELD)
    assignee_in: str = kit.setting("Assignee in", "Desk__c", "Text", default="", pattern=FIELD)
    statuses: str = kit.setting("Statuses", NAMES, ORDER, default=NAMES, pattern=kit.FOUR_NAMES)
    hook_secret: str = kit.hook_secret("Call secret", "Of your choice, for the header")


def grant(config: Config) -> kit.Grant:
    url = f"https://{config.domain}.my.salesforce.com/services/oauth2/token"
    if config.flow == "JWT bearer":
        login = "test" if config.domain.endswith((".sandbox", ".scratch")) else "login"
        who = {"iss": config.client_id, "sub": config.username}
        return kit.jwt_bearer(url, config.private_key, **who, aud=f"https://{login}.salesforce.com")
    if config.flow == "refresh token":
        return kit.refresh_token(url, config.client_id, config.client_secret, config.refresh_token)
    return kit.client_credentials(url, config.client_id, config.client_secret)


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    """An upsert by External ID: the same case twice is one Case."""
    text = {"Origin": "Web", "Description": case.with_link(31_000)}
    return kit.patch(f"{CASES}/{config.number_in}/{case.number}", {**text, **fields(case, config)})


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    """Salesforce counts bytes here."""
    text = case.text.encode()[:4000].decode(errors="ignore")
    body = {"ParentId": case.external_id, "CommentBody": text, "IsPublished": False}
    return kit.post(f"{CASES}Comment", body)


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    """Nothing is worse than High there, so what is critical is escalated as well."""
    own = {config.due_in: case.due() or None, config.assignee_in: case.assignee}
    return {
        "Subject": case.heading[:255],
        "Priority": case.severity.replace("critical", "high").title(),
        "Status": kit.their_status(case, config.statuses),
        **({"IsEscalated": True} if case.severity == "critical" else {}),
        **{name: value for name, value in own.items() if name},
    }


def status_in(body: object, config: Config) -> str:
    return kit.our_status(kit.dig(body, "Status"), config.statuses)


def told(body: object, config: Config) -> kit.Events:
    """A Flow sends the Case or the CaseComment that it was started by, in their own fields."""
    yield kit.Event(
        external_id=kit.text(body, "ParentId") or kit.text(body, "Id"),
        status=status_in(body, config),
        comment=kit.text(body, "CommentBody"),
    )


connector = kit.Connector(
    slug="salesforce",
    name="Salesforce",
    docs="https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html",
    config=Config,
    base_url=lambda c: f"https://{c.domain}.my.salesforce.com",
    grant=grant,
    test=lambda c: kit.get("/services/data/v59.0/limits"),
    create=create,
    change=lambda case, c: kit.patch(f"{CASES}/{case.external_id}", fields(case, c)),
    comment=comment,
    external_id=kit.in_body("id"),
    read=lambda id, c: kit.get(f"{CASES}/{id}", {"fields": "Status"}),
    status_of=status_in,
    inbound=kit.Inbound(kit.Shared(lambda c: c.hook_secret), told),
    cannot={"attach": "Salesforce keeps files as records of their own, linked to the Case."},
    safe=frozenset({kit.CREATE}),
    refusal=kit.in_body("items", 0, "errorCode"),
    passing=frozenset({"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE"}),
    url_of=lambda id, c: f"https://{c.domain}.lightning.force.com/lightning/r/Case/{id}/view",
)
