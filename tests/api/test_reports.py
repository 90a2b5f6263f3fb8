"""The SLA report by API: its figures, the cases behind each number, and what it may be asked."""

import pytest

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.people.access import SYSTEM
from tests.api.conftest import is_problem
from tests.factories import HOUR, NOON, TargetFactory, open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(north):
    """One resolved in time, one still running."""
    TargetFactory()
    done = open_case(site=north, at=NOON - 3 * HOUR)
    open_case(site=north, at=NOON - HOUR)
    lifecycle.resolve(Seen(done.pk), by=SYSTEM, at=NOON - HOUR, cause="carrier")
    return done


def test_the_report_says_how_targets_were_kept(program, worked):
    total = program.get("reports/sla/").json()["total"]

    resolve = next(one for one in total["targets"] if one["target"] == "resolve")
    assert total["opened"]["value"] == 2
    assert (resolve["met"]["value"], resolve["running"]["value"], resolve["share"]) == (1, 1, 1.0)
    assert total["to_resolve"]["median_seconds"] == 7200


def test_every_number_opens_its_cases(program, worked):
    total = program.get("reports/sla/").json()["total"]
    resolve = next(one for one in total["targets"] if one["target"] == "resolve")

    listed = program.get(resolve["met"]["cases"])

    assert [one["number"] for one in listed.json()["results"]] == [str(worked)]


def test_the_report_may_be_narrowed_and_split(program, worked):
    told = program.get(
        "reports/sla/",
        **{"from": "2026-03-01", "to": "2026-03-31", "by": "severity", "site": "north"},
    ).json()

    assert told["period"] == {
        "first": "2026-03-01",
        "last": "2026-03-31",
        "time_zone": "Europe/Berlin",
    }
    assert [line["label"] for line in told["lines"]] == ["high"]


@pytest.mark.parametrize(
    ("query", "opened"), [({}, 2), ({"imported": "any"}, 3), ({"imported": "true"}, 1)]
)
def test_imported_history_is_counted_only_when_asked_for(program, worked, north, query, opened):
    open_case(site=north, at=NOON - HOUR, imported=True)

    told = program.get("reports/sla/", **query).json()["total"]["opened"]

    assert told["value"] == opened
    assert len(program.get(told["cases"]).json()["results"]) == opened


def test_the_report_of_another_site_is_empty(stranger, worked):
    assert stranger.get("reports/sla/").json()["total"]["opened"]["value"] == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"by": "colour"}, "by"),
        ({"weeks": "5"}, "weeks"),
        ({"from": "2026-03-01"}, "to"),
        ({"from": "March", "to": "2026-03-31"}, "from"),
        ({"from": "2026-03-31", "to": "2026-03-01"}, "from"),
        ({"from": "9999-12-01", "to": "9999-12-31"}, "from"),
        ({"time_zone": "Berlin"}, "time_zone"),
        ({"site": "south"}, "site"),
        ({"imported": "perhaps"}, "imported"),
        ({"status": "open"}, "status"),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(program, south, query, field):
    answer = program.get("reports/sla/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    "query",
    [{"rule": "nope"}, {"assignee": "nobodyhere"}, {"rule": ""}, {"by": ["team", "site"]}],
    ids=str,
)
def test_a_report_is_narrowed_as_asked_or_refused(program, query):
    answer = program.get("reports/sla/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == list(query)
