"""Oracle Fusion Service: a service request per case, under the case's own number, with internal notes.

Status and severity are lookup codes; what is said in a message is base64.
"""

from base64 import b64encode
from typing import Literal

from connectors import kit

SEVERITY = {"critical": "1", "high": "2", "medium": "3", "low": "4"}
CODES = "ORA_SVC_WAITING,ORA_SVC_NEW,ORA_SVC_INPROGRESS,ORA_SVC_RESOLVED"
ORDER = "Lookup codes of waiting, new, in progress and resolved: ORA_SVC_SR_STATUS_CD"
REQUESTS = "/crmRestApi/resources/latest/serviceRequests"
POD = r"[a-z0-9-]+(\.[a-z0-9-]+)*\.oraclecloud\.com"
ACCEPT = {"Accept": "application/vnd.oracle.adf.error+json, application/json"}
DEEP = "https://{}/fscmUI/faces/deeplink?objType=SVC_SERVICE_REQUEST&action=EDIT_IN_TAB"
IDCS = "idcs-1a.identity.oraclecloud.com"
OAUTH = "OAuth: by client credentials of a confidential application in the identity domain"


class Config(kit.Config):
    pod: str = kit.setting("Pod", "acme.fa.us2.oraclecloud.com", "From its address", pattern=POD)
    sign_in: Literal["user", "OAuth"] = kit.setting("Sign in as", help=OAUTH, default="user")
    username: str = kit.setting("User or client id", "flagstand", "Security Console, Users")
    password: str = kit.secret("Password or client secret", "fusion-s3cret", "Of the same")
    domain: str = kit.setting("Domain", IDCS, pattern=POD, when="OAuth")
    scope: str = kit.setting("Scope", "urn:opc:resource:fusion:acme", when="OAuth")
    own_number: bool = kit.setting("Number by case", help="If SrNumber may be given", default=True)
    due_in: str = kit.setting("Due time in", "CaseDue_c", "A custom field", default="")
    statuses: str = kit.setting("Statuses", CODES, ORDER, default=CODES, pattern=kit.FOUR_NAMES)


def grant(config: Config) -> kit.Grant | None:
    url = f"https://{config.domain}/oauth2/v1/token"
    given = kit.client_credentials(url, config.username, config.password, config.scope)
    return given if config.sign_in == "OAuth" else None


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    """An upsert by SrNumber, where the tenant lets us give it."""
    number = {"SrNumber": case.number} if config.own_number else {}
    upsert = {"Upsert-Mode": "true"} if config.own_number else {}
    body = {
        **number,
        "ProblemDescription": case.with_link(900),
        "ChannelTypeCd": "ORA_SVC_WEB",
        **fields(case, config),
    }
    return kit.post(REQUESTS, body, headers={**ACCEPT, **upsert})


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    return kit.patch(f"{REQUESTS}/{case.external_id}", fields(case, config), headers=ACCEPT)


def note(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Its subject names the delivery, so that a note that may be there already is found."""
    path = f"{REQUESTS}/{case.external_id}/child/messages"
    body = {
        "MessageTypeCd": "ORA_SVC_INTERNAL_NOTE",
        "Subject": f"Flagstand {case.delivery_id}",
        "MessageContent": b64encode(case.text.encode()).decode(),
    }
    newest = {"fields": "Subject", "orderBy": "MessageId:desc", "onlyData": "true", "limit": "500"}
    return kit.unless_said(case, kit.get(path, newest), kit.post(path, body, headers=ACCEPT))


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    return {
        "Title": case.heading[:400],
        "SeverityCd": f"ORA_SVC_SEV{SEVERITY[case.severity]}",
        "StatusCd": kit.their_status(case, config.statuses),
        "CriticalFlag": case.severity == "critical",
        **({config.due_in: case.due()} if config.due_in and case.due_at else {}),
    }


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    wanted = f"SrNumber='{case.number}' OR Title LIKE '{case.number} %'"
    return kit.get(REQUESTS, {"q": wanted, "fields": "SrNumber", "onlyData": "true"})


def status_in(body: kit.Json, config: Config) -> str:
    closed = "resolved" if kit.dig(body, "StatusCd") == "ORA_SVC_CLOSED" else ""
    return kit.our_status(kit.dig(body, "StatusCd"), config.statuses) or closed


connector = kit.Connector(
    slug="oraclefusion",
    name="Oracle Fusion Service",
    docs="https://docs.oracle.com/en/cloud/saas/sales/faaps/api-service-requests.html",
    config=Config,
    base_url=lambda c: f"https://{c.pod}",
    sign_in=lambda c: kit.basic(c.username, c.password),
    grant=grant,
    test=lambda c: kit.get(REQUESTS, {"limit": "1", "fields": "SrNumber", "onlyData": "true"}),
    create=create,
    change=change,
    comment=note,
    external_id=kit.in_body("SrNumber"),
    find=find,
    found=kit.in_body("items", 0, "SrNumber"),
    read=lambda id, c: kit.get(f"{REQUESTS}/{id}", {"fields": "StatusCd", "onlyData": "true"}),
    status_of=status_in,
    cannot={
        "attach": "Oracle takes files by another part of its API.",
        "inbound": "Oracle signs no calls; it tells others by Oracle Integration only.",
    },
    safe=kit.EVERYTHING,
    url_of=lambda id, c: f"{DEEP.format(c.pod)}&objKey=srNumber={id}",
)
