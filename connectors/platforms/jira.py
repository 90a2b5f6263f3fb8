"""Jira Service Management: an issue per case, moved through its own workflow, with internal comments.

Jira names people by account id and never by e-mail, so who works on the case is said in words.
"""

from connectors import kit

PRIORITY = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}
OURS = {"new": "new", "indeterminate": "in_progress", "done": "resolved"}
ISSUE, FIND, LABELLED = "/rest/api/3/issue", "/rest/api/3/search/jql", "labels=flagstand-"
STATUSES, THREE = "Work in progress, Pending, Completed", r"[^,]+(, [^,]+){2}"
ORDER = "In this order; where none waits, the first twice"
INTERNAL = [{"key": "sd.public.comment", "value": {"internal": True}}]


class Config(kit.Config):
    """In Settings, System, WebHooks, add one with this address and a secret, for the JQL labels = flagstand
    and the events issue updated and comment created.
    """

    site: str = kit.setting("Site", "acme", "Before .atlassian.net", pattern=kit.LABEL)
    email: str = kit.setting("E-mail", "desk@acme.example", "Who writes", pattern=kit.ADDRESS)
    token: str = kit.secret("API token", "jira-token", "Account settings, Security, API tokens")
    project: str = kit.setting("Project key", "OPS", "Before numbers", pattern="[A-Z][A-Z0-9_]+")
    kind: str = kit.setting("Issue type", help="One of the project", default="[System] Incident")
    form: str = kit.setting("Request type", "customfield_10010=ops/late", "Field=key", default="")
    names: str = kit.setting("Statuses", STATUSES, ORDER, default=STATUSES, pattern=THREE)
    hook: str = kit.hook_secret("Webhook secret", "Of your choice")


def create(case: kit.Snapshot, config: Config) -> kit.Conversation:
    kind = {"project": {"key": config.project}, "issuetype": {"name": config.kind}}
    labels = ["flagstand", f"flagstand-{case.number}", case.exception_type]
    more = dict([config.form.split("=", 1)] if config.form else [])
    fields = {**kind, "description": document(case.text, case.url), "labels": labels, **more}
    return kit.with_less(*(kit.post(ISSUE, {"fields": fields | each}) for each in planned(case)))


def change(case: kit.Snapshot, config: Config, *, over: bool = True) -> kit.Conversation:
    """Workflows number their ways as they like, so it is the one that leads where we want; if there is none,
    it may lead over what is in progress.
    """
    path, names = f"{ISSUE}/{case.external_id}", config.names.split(", ")
    yield from kit.with_less(*(kit.put(path, {"fields": each}) for each in planned(case)))
    issue = (yield kit.get(path, {"fields": "status", "expand": "transitions"})).body
    name = names[1 if case.status == "waiting" else 0 if case.is_open else 2]
    here, offered = kit.dig(issue, "fields", "status", "name"), kit.listed(issue, "transitions")
    ways = {kit.dig(each, "to", "name"): kit.dig(each, "id") for each in offered}
    way = ways.get(name) or (over and here != names[0] and ways.get(names[0]))
    if way and case.status != "new" and here != name:
        moved = yield kit.post(f"{path}/transitions", {"transition": {"id": way}})
        return moved if name in ways else (yield from change(case, config, over=False))
    at, now = names.index(name), stands(issue, config)
    if case.status != "new" and (at == 1, at == 2) != (now == "waiting", now == "resolved"):
        raise kit.Stuck(f"Jira's workflow does not lead from {here} to {name}.")
    return None


def planned(case: kit.Snapshot) -> list[kit.Json]:
    """What is not on the screens of the project is refused with all the rest."""
    least = {"summary": " ".join(case.heading.split())[:255]}
    rated = {**least, "priority": {"name": PRIORITY[case.severity]}}
    due = [{**rated, "duedate": f"{case.day_of(case.due_at)}"}] if case.due_at else []
    return [*due, rated, least]


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {"body": document(case.text), "properties": INTERNAL}
    return kit.post(f"{ISSUE}/{case.external_id}/comment", body)


def document(text: str, *links: str) -> kit.Json:
    """Atlassian's document format, which knows no empty texts."""
    texts = [{"type": "text", "text": line} for line in text[:20_000].splitlines() if line]
    cards = [{"type": "inlineCard", "attrs": {"url": url}} for url in links]
    paragraphs = [{"type": "paragraph", "content": [node]} for node in [*texts, *cards]]
    return {"type": "doc", "version": 1, "content": paragraphs}


def stands(issue: object, config: Config) -> str:
    """A name that is given twice stands for what waits as well."""
    status, names = kit.dig(issue, "fields", "status"), config.names.split(", ")
    if kit.dig(status, "name") == names[1]:
        return "under_way" if names[0] == names[1] else "waiting"
    return OURS.get(kit.text(status, "statusCategory", "key"), "")


def heard(body: object, config: Config) -> kit.Events:
    said, new = kit.dig(body, "comment"), kit.dig(body, "webhookEvent") == "comment_created"
    who = kit.dig(said, "author") or kit.dig(body, "user")
    items = kit.listed(body, "changelog", "items")
    moves = [kit.dig(each, "fromString") for each in items if kit.dig(each, "field") == "status"]
    if kit.dig(who, "emailAddress") != config.email:
        yield kit.Event(
            external_id=kit.text(body, "issue", "key"),
            look=bool(moves),
            status="in_progress" if config.names.split(", ")[2] in moves else "",
            comment=kit.text(said, "body") if new else "",
            author=kit.text(who, "displayName"),
        )


connector = kit.Connector(
    slug="jira",
    name="Jira Service Management",
    docs="https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/",
    config=Config,
    base_url=lambda c: f"https://{c.site}.atlassian.net",
    sign_in=lambda c: kit.basic(c.email, c.token),
    test=lambda c: kit.get("/rest/api/3/myself"),
    create=create,
    change=change,
    comment=comment,
    external_id=kit.in_body("key"),
    find=lambda case, c: kit.post(FIND, {"jql": LABELLED + case.number, "fields": ["key"]}),
    found=kit.in_body("issues", 0, "key"),
    lag=kit.MINUTE,
    read=lambda id, c: kit.get(f"{ISSUE}/{id}", {"fields": "status"}),
    status_of=stands,
    inbound=kit.Inbound(kit.Signature("X-Hub-Signature", lambda c: c.hook, "sha256={hex}"), heard),
    cannot={"attach": "The published part of the API takes no files."},
    url_of=lambda id, c: f"https://{c.site}.atlassian.net/browse/{id}",
)
