"""Airtable's quirks: fields have the names that people give them, and after a 429 a base is shut for 30 s."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from connectors import describing
from connectors.kit import Reply
from connectors.platforms.airtable import connector
from exceptions_app.vocabulary import Operation

GIVEN = {each.name: each.sample() for each in connector.config.schema() if each.required}
RENAMED = connector.config.read({**GIVEN, "fields": "number=fldNumber, status=fldStatus, link="})


def created(config, **case):
    told = replace(describing.sample(Operation.CREATE, ""), **case)
    return next(connector.conversation(Operation.CREATE, told, config)).json


def asked(request):
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def test_fields_have_the_names_of_the_table():
    body = created(RENAMED)
    fields = body["records"][0]["fields"]

    assert body["performUpsert"] == {"fieldsToMergeOn": ["fldNumber"]}
    assert fields["fldNumber"] == "EX-1042"
    assert "Link" not in fields
    assert fields["Severity"] == "High"


def test_what_people_set_stays_where_we_have_nobody_and_no_time():
    fields = created(RENAMED, assignee_email="", due_at=None)["records"][0]["fields"]

    assert not {"Assignee", "Due"} & fields.keys()


def test_a_comment_calls_nobody():
    told = replace(describing.sample(Operation.COMMENT, "rec1"), text="Ask @[usrA1b2C3d4E5f6G7].")

    said = next(connector.conversation(Operation.COMMENT, told, RENAMED)).json

    assert said == {"text": "Ask @ [usrA1b2C3d4E5f6G7]."}


def test_what_is_named_by_id_is_answered_by_id():
    plain = connector.config.read(GIVEN)
    assert connector.read
    assert connector.find

    assert asked(connector.read("rec1", RENAMED))["returnFieldsByFieldId"] == "true"
    assert asked(connector.read("rec1", plain))["returnFieldsByFieldId"] == "false"
    sought = asked(connector.find(describing.sample(Operation.CREATE, ""), RENAMED))
    assert sought["filterByFormula"] == "{fldNumber}='EX-1042'"


def test_a_status_is_read_as_it_is_written():
    def read(status):
        body = {"records": [{"fields": {"fldStatus": status}}]}
        return connector.status_of(body, RENAMED)

    assert [read(one) for one in ("In progress", "Closed", "Lost")] == [
        "in_progress",
        "resolved",
        "",
    ]


def test_after_a_429_the_base_is_left_alone():
    assert connector.pause_of(Reply(429)) == timedelta(seconds=30)
    assert connector.pause_of(Reply(503)) is None
