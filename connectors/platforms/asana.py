"""Asana: a task per case in one project, completed with the case, with what happened as comments.

Only an app that signed in by OAuth may keep the case's number where Asana finds a task by it.
"""

from typing import Literal

from connectors import kit

FIELDS, WORDS = ("number", "severity", "status", "link"), (*kit.SEVERITIES, *kit.STATUSES)
STORIES = {"marked_complete": "resolved", "marked_incomplete": "in_progress"}
TOKENS, HOOK = "https://app.asana.com/-/oauth_token", "X-Hook-Secret"
NAME, TEXT, READ = 1024, 65_535, {"opt_fields": "completed,custom_fields.enum_value"}


class Config(kit.Config):
    """POST /webhooks with the project as resource and this target; the secret comes by itself. A secret
    that is here already is kept, whoever sends another, and Asana is refused: to make the webhook anew,
    tick that a new secret is awaited, save, and POST again.
    """

    access: Literal["token", "oauth"] = kit.setting("Sign-in", default="token")
    token: str = kit.secret("Access token", "asana-token", "app.asana.com/0/my-apps", when="token")
    client_id: str = kit.setting("Client id", "12051", "app.asana.com/0/my-apps", when="oauth")
    client_secret: str = kit.secret("Client secret", "asana-app", "Beside it", when="oauth")
    refresh: str = kit.secret("Refresh token", "asana-refresh", "Of the app", when="oauth")
    project: str = kit.setting("Project", "12052", "Digits in its address", pattern=r"\d+")
    fields: str = kit.mapped("Custom fields", "number=12053", "Gids of {}", FIELDS, r"\d+")
    options: str = kit.mapped("Options", "high=12055", "Gids of {}", WORDS, r"\d+")
    secret: str = kit.secret("Webhook secret", "asana-hook", "X-Hook-Secret", default="")
    renew: bool = kit.setting("A new secret is awaited", help="Until it has come", default=False)


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    new: kit.Json = {"projects": [config.project], "notes": f"{case.url}\n\n{case.text}"[:TEXT]}
    number = {"external": {"gid": case.number}} if config.access == "oauth" else {}
    look = kit.get(f"/tasks/external:{case.number}")
    if case.again and number and (known := (yield from kit.if_taken(look))):
        return known
    return (yield from owned("POST", "/tasks", {**new, **number, **fields(case, config)}, case))


def owned(method: str, path: str, body: kit.Json, case: kit.Snapshot) -> kit.Conversation:
    """Asana refuses a task whose owner it does not know; then it goes without."""
    owner = {"assignee": case.assignee_email} if case.assignee_email else {}
    asked = (kit.Request(method, path, {"data": each}) for each in (body | owner, body))
    return kit.with_less(*asked)


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    return kit.post(f"/tasks/{case.external_id}/stories", {"data": {"text": case.text[:TEXT]}})


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    """What is chosen from options goes by the gid of the option; what we have nothing for stays as it is."""
    options, ids = kit.pairs(config.options), kit.pairs(config.fields)
    given = {"number": case.number, "link": case.url, "severity": options.get(case.severity)}
    given["status"] = options.get(case.status if case.is_open else "resolved")
    return {
        "name": case.heading[:NAME],
        "completed": not case.is_open,
        **({"due_at": case.due()} if case.due_at else {}),
        "custom_fields": {ids[one]: value for one, value in given.items() if one in ids and value},
    }


def status_of(body: kit.Json, config: Config) -> str:
    """An open task says no more than the option of its status field."""
    task, field = kit.dig(body, "data"), kit.pairs(config.fields).get("status")
    given = {kit.dig(one, "gid"): one for one in kit.listed(task, "custom_fields")}
    option = kit.named(config.options, kit.dig(given.get(field), "enum_value", "gid"))
    return "resolved" if kit.dig(task, "completed") is True else option


def read(body: object, config: Config) -> kit.Events:
    """One call names a task several times, and of what happened only the kind."""
    tasks: dict[str, str] = {}
    for one in kit.listed(body, "events"):
        said = STORIES.get(kit.text(one, "resource", "resource_subtype"), "")
        for each in (kit.dig(one, "resource"), kit.dig(one, "parent")):
            if kit.dig(each, "resource_type") == "task":
                tasks[kit.text(each, "gid")] = said or tasks.get(kit.text(each, "gid"), "")
    for gid, said in tasks.items():
        yield kit.Event(external_id=gid, status=said, look=not said)


def handshake(hook: kit.Hook, config: Config) -> kit.Said | None:
    """Nothing proves who brings a secret, so it is taken only while somebody here awaits one."""
    given = hook.header(HOOK)
    if given and config.secret and not config.renew:
        return kit.Said("There is a secret already.", 400)
    keep = {"secret": given, "renew": False}
    return kit.Said(headers={HOOK: given}, keep=keep) if given else None


def grant(config: Config) -> kit.Grant | None:
    given = (config.client_id, config.client_secret, config.refresh)
    return kit.refresh_token(TOKENS, *given) if config.access == "oauth" else None


PROOF = kit.Signature[Config]("X-Hook-Signature", lambda c: c.secret)

connector = kit.Connector(
    slug="asana",
    name="Asana",
    docs="https://developers.asana.com/reference/createtask",
    config=Config,
    base_url=lambda c: "https://app.asana.com/api/1.0",
    sign_in=lambda c: kit.bearer(c.token),
    grant=grant,
    test=lambda c: kit.get("/users/me"),
    create=create,
    change=lambda case, c: owned("PUT", f"/tasks/{case.external_id}", fields(case, c), case),
    comment=comment,
    external_id=kit.in_body("data", "gid"),
    read=lambda id, c: kit.get(f"/tasks/{id}", READ),
    status_of=status_of,
    inbound=kit.Inbound(PROOF, read, handshake=handshake),
    cannot={"attach": "Asana takes files by a call that the contract does not list."},
    url_of=lambda id, c: f"https://app.asana.com/0/{c.project}/{id}",
)
