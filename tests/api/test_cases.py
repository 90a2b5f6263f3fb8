"""Cases by API: the list and its filters, one whole, its timeline and clocks, and flagging."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.filters import PARAMETERS
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Case
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import ExceptionType, Role, Severity
from tests.api.conftest import is_problem
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    SubjectFactory,
    TargetFactory,
    UserFactory,
    open_case,
)

pytestmark = pytest.mark.django_db


def numbers(answer):
    assert answer.status_code == 200, answer.content
    return [one["number"] for one in answer.json()["results"]]


def test_cases_are_listed_newest_first_as_far_as_they_are_ones_own(program, stranger, north, south):
    first = open_case(site=north, at=NOON - HOUR)
    second = open_case(site=north, at=NOON - MINUTE)
    elsewhere = open_case(site=south)

    assert numbers(program.get("cases/")) == [str(second), str(first)]
    assert numbers(stranger.get("cases/")) == [str(elsewhere)]


def test_a_case_in_a_list_says_what_integrators_need(program, case, ana):
    triage.claim(Seen(case.pk), by=person(ana), at=NOON - MINUTE)

    (told,) = program.get("cases/").json()["results"]

    assert told["number"] == str(case)
    assert told["version"] == 2
    assert told["type"] == "delivery_late"
    assert told["severity"] == "high"
    assert told["status"] == "acknowledged"
    assert (told["site"], told["team"]) == ("north", None)
    assert told["assignee"] == {"username": "ana", "name": ana.shown_name()}
    assert told["opened_at"] == "2026-03-10T11:00:00Z"
    assert told["due_at"] == "2026-03-10T19:00:00Z"
    assert told["clock"]["target"] == "resolve"
    assert told["url"].endswith(f"/cases/{case.pk}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "open"}, 2),
        ({"status": "resolved"}, 1),
        ({"severity": ["critical", "high"]}, 3),
        ({"severity": "critical"}, 1),
        ({"q": "20417"}, 1),
        ({"q": "nunez"}, 1),
        ({"assignee": "none"}, 3),
        ({"assignee": "me"}, 0),
        ({"site": "north", "type": "delivery_late"}, 3),
        ({"opened_after": "2026-03-10T11:30:00Z"}, 2),
    ],
)
def test_cases_are_narrowed_as_on_the_board(program, case, north, query, found):
    open_case(site=north, severity=Severity.CRITICAL)
    done = open_case(site=north)
    lifecycle.resolve(Seen(done.pk), by=SYSTEM, at=NOON, cause="carrier")

    assert len(numbers(program.get("cases/", **query))) == found


@pytest.mark.parametrize(
    "query",
    [
        {"severity": "urgent"},
        {"site": "south"},
        {"breached": "often"},
        {"opened_after": "2026-03-10T11:30:00"},
        {"opened_before": "yesterday"},
        {"due_within": "soon"},
        {"sort": "size"},
        {"after": "x"},
        {"part_of": "EX-999999"},
        {"part_of": "x"},
        {"breached": ["true", "false"]},
        {"assignee": "nobodyhere"},
        {"assignee": "boss"},
        {"rule": "nope"},
        *({name: ""} for name in (*PARAMETERS, "limit", "sort") if name != "rule"),
    ],
    ids=str,
)
def test_a_filter_that_makes_no_sense_is_refused(program, south, query):
    UserFactory(username="boss", role=Role.LEAD, role__site=south)

    answer = program.get("cases/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == list(query)


def test_who_works_here_or_has_a_case_here_can_be_asked_for(program, case, ana, south):
    left = UserFactory(username="left", role=Role.STAFF, role__site=south, is_active=False)
    Case.objects.update(assignee=left)

    assert numbers(program.get("cases/", assignee="left")) == [str(case)]
    assert numbers(program.get("cases/", assignee="ana")) == []


def test_an_empty_rule_is_that_of_flagged_cases(program, case, north):
    Case.objects.update(rule="deal.delivery_late")
    flagged = open_case(site=north)

    assert numbers(program.get("cases/", rule="")) == [str(flagged)]
    assert numbers(program.get("cases/", rule="source.silent")) == []


def test_an_event_is_named_by_whoever_sees_it_or_a_case_in_it(program, stranger, north, south):
    event = open_case(site=north, exception_type=ExceptionType.MASS_EVENT)
    inside = open_case(site=north, parent_id=event.pk)
    unseen, hidden = (stranger.get("cases/", part_of=name) for name in (str(event), "EX-999999"))
    within = open_case(site=south, parent_id=event.pk)

    assert numbers(program.get("cases/", part_of=str(event))) == [str(inside)]
    assert numbers(stranger.get("cases/", part_of=str(event))) == [str(within)]
    assert is_problem(unseen, 400, "invalid")
    assert unseen.json()["detail"] == hidden.json()["detail"].replace("EX-999999", str(event))


@pytest.mark.parametrize("query", [{"severity": "banana"}, {"sort": "size"}])
def test_a_refused_choice_says_what_there_is_to_choose_from(program, query):
    (why,) = program.get("cases/", **query).json()["errors"].values()

    assert why in (
        "Must be one of critical, high, medium, low.",
        "Must be one of urgent, newest, oldest, promise, value.",
    )


@pytest.mark.parametrize("sort", ["newest", "oldest", "urgent", "promise", "value"])
def test_pages_hold_every_case_once_while_new_ones_arrive(program, north, sort):
    there = [str(open_case(site=north, at=NOON - n * MINUTE)) for n in range(7)]
    answer = program.get("cases/", sort=sort, limit=3)
    seen = numbers(answer)

    while following := answer.json()["next"]:
        open_case(site=north, at=NOON)
        assert "limit=3" in urlsplit(following).query
        answer = program.get(following)
        seen += numbers(answer)

    assert sorted(seen) == sorted(set(seen))
    assert set(there) <= set(seen)


def test_a_list_takes_as_many_statements_at_any_length(program, north):
    TargetFactory()
    for n in range(12):
        open_case(site=north, at=NOON - n * MINUTE)
    program.get("cases/")
    with CaptureQueriesContext(connection) as few:
        program.get("cases/", limit=2)

    with CaptureQueriesContext(connection) as many:
        program.get("cases/", limit=200)

    assert len(many) == len(few) <= 9


def test_a_case_goes_by_its_id_and_by_its_number(program, case):
    for key in (case.pk, case, str(case).lower()):
        answer = program.get(f"cases/{key}/")

        assert answer.json()["id"] == case.pk
        assert answer["ETag"] == '"v1"'


def test_a_case_is_read_whole(program, case, north):
    other = open_case(site=north, reference="D-20417")

    told = program.get(f"cases/{case}/").json()

    assert [clock["target"] for clock in told["clocks"]] == ["resolve"]
    assert {step["verb"]: step["allowed"] for step in told["steps"]}["severity"]
    assert told["related"] == [str(other)]
    assert told["about"] is None
    assert told["reference"] == "D-20417"


@pytest.mark.parametrize("path", ["", "timeline/", "clocks/"])
def test_a_case_at_another_site_does_not_exist(stranger, case, path):
    assert is_problem(stranger.get(f"cases/{case}/{path}"), 404, "not_found")
    assert is_problem(stranger.get(f"cases/{case.pk}/{path}"), 404, "not_found")


@pytest.mark.parametrize("key", ["0", "EX-0", "999999999999999999999", "nonsense", "EX-", "-1"])
def test_a_case_that_is_none_is_not_found(program, key):
    assert is_problem(program.get(f"cases/{key}/"), 404, "not_found")


def test_the_timeline_is_read_oldest_first_in_pages(program, case):
    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text="Called the carrier")

    first = program.get(f"cases/{case}/timeline/", limit=1).json()
    second = program.get(first["next"]).json()

    assert [entry["verb"] for entry in first["results"]] == ["case.opened"]
    assert [entry["verb"] for entry in second["results"]] == ["case.commented"]
    assert second["results"][0]["data"]["text"] == "Called the carrier"
    assert second["results"][0]["actor"] == {
        "kind": "system",
        "id": "flagstand",
        "name": "Flagstand",
    }
    assert len(second["results"][0]["digest"]) == 64
    assert second["next"] is None


def test_a_timeline_is_followed_from_where_it_was_last_read(program, case):
    read = program.get(f"cases/{case}/timeline/").json()
    nothing = program.get(read["later"]).json()
    triage.comment(Seen(case.pk), by=SYSTEM, at=NOON, text="Called the carrier")
    new = program.get(nothing["later"]).json()

    assert (len(read["results"]), nothing["results"]) == (1, [])
    assert [entry["verb"] for entry in new["results"]] == ["case.commented"]


def test_a_clock_comes_with_its_proof(program, case):
    (clock,) = program.get(f"cases/{case}/clocks/").json()["results"]

    assert (clock["target"], clock["amount"], clock["length_kind"]) == ("resolve", 480, "elapsed")
    assert clock["spent_seconds"] == 3600
    assert clock["proof"][0]["start"] == "2026-03-10T11:00:00Z"
    assert clock["proof"][-1]["end"] == "2026-03-10T12:00:00Z"


FLAGGED = {"title": "Wrong car", "type": "complaint", "severity": "high", "site": "north"}


def test_a_case_is_flagged(program, dispatch):
    subject = SubjectFactory(site=dispatch.site)

    answer = program.post(
        "cases/",
        FLAGGED
        | {"team": "dispatch", "subject": subject.pk, "customer": "José", "description": "Red."},
    )

    told = answer.json()
    case = Case.objects.get()
    assert answer.status_code == 201
    assert (told["number"], told["status"], told["team"]) == (str(case), "new", "dispatch")
    assert told["subject"] == subject.pk
    assert case.description == "Red."
    assert answer["Location"].endswith(f"/api/v1/cases/{case.pk}/")
    assert answer["ETag"] == '"v1"'


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"type": "lateness"}, "type"),
        ({"severity": 1}, "severity"),
        ({"site": "south"}, "site"),
        ({"team": "nobody"}, "team"),
        ({"subject": 10**30}, "subject"),
        ({"subject": 4711}, "subject"),
    ],
)
def test_a_flag_that_makes_no_sense_is_refused_with_its_field(program, south, changes, field):
    answer = program.post("cases/", FLAGGED | changes)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert not Case.objects.exists()


def test_cases_are_followed_by_when_they_changed(program, north):
    quiet, loud = (open_case(site=north, at=NOON - HOUR) for _ in range(2))
    lifecycle.start(Seen(loud.pk), by=SYSTEM, at=NOON - MINUTE)

    (told,) = program.get("cases/", changed_after="2026-03-10T11:30:00Z").json()["results"]

    assert (told["number"], told["changed_at"]) == (str(loud), "2026-03-10T11:59:00Z")
    assert numbers(program.get("cases/", changed_after="2026-03-10T11:00:00Z")) == [
        str(loud),
        str(quiet),
    ]
