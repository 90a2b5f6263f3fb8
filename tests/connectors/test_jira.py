"""Jira's quirks: workflows with ways of their own, documents without empty texts, and our own calls back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.describing import sample
from connectors.kit import Permanent, Reply, dig
from connectors.platforms.jira import connector, document
from exceptions_app.vocabulary import Operation

CONFIG = connector.config.read(
    {"site": "acme", "email": "desk@acme.example", "token": "t", "project": "OPS"}
)


def after_reading(status, category, *leads):
    """What is asked next, once the issue was read."""
    settled = category == "done"
    operation = Operation.UPDATE if settled else Operation.CLOSE
    talk = connector.conversation(operation, sample(operation, "OPS-12"), CONFIG)
    next(talk)
    talk.send(Reply(204))
    ways = [{"id": str(n), "name": "Go", "to": {"name": name}} for n, name in enumerate(leads)]
    now = {"name": status, "statusCategory": {"key": category}}
    return talk.send(Reply(200, {"fields": {"status": now}, "transitions": ways}))


def test_a_way_is_chosen_by_where_it_leads():
    asked = after_reading("Open", "new", "Canceled", "Completed")

    assert asked.path == "/rest/api/3/issue/OPS-12/transitions"
    assert asked.json == {"transition": {"id": "1"}}


def test_what_stands_there_already_is_only_commented():
    assert after_reading("Completed", "done", "Open").path.endswith("/comment")


def test_a_workflow_without_a_way_says_so():
    with pytest.raises(Permanent, match="does not lead from Open to Completed"):
        after_reading("Open", "new", "Canceled")


def test_what_is_not_on_the_screen_is_left_out():
    case = sample(Operation.CREATE, "")
    talk = connector.conversation(Operation.CREATE, case, CONFIG)

    asked = [next(talk), *(talk.throw(Permanent("not on the screen")) for _ in range(2))]

    extra = [{"priority", "duedate"} & dig(each.json, "fields").keys() for each in asked]
    assert extra == [{"priority", "duedate"}, {"priority"}, set()]


def test_a_request_type_is_a_field_of_the_issue():
    config = replace(CONFIG, form="customfield_10010=ops/late=1")
    asked = next(connector.conversation(Operation.CREATE, sample(Operation.CREATE, ""), config))

    assert dig(asked.json, "fields", "customfield_10010") == "ops/late=1"


def test_a_document_has_no_empty_texts():
    texts = [each["content"][0]["text"] for each in document("One\n\nTwo")["content"]]

    assert texts == ["One", "Two"]


def test_what_we_said_ourselves_is_not_news():
    author = {"emailAddress": "desk@acme.example"}
    body = {"webhookEvent": "comment_created", "issue": {"key": "OPS-12"}}

    assert connector.inbound.read(body | {"comment": {"body": "x", "author": author}}, CONFIG) == []
def fields_of(**case):
    told = replace(sample(Operation.UPDATE, "OPS-12"), **case)
    return dig(next(connector.conversation(Operation.UPDATE, told, CONFIG)).json, "fields")


def test_it_is_due_on_the_day_it_is_where_the_case_is():
    due = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    assert fields_of(due_at=due)["duedate"] == "2026-11-22"
    assert fields_of(due_at=due, time_zone="America/New_York")["duedate"] == "2026-11-21"


def test_a_day_that_people_set_stays_where_we_have_none():
    assert "duedate" not in fields_of(due_at=None)


