"""Rules, threshold and journeys for programs: read, tried and changed."""

import pytest

from exceptions_app.detection import policy
from exceptions_app.models import PolicyVersion
from exceptions_app.vocabulary import Role, Scope
from tests.api.conftest import is_problem
from tests.factories import NOON

pytestmark = pytest.mark.django_db
GAP = "rules/order.scan_gap/"


@pytest.fixture
def office(program_of):
    """A program of a manager of every site."""
    return program_of(Role.MANAGER)


def test_every_rule_is_told_with_its_parameters_and_what_they_are(office):
    told = {one["slug"]: one for one in office.get("rules/").json()["results"]}

    assert set(told) == set(policy.BY_SLUG)
    silence = told["order.scan_gap"]["everywhere"]["parameters"][0]
    assert (silence["name"], silence["kind"]) == ("silence", "minutes")
    assert (silence["value"], silence["shipped"]) == (2880, 2880)
    assert told["order.scan_gap"]["last_change"] is None


def test_a_rule_is_changed_and_what_is_left_out_stays(office):
    office.patch(GAP, {"parameters": {"silence": 1440}, "why": "Faster carrier"})
    answer = office.patch(GAP, {"on": False, "why": "Noise"})

    told = answer.json()
    assert told["everywhere"]["on"] is False
    assert told["everywhere"]["parameters"][0]["value"] == 1440
    assert told["last_change"]["why"] == "Noise"
    assert PolicyVersion.objects.count() == 2


def test_a_wrong_parameter_is_refused_by_its_name(office):
    answer = office.patch(GAP, {"parameters": {"silence": "soon"}, "why": "Noise"})

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["silence"]


def test_a_change_after_somebody_elses_is_refused(office):
    office.patch(GAP, {"on": False, "why": "Noise"})

    answer = office.patch(GAP, {"on": True, "why": "Back", "seen": 0})

    assert is_problem(answer, 409, "stale")
    assert answer.json()["version"] == PolicyVersion.objects.get().pk


def test_what_a_change_would_do_is_counted_and_nothing_is_changed(
    office, program, scheduler, booked
):
    for number in range(3):
        program.post(
            "signals/",
            booked(
                number,
                type="order.shipped",
                occurred_at=NOON.isoformat(),
                subject={"reference": f"O-{number}", "attributes": {"tracked": True}},
                milestones={},
            ),
        )

    first = office.post(f"{GAP}effects/", {"parameters": {"silence": 0}, "limit": 2}).json()
    rest = office.post(
        f"{GAP}effects/", {"parameters": {"silence": 0}, "after": first["after"]}
    ).json()

    assert (first["total"], first["opens"], first["done"]) == (3, 2, False)
    assert (rest["opens"], rest["done"]) == (1, True)
    assert not PolicyVersion.objects.exists()


def test_a_journey_takes_one_step_and_keeps_the_others(office):
    steps = {
        "financed": {"after": "sold", "within": "10 calendar days"},
        "registered": None,
    }

    told = office.patch("journeys/deal/", {"steps": steps, "why": "Our lender"}).json()

    within = {step["name"]: step["within"] for step in told["steps"]}
    assert within["financed"] == "10 calendar days"
    assert (within["registered"], within["prepared"]) == (None, "2 business days")


def test_the_threshold_of_a_site_goes_back_to_the_common_one_with_null(office, north):
    office.patch("thresholds/", {"threshold": 50, "site": "north", "why": "Noise"})
    assert office.get("thresholds/").json()["sites"] == {"north": 50}

    office.patch("thresholds/", {"threshold": None, "site": "north", "why": "As the others"})

    assert office.get("thresholds/").json()["sites"] == {}
    answer = office.patch("thresholds/", {"threshold": None, "why": "x"})
    assert is_problem(answer, 400, "invalid")


def test_a_program_needs_the_scope_and_its_person_the_role(program_of, of_ana):
    reads = program_of(Role.MANAGER, scopes=[Scope.RULES_READ])

    assert reads.get("rules/").status_code == 200
    assert is_problem(reads.patch(GAP, {"on": False, "why": "x"}), 403, "not_permitted")
    assert is_problem(of_ana.patch(GAP, {"on": False, "why": "x"}), 403, "not_permitted")


@pytest.mark.parametrize("path", ["rules/order.nonsense/", "journeys/lunch/"])
def test_what_is_not_there_is_not_found(office, path):
    assert is_problem(office.get(path), 404, "not_found")
