"""Pipedrive: an activity per case on one organization or deal, done with the case, and notes beside it.

Activities are in API v2 only, notes in v1; notes belong to the organization or deal, not to the activity.
"""

from datetime import UTC, datetime
from typing import Literal

from connectors import kit

ACTIVITIES, NOTES = "/api/v2/activities", "/v1/notes"
#: Each version's way to give the newest first: only one page is looked through.
NEWEST, NEWEST_NOTES = {"sort_by": "id", "sort_direction": "desc"}, {"sort": "id DESC"}
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
    hook_password: str = kit.hook_secret("Webhook password", "Of your choice, for HTTP Auth")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Pipedrive knows no key: one that may be there is looked for among what changed since."""
    body = {"type": "task", "note": html(case), **about(config), **fields(case, config)}
    look = kit.get(ACTIVITIES, since(case.opened_at, config) | NEWEST)

    def is_it(one: kit.Json) -> bool:
        return kit.text(one, "subject").startswith(f"{case.number} ")

    return kit.unless_there(case, look, ("data",), is_it, kit.post(ACTIVITIES, body))


def note(case: kit.Snapshot, config: Config) -> kit.Conversation:
    """Its link names the delivery, so that a note that may be there already is found."""
    say = kit.post(NOTES, {"content": html(case), **about(config)})
    look = kit.get(NOTES, since(case.said_at, config) | NEWEST_NOTES)
    return kit.unless_said(case, look, say)


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    """Pipedrive keeps due times in UTC."""
    body = {"subject": case.heading[:255], "done": not case.is_open}
    if case.due_at:
        body |= {"due_date": case.due("%Y-%m-%d"), "due_time": case.due("%H:%M")}
    if config.priorities:
        ids = dict(zip(kit.SEVERITIES, config.priorities.split(","), strict=True))
        body["priority"] = int(ids[case.severity])
    return body


def html(case: kit.Snapshot) -> str:
    return f'<a href="{case.url}#{case.delivery_id}">{case.number}</a> {kit.as_html(case.text)}'


def about(config: Config) -> dict[str, int]:
    return {f"{config.about}_id": int(config.about_id)}


def since(at: datetime, config: Config) -> dict[str, str]:
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {f"{config.about}_id": config.about_id, "updated_since": moment, "limit": "500"}


def told(body: object, config: Config) -> kit.Events:
    """``previous`` has what changed: whether it is done, or the activity's own note."""
    before, now = kit.dig(body, "previous"), kit.dig(body, "data")
    settled = "resolved" if kit.dig(now, "done") else "in_progress"
    if kit.dig(body, "meta", "entity") == "activity" and isinstance(before, dict):
        yield kit.Event(
            external_id=kit.text(body, "meta", "entity_id"),
            status=settled if "done" in before else "",
            comment=kit.as_text(kit.dig(now, "note")) if "note" in before else "",
        )


PROOF = kit.Shared[Config](lambda c: kit.as_basic("flagstand", c.hook_password), "Authorization")

connector = kit.Connector(
    slug="pipedrive",
    name="Pipedrive",
    docs="https://developers.pipedrive.com/docs/api/v1/Activities",
    config=Config,
    base_url=lambda c: "https://api.pipedrive.com",
    sign_in=lambda c: kit.header(x_api_token=c.token),
    test=lambda c: kit.get("/v1/users/me"),
    create=create,
    change=lambda case, c: kit.patch(f"{ACTIVITIES}/{case.external_id}", fields(case, c)),
    comment=note,
    external_id=kit.either(kit.in_body("data", "id"), kit.in_body("id")),
    read=lambda id, c: kit.get(f"{ACTIVITIES}/{id}"),
    status_of=lambda body, c: "resolved" if kit.dig(body, "data", "done") else "",
    inbound=kit.Inbound(PROOF, told, kit.of_body("meta", "id")),
    cannot={"attach": "Pipedrive keeps files with deals and organizations, not with activities."},
    safe=kit.EVERYTHING,
    rate=kit.Rate(10, 2),
    url_of=lambda id, c: f"https://{c.company}.pipedrive.com/{PAGE[c.about]}/{c.about_id}",
)
