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
UNDER_WAY = "Work in progress"
#: Of a workflow in which nothing waits.
TWICE = replace(CONFIG, names="Work in progress, Work in progress, Completed")


def issue(status, category, *leads):
    now = {"name": status, "statusCategory": {"key": category}}
    ways = [{"id": str(n), "name": "Go", "to": {"name": name}} for n, name in enumerate(leads)]
    return {"fields": {"status": now}, "transitions": ways}


def after_reading(found, operation=Operation.CLOSE, config=CONFIG, **case):
    """What is asked next, once the issue was read."""
    told = replace(sample(operation, "OPS-12"), **case)
    talk = connector.conversation(operation, told, config)
    next(talk)
    talk.send(Reply(204))
    return talk.send(Reply(200, found))


def test_a_way_is_chosen_by_where_it_leads():
    asked = after_reading(issue("Open", "new", "Canceled", "Completed"))

    assert asked.path == "/rest/api/3/issue/OPS-12/transitions"
    assert asked.json == {"transition": {"id": "1"}}


def test_what_stands_there_already_is_only_commented():
    assert after_reading(issue("Completed", "done", "Open")).path.endswith("/comment")


@pytest.mark.parametrize(
    ("found", "status", "way"),
    [
        (issue("Open", "new", "Canceled"), "resolved", "from Open to Completed"),
        (issue("Completed", "done"), "acknowledged", "from Completed to Work in progress"),
        (issue("Pending", "indeterminate"), "in_progress", "from Pending to Work in progress"),
        (issue(UNDER_WAY, "indeterminate", UNDER_WAY), "waiting", "in progress to Pending"),
    ],
)
def test_a_workflow_without_a_way_says_so(found, status, way):
    """Else the platform would turn the case back with the next comparison; what happened is said once."""
    case = replace(sample(Operation.UPDATE, "OPS-12"), status=status)
    talk, again = (
        connector.conversation(Operation.UPDATE, one, CONFIG)
        for one in (case, replace(case, again=True))
    )
    for each in (talk, again):
        next(each)
        each.send(Reply(204))
    note = talk.send(Reply(200, found))

    assert note.path.endswith("/comment")
    with pytest.raises(Permanent, match=f"does not lead .*{way}"):
        again.send(Reply(200, found))
    with pytest.raises(Permanent, match=f"does not lead .*{way}"):
        talk.send(Reply(201))


def test_where_no_way_leads_there_it_may_lead_over_what_is_in_progress():
    """A case that waits before the issue was taken up."""
    told = replace(sample(Operation.UPDATE, "OPS-12"), status="waiting")
    talk = connector.conversation(Operation.UPDATE, told, CONFIG)
    found = [
        issue("Open", "new", "Canceled", "Work in progress"),
        issue("Work in progress", "indeterminate", "Completed", "Work in progress", "Pending"),
    ]
    next(talk)
    gone = []
    for each in found:
        talk.send(Reply(204))
        gone.append(talk.send(Reply(200, each)).json["transition"]["id"])
        after = talk.send(Reply(204))

    assert gone == ["1", "2"]
    assert after.path.endswith("/comment")


def test_what_is_open_under_another_name_needs_no_way():
    found = issue("In review", "indeterminate")

    assert after_reading(found, Operation.UPDATE).path.endswith("/comment")


def test_where_nothing_waits_one_name_stands_for_both():
    found = issue("Work in progress", "indeterminate")

    assert after_reading(found, Operation.UPDATE, TWICE, status="waiting").path.endswith("/comment")
    assert connector.status_of(found, TWICE) == "under_way", "which agrees with what waits"
    assert connector.status_of(issue("Completed", "done"), TWICE) == "resolved"


@pytest.mark.parametrize(
    ("before", "status"), [("Completed", "in_progress"), ("Work in progress", "")]
)
def test_what_was_completed_and_moves_is_open_again(before, status):
    moved = {"field": "status", "fromString": before, "toString": "Work in progress"}
    body = {"issue": {"key": "OPS-12"}, "changelog": {"items": [moved]}}

    (event,) = connector.inbound.read(body, TWICE)

    assert (event.status, event.look) == (status, True)


def test_what_is_not_on_the_screen_is_left_out():
    case = sample(Operation.CREATE, "")
    talk = connector.conversation(Operation.CREATE, case, CONFIG)

    asked = [next(talk), *(talk.throw(Permanent("not on the screen")) for _ in range(2))]

    extra = [{"priority", "duedate"} & dig(each.json, "fields").keys() for each in asked]
    assert extra == [{"priority", "duedate"}, {"priority"}, set()]


def fields_of(**case):
    told = replace(sample(Operation.UPDATE, "OPS-12"), **case)
    return dig(next(connector.conversation(Operation.UPDATE, told, CONFIG)).json, "fields")


def test_it_is_due_on_the_day_it_is_where_the_case_is():
    due = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    assert fields_of(due_at=due)["duedate"] == "2026-11-22"
    assert fields_of(due_at=due, time_zone="America/New_York")["duedate"] == "2026-11-21"


def test_a_day_that_people_set_stays_where_we_have_none():
    assert "duedate" not in fields_of(due_at=None)


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
