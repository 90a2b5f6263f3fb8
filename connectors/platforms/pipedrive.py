"""Pipedrive: an activity per case on one organization or deal, done with the case, and notes beside it.

Activities are in API v2 only, notes in v1; notes belong to the organization or deal, not to the activity.
"""

from datetime import UTC, datetime
from typing import Any, Literal

from connectors import kit
from connectors.snapshot import Snapshot

ACTIVITIES, NOTES = "/api/v2/activities", "/v1/notes"
SEVERITIES = ("critical", "high", "medium", "low")
PAGE = {"org": "organization", "deal": "deal"}
OPTIONS, FOUR = "Ids of the options of Priority, from critical to low", r"\d+(,\d+){3}"


class Config(kit.Config):
    """Settings, Tools and apps, Webhooks, Create: the address as endpoint URL, event object Activity,
    version 2.0, HTTP Auth user flagstand and the password that is entered here.
    """

    token: str = kit.secret("API token", "pipedrive-token", "Settings, Personal preferences, API")
    company: str = kit.setting("Company", "acme", "Before .pipedrive.com", pattern=kit.LABEL)
    about: Literal["org", "deal"] = kit.setting("Activities of", default="org")
    about_id: str = kit.setting("Its id", "614", "In the address of its page", pattern=r"\d+")
    priorities: str = kit.setting(
        "Priorities", "505,504,503,502", OPTIONS, default="", pattern=FOUR
    )
    hook_password: str = kit.secret("Webhook password", "h00k", "As in HTTP Auth", default="")


def create(case: Snapshot, config: Config) -> kit.Conversation:
    """Pipedrive knows no key: one that may be there is looked for among what changed since."""
    if case.again:
        listed = yield kit.get(ACTIVITIES, since(case.opened_at, config))
        for one in listed.body.get("data") or []:
            if kit.text(one, "subject").startswith(f"{case.number} "):
                return kit.Reply(200, {"data": one})
    body = {"type": "task", "note": html(case), **about(config), **fields(case, config)}
    return (yield kit.post(ACTIVITIES, body))


def change(case: Snapshot, config: Config) -> kit.Conversation:
    yield kit.patch(f"{ACTIVITIES}/{case.external_id}", fields(case, config))
    return (yield from note(case, config))


def note(case: Snapshot, config: Config) -> kit.Conversation:
    """Its link names the delivery, so that a note that may be there already is found."""
    if case.again:
        known = yield kit.get(NOTES, since(case.said_at, config))
        if case.delivery_id in known.text:
            return known
    return (yield kit.post(NOTES, {"content": html(case), **about(config)}))


def fields(case: Snapshot, config: Config) -> kit.Json:
    """Pipedrive keeps due times in UTC."""
    body = {"subject": case.heading[:255], "done": not case.is_open}
    if case.due_at:
        due = case.due_at.astimezone(UTC)
        body |= {"due_date": f"{due:%Y-%m-%d}", "due_time": f"{due:%H:%M}"}
    if config.priorities:
        ids = config.priorities.split(",")
        body["priority"] = int(ids[SEVERITIES.index(case.severity)])
    return body


def html(case: Snapshot) -> str:
    return f'<a href="{case.url}#{case.delivery_id}">{case.number}</a> {kit.as_html(case.text)}'


def about(config: Config) -> dict[str, int]:
    return {f"{config.about}_id": int(config.about_id)}


def since(at: datetime, config: Config) -> dict[str, str]:
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {f"{config.about}_id": config.about_id, "updated_since": moment, "limit": "500"}


def told(body: Any, config: Config) -> list[kit.Event]:
    """``previous`` has what changed: whether it is done, or the activity's own note."""
    id, before = kit.dig(body, "meta", "entity_id"), kit.dig(body, "previous")
    if kit.dig(body, "meta", "entity") != "activity" or not isinstance(before, dict):
        return []
    settled = "resolved" if kit.dig(body, "data", "done") else "in_progress"
    text = kit.as_text(kit.dig(body, "data", "note")) if "note" in before else ""
    event = kit.Event(external_id=str(id), status=settled if "done" in before else "", comment=text)
    return [event] if id and (event.status or event.comment) else []


connector = kit.Connector(
    slug="pipedrive",
    name="Pipedrive",
    docs="https://developers.pipedrive.com/docs/api/v1/Activities",
    config=Config,
    base_url=lambda c: "https://api.pipedrive.com",
    sign_in=lambda c: kit.header(x_api_token=c.token),
    test=lambda c: kit.get("/v1/users/me"),
    create=create,
    update=change,
    comment=note,
    external_id=kit.in_body("data", "id"),
    example_id="8093",
    read=lambda id, c: kit.get(f"{ACTIVITIES}/{id}"),
    status_of=lambda body, c: "resolved" if kit.dig(body, "data", "done") else "",
    inbound=kit.Inbound(
        kit.Shared(
            header="Authorization", key=lambda c: kit.as_basic("flagstand", c.hook_password)
        ),
        told,
        event_id=kit.of_body("meta", "id"),
    ),
    cannot={"attach": "Pipedrive keeps files with deals and organizations, not with activities."},
    safe=frozenset(kit.Operation) - {kit.ATTACH},
    rate=kit.Rate(10, 2),
    url_of=lambda id, c: f"https://{c.company}.pipedrive.com/{PAGE[c.about]}/{c.about_id}",
)
