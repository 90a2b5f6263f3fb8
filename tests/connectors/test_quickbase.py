"""Quickbase's quirks: a success in which our record was not written, and fields that go by number."""

from dataclasses import replace

import pytest

from connectors import describing
from connectors.answers import judge
from connectors.kit import Json, Reply
from connectors.platforms.quickbase import connector
from exceptions_app.vocabulary import Operation

GIVEN = {each.name: each.sample() for each in connector.config.schema() if each.required}
LISTS = ("createdRecordIds", "updatedRecordIds", "unchangedRecordIds")


def answered(status, **metadata):
    nothing: Json = {name: [] for name in LISTS} | {"totalNumberOfRecordsProcessed": 1}
    return Reply(status, {"data": [], "metadata": nothing | metadata})


def test_a_success_in_part_without_our_record_is_none():
    wrong = answered(207, lineErrors={"1": ['Incompatible value for field with ID "12".']})

    assert connector.refusal(wrong) == 'Incompatible value for field with ID "12".'


def test_a_success_that_wrote_nothing_is_none():
    assert connector.refusal(answered(200)) == "nothing written"


@pytest.mark.parametrize("name", LISTS)
def test_made_changed_or_the_same_is_written(name):
    reply = answered(200, **{name: [11]})

    assert connector.refusal(reply) == ""
    assert connector.external_id(reply) == "11"


def test_a_query_that_finds_nothing_is_no_refusal():
    counts = {"totalRecords": 0, "numRecords": 0, "numFields": 2}

    judge(connector, Reply(200, {"data": [], "fields": [], "metadata": counts}))


def test_fields_go_by_their_number():
    config = connector.config.read({**GIVEN, "fields": "number=21, severity="})
    told = replace(describing.sample(Operation.UPDATE, "11"), due_at=None, assignee_email="")
    body = next(connector.conversation(Operation.UPDATE, told, config)).json

    assert isinstance(body, dict)
    assert body["mergeFieldId"] == 21
    (cells,) = body["data"]
    assert cells["21"] == {"value": "EX-1042"}
    assert cells["14"] == {"value": "Ana Silva acknowledged the case."}
    assert not {"9", "11", "12"} & cells.keys(), "neither severity nor what we have nothing for"
