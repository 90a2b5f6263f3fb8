"""ServiceNow: an incident per case, in step by impact, urgency and state, with work notes on what happened.

Users are known there by their sys_id, so who works on the case is said in words.
"""

import re
from typing import Literal

from connectors import kit

#: Impact and urgency: the instance looks the priority up by both.
WEIGHT = {"critical": ("1", "1"), "high": ("1", "2"), "medium": ("2", "2"), "low": ("2", "3")}
STATE = {"new": "1", "waiting": "3", "resolved": "6", "closed": "6", "dismissed": "6"}
OURS = {"1": "new", "2": "in_progress", "3": "waiting"} | dict.fromkeys("678", "resolved")
TABLE, LONGEST = "/api/now/table/incident", 3800


class Config(kit.Config):
    """Add a business rule on Incident, after update, where Correlation display is Flagstand and Updated by
    is not our user. Its script posts, with the header X-Flagstand-Secret, JSON of sys_id, state,
    work_notes, author, assigned_to (an e-mail address) and sys_mod_count.
    """

    instance: str = kit.setting("Instance", "acme", "Before .service-now.com", pattern=kit.LABEL)
    way: Literal["password", "OAuth", "API key"] = kit.setting("Sign in by", default="password")
    user: str = kit.setting("User name or client id", "flagstand", when="password or OAuth")
    secret: str = kit.secret("Password, client secret or API key", "servicenow-secret")
    caller: str = kit.setting("Caller", "6816f79cc0a8016401c5a33be04be441", "A sys_id", default="")
    group: str = kit.setting("Group", "287ebd7da9fe198100f92cc8d1d2154e", "A sys_id", default="")
    hold: str = kit.setting("On hold reason", help="Its value: 4 is Awaiting Vendor", default="4")
    code: str = kit.setting("Resolution code", help="One of yours", default="Solution provided")
    webhook: str = kit.hook_secret("Webhook secret", "Of your choice, for the header")


def home(config: Config) -> str:
    return f"https://{config.instance}.service-now.com"


def grant(config: Config) -> kit.Grant | None:
    made = kit.client_credentials(f"{home(config)}/oauth_token.do", config.user, config.secret)
    return made if config.way == "OAuth" else None


def sign_in(config: Config) -> kit.SignIn:
    if config.way == "API key":
        return kit.header(x_sn_apikey=config.secret)
    return kit.basic(config.user, config.secret)


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {
        "short_description": case.heading[:160],
        "description": case.with_link(LONGEST),
        "correlation_id": case.number,
        "correlation_display": "Flagstand",
        "caller_id": config.caller,
        "assignment_group": config.group,
    }
    return kit.post(TABLE, body | fields(case, config))


def tell(case: kit.Snapshot, config: Config) -> kit.Request:
    """Between [code] and [/code] a work note is HTML, which we never mean."""
    said = {"work_notes": re.sub(r"\[(/?code)\]", r"[ \1]", case.text, flags=re.IGNORECASE)}
    body = said if case.operation == kit.COMMENT else {**fields(case, config), **said}
    return kit.patch(f"{TABLE}/{case.external_id}", body)


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    """Resolving wants a code and notes, waiting a reason; times are UTC without saying so."""
    (impact, urgency), state = WEIGHT[case.severity], STATE.get(case.status, "2")
    notes = case.text[:LONGEST] or case.headline
    settled = {"close_code": config.code, "close_notes": notes}
    more = {"3": {"hold_reason": config.hold}, "6": settled}.get(state, {})
    due = {"due_date": case.due("%Y-%m-%d %H:%M:%S")}
    return {"impact": impact, "urgency": urgency, "state": state, **due, **more}


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    query = {"sysparm_query": f"correlation_id={case.number}", "sysparm_limit": "2"}
    return kit.get(TABLE, query | {"sysparm_fields": "sys_id,correlation_id"})


def found(reply: kit.Reply) -> str:
    """A condition that the instance does not understand is left out, and then it gives anything."""
    rows = kit.listed(reply.body, "result")
    numbers = {kit.text(row, "correlation_id") for row in rows}
    return kit.text(rows, 0, "sys_id") if len(numbers) == 1 and "" not in numbers else ""


def happened(body: object, config: Config) -> kit.Events:
    yield kit.Event(
        external_id=kit.text(body, "sys_id"),
        status=OURS.get(kit.text(body, "state"), ""),
        comment=kit.text(body, "work_notes"),
        author=kit.text(body, "author"),
        assignee_email=kit.text(body, "assigned_to"),
    )


connector = kit.Connector(
    slug="servicenow",
    name="ServiceNow",
    docs="https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html",
    config=Config,
    base_url=home,
    sign_in=sign_in,
    grant=grant,
    test=lambda c: kit.get(TABLE, {"sysparm_limit": "1", "sysparm_fields": "sys_id"}),
    create=create,
    update=tell,
    external_id=kit.in_body("result", "sys_id"),
    find=find,
    found=found,
    read=lambda id, c: kit.get(f"{TABLE}/{id}", {"sysparm_fields": "sys_id,state"}),
    status_of=lambda body, c: OURS.get(kit.text(body, "result", "state"), ""),
    inbound=kit.Inbound(kit.Shared(lambda c: c.webhook), happened),
    cannot={"attach": "Files are for another API than the published one of tables."},
    url_of=lambda id, c: f"{home(c)}/nav_to.do?uri=incident.do%3Fsys_id%3D{id}",
)
