"""ClickUp: a task per case in one list, kept in step, with what happened as comments.

A task is made at the address of its list; there is no /v2/task to post to, as one would expect.
"""

import json

from connectors import kit

SEVERITY = {"urgent": "critical", "high": "high", "normal": "medium", "low": "low"}
STATUS, NAMES = "new=to do, in_progress=in progress, resolved=complete", "What the list calls {}"
HEARD = ("taskStatusUpdated", "taskCommentPosted", "taskAssigneeUpdated", "taskPriorityUpdated")


class Config(kit.Config):
    """POST /v2/team/{workspace}/webhook with this address as endpoint, the list_id, and the events
    taskStatusUpdated, taskCommentPosted, taskAssigneeUpdated, taskPriorityUpdated. Copy webhook.secret from
    its answer to here.
    """

    token: str = kit.secret("API token", "pk_clickup_token", "Settings, Apps, API Token, Generate")
    list_id: str = kit.setting("List", "901200345678", "Copy link: after /li/", pattern=r"\d+")
    number_field: str = kit.setting("Number field", "0a1b-42", "A Text field's menu, Copy ID")
    statuses: str = kit.mapped("Statuses", "waiting=on hold", NAMES, kit.STATUSES)
    people: str = kit.mapped("People", "ana@acme.example=183", "Copy member ID", value=r"\d+")
    secret: str = kit.secret("Webhook secret", "ck-secret", "In the webhook's answer", default="")


def create(case: kit.Snapshot, config: Config) -> kit.Request:
    number = {"custom_fields": [{"id": config.number_field, "value": case.number}]}
    body = {"description": case.with_link(), "assignees": owners(case, config), **number}
    return kit.post(f"/v2/list/{config.list_id}/task", {**body, **fields(case, config)})


def change(case: kit.Snapshot, config: Config) -> kit.Request:
    now, people = owners(case, config), kit.pairs(config.people).values()
    others = [int(one) for one in people if int(one) not in now]
    body = {**fields(case, config), "assignees": {"add": now, "rem": others}}
    return kit.put(f"/v2/task/{case.external_id}", body)


def comment(case: kit.Snapshot, config: Config) -> kit.Request:
    body = {"comment_text": case.text, "notify_all": False}
    return kit.post(f"/v2/task/{case.external_id}/comment", body)


def fields(case: kit.Snapshot, config: Config) -> kit.Json:
    """ClickUp refuses a status that the list has not."""
    names = kit.pairs(f"{STATUS},{config.statuses}")
    due = case.due_at and {"due_date": int(case.due_at.timestamp() * 1000), "due_date_time": True}
    return {
        "name": case.heading[:2000],
        "priority": kit.SEVERITIES.index(case.severity) + 1,
        "status": names.get(case.status if case.is_open else "resolved") or names["in_progress"],
        **(due or {}),
    }


def owners(case: kit.Snapshot, config: Config) -> list[int]:
    found = kit.pairs(config.people).get(case.assignee_email.lower())
    return [int(found)] if found else []


def find(case: kit.Snapshot, config: Config) -> kit.Request:
    """To ClickUp "=" would be "contains"."""
    wanted = [{"field_id": config.number_field, "operator": "==", "value": case.number}]
    asked = {"include_closed": "true", "subtasks": "true", "custom_fields": json.dumps(wanted)}
    return kit.get(f"/v2/list/{config.list_id}/task", asked)


def status_of(task: kit.Json, config: Config) -> str:
    """What waits without a status of its own is in progress there."""
    names = kit.pairs(f"{STATUS},{config.statuses}")
    theirs = kit.named(f"{STATUS},{config.statuses}", kit.dig(task, "status", "status"))
    if theirs == "in_progress" and names.get("waiting", names[theirs]) == names[theirs]:
        return "under_way"
    return theirs or ("resolved" if kit.dig(task, "status", "type") in ("closed", "done") else "")


def read(body: object, config: Config) -> kit.Events:
    item, after = kit.dig(body, "history_items", 0), kit.dig(body, "history_items", 0, "after")
    taken = kit.dig(item, "field") == "assignee_add"
    if kit.dig(body, "event") in HEARD:
        yield kit.Event(
            external_id=kit.text(body, "task_id"),
            author=kit.text(item, "user", "email"),
            comment=kit.text(item, "comment", "text_content").strip(),
            status=status_of({"status": after}, config),
            severity=SEVERITY.get(kit.text(after, "priority"), ""),
            assignee_email=kit.text(after, "email") if taken else "",
        )


connector = kit.Connector(
    slug="clickup",
    name="ClickUp",
    docs="https://developer.clickup.com/reference/createtask",
    config=Config,
    base_url=lambda c: "https://api.clickup.com/api",
    # A personal token goes without the word Bearer, which an OAuth token wants.
    sign_in=lambda c: kit.header(Authorization="Bearer " * (c.token[:3] != "pk_") + c.token),
    test=lambda c: kit.get(f"/v2/list/{c.list_id}/task", {"page": "0"}),
    create=create,
    change=change,
    comment=comment,
    external_id=kit.in_body("id"),
    find=find,
    found=kit.in_body("tasks", 0, "id"),
    read=lambda id, c: kit.get(f"/v2/task/{id}"),
    status_of=status_of,
    inbound=kit.Inbound(kit.Signature("X-Signature", lambda c: c.secret), read),
    cannot={"attach": "ClickUp takes files by a call that the contract does not list."},
    rate=kit.Rate(90),
    pause_of=kit.reset_at("x-ratelimit-reset"),
    url_of=lambda id, c: f"https://app.clickup.com/t/{id}",
)
