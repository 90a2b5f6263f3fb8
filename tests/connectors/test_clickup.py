"""ClickUp's quirks: a status must be one of the list's, owners are added and removed, "==" is exact."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors import describing
from connectors.kit import Reply
from connectors.platforms.clickup import connector
from exceptions_app.vocabulary import Operation

REQUIRED = {each.name: each.sample() for each in connector.config.schema() if each.required}
CONFIG = connector.config.read(
    {
        **REQUIRED,
        "statuses": "waiting=On Hold, resolved=done",
        "people": "ana.silva@example.com=183, ben@example.com=184",
    }
)


def changed(**case):
    told = replace(describing.sample(Operation.UPDATE, "86a"), **case)
    return next(connector.conversation(Operation.UPDATE, told, CONFIG)).json


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("new", "to do"), ("waiting", "On Hold"), ("acknowledged", "in progress"), ("closed", "done")],
)
def test_a_status_is_one_of_the_list(ours, theirs):
    assert changed(status=ours)["status"] == theirs


def test_one_person_owns_a_task():
    assert changed()["assignees"] == {"add": [183], "rem": [184]}
    assert changed(assignee_email="")["assignees"] == {"add": [], "rem": [183, 184]}


def test_statuses_are_read_in_whatever_case_and_by_their_type():
    def read(status, kind):
        return connector.status_of({"status": {"status": status, "type": kind}}, CONFIG)

    assert read("on hold", "custom") == "waiting"
    assert read("shipped", "closed") == "resolved"
    assert read("triage", "custom") == ""


def test_it_looks_for_this_number_and_not_for_those_that_contain_it():
    assert connector.find
    asked = connector.find(describing.sample(Operation.CREATE, ""), CONFIG)
    query = parse_qs(urlsplit(asked.path).query)

    assert json.loads(query["custom_fields"][0])[0]["operator"] == "=="
    assert query["include_closed"] == ["true"]


def test_a_task_that_somebody_takes_is_theirs():
    after = {"id": 184, "email": "ben@example.com"}
    body = {"event": "taskAssigneeUpdated", "task_id": "86a"}
    (event,) = connector.inbound.read(
        {**body, "history_items": [{"field": "assignee_add", "after": after}]}, CONFIG
    )

    assert event.assignee_email == "ben@example.com"


def test_oauth_tokens_are_bearers_and_personal_ones_are_not():
    def header(token):
        config = connector.config.read({**REQUIRED, "token": token})
        return connector.sign_in(config).headers["Authorization"]

    assert header("pk_1") == "pk_1"
    assert header("oauth-1") == "Bearer oauth-1"


def test_the_pause_is_until_the_limit_is_reset():
    assert connector.pause_of(Reply(429, headers={"x-ratelimit-reset": "30"})).seconds == 30
