"""Subjects by API: the list and what narrows it, and one with everything known."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.models import Case, Subject
from tests.api.conftest import is_problem
from tests.factories import HOUR, NOON, SubjectFactory, open_case

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def references(answer):
    assert answer.status_code == 200, answer.content
    return [one["reference"] for one in answer.json()["results"]]


@pytest.fixture
def subjects(north, south):
    SubjectFactory(site=north, reference="O-1", promised_at=NOON + DAY)
    SubjectFactory(site=north, reference="O-2", promised_at=NOON - HOUR)
    SubjectFactory(site=north, reference="o-3", promised_at=NOON - HOUR, ended_at=NOON - HOUR)
    deal = SubjectFactory(site=north, reference="D-4", kind="deal")
    SubjectFactory(site=south, reference="O-5", promised_at=NOON - HOUR)
    open_case(site=north, subject=deal)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["D-4", "o-3", "O-2", "O-1"]),
        ({"kind": "deal"}, ["D-4"]),
        ({"q": "o-"}, ["o-3", "O-2", "O-1"]),
        ({"at_risk": "true"}, ["D-4", "O-2"]),
        ({"at_risk": "false"}, ["o-3", "O-1"]),
        ({"open": "true"}, ["D-4", "O-2", "O-1"]),
        ({"open": "false"}, ["o-3"]),
        ({"site": "north", "open": "true", "kind": "order"}, ["O-2", "O-1"]),
    ],
)
def test_subjects_are_narrowed(program, subjects, query, found):
    assert references(program.get("subjects/", **query)) == found


@pytest.mark.parametrize("path", ["subjects/", "reminders/"])
def test_a_site_that_is_none_of_ones_own_is_refused_whether_there_is_one_or_not(
    program, south, path
):
    there, nowhere = (program.get(path, site=slug) for slug in ("south", "nowhere"))

    assert is_problem(there, 400, "invalid")
    assert list(there.json()["errors"]) == ["site"]
    assert there.json()["detail"].replace("south", "nowhere") == nowhere.json()["detail"]
    assert program.get(path, site="north").status_code == 200


@pytest.mark.parametrize("query", [{"kind": "car"}, {"at_risk": "perhaps"}, {"q": "x" * 81}])
def test_a_question_about_subjects_that_makes_no_sense_is_refused(program, query):
    answer = program.get("subjects/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == list(query)


def test_a_subject_in_a_list_says_whether_it_is_at_risk(program, subjects):
    told = {one["reference"]: one for one in program.get("subjects/").json()["results"]}

    assert [told[name]["at_risk"] for name in ("O-1", "O-2", "o-3", "D-4")] == [
        False,
        True,
        False,
        True,
    ]
    assert told["D-4"]["open_cases"] == 1


def test_pages_of_subjects_follow_each_other(program, subjects):
    first = program.get("subjects/", limit=3)
    SubjectFactory(site=Subject.objects.get(reference="O-1").site, reference="O-9")

    second = program.get(first.json()["next"])

    assert references(first) + references(second) == ["D-4", "o-3", "O-2", "O-1"]


def test_a_list_of_subjects_takes_as_many_statements_at_any_length(program, subjects):
    program.get("subjects/")
    with CaptureQueriesContext(connection) as few:
        program.get("subjects/", limit=1)

    with CaptureQueriesContext(connection) as many:
        program.get("subjects/")

    assert len(many) == len(few)


def test_a_subject_is_read_with_all_that_is_known(program, booked):
    signal = booked(1, promise={"promised_at": "2026-03-10T14:00:00Z", "reason": "As agreed"})
    program.post("signals/", signal)
    program.post("signals/", booked(2, type="appointment.no_show", subject={"reference": "A-1"}))
    subject = Subject.objects.get()

    told = program.get(f"subjects/{subject.pk}/").json()

    assert (told["kind"], told["reference"], told["site"]) == ("appointment", "A-1", "north")
    assert told["customer"] == {"name": "José Núñez"}
    assert [step["name"] for step in told["milestones"]] == ["booked", "checked_in"]
    assert [one["reason"] for one in told["promises"]] == ["As agreed"]
    assert told["promised_at"] == "2026-03-10T14:00:00Z"
    assert [(one["word"], one["times"]) for one in told["reports"]] == [("no_show", 1)]
    assert [one["number"] for one in told["cases"]] == [str(Case.objects.get())]


def test_a_subject_at_another_site_does_not_exist(stranger, subjects):
    subject = Subject.objects.get(reference="O-1")

    assert is_problem(stranger.get(f"subjects/{subject.pk}/"), 404, "not_found")
    assert is_problem(stranger.get(f"subjects/{10**30}/"), 404, "not_found")


@pytest.mark.parametrize(
    "query", [{"site": ["north", "north"]}, {"site": ""}, {"q": ""}, {"at_risk": ""}], ids=str
)
def test_subjects_are_narrowed_as_asked_or_not_at_all(program, query):
    for path in ("subjects/", "reminders/"):
        if path == "subjects/" or "site" in query:
            answer = program.get(path, **query)
            assert is_problem(answer, 400, "invalid")
            assert list(answer.json()["errors"]) == list(query)
