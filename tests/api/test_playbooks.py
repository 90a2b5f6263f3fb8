"""Playbooks by API: made, tried, changed and deleted, as on their page."""

import pytest

from exceptions_app.models import Connection, Playbook
from exceptions_app.playbooks.running import fits
from exceptions_app.vocabulary import Role, Scope, Severity
from tests.api.conftest import is_problem
from tests.factories import ConnectionFactory, PlaybookFactory, open_case

pytestmark = pytest.mark.django_db
GRAVE = [{"field": "severity", "is": ["critical", "high"]}]


@pytest.fixture
def office(program_of):
    """A program of an administrator of every site."""
    return program_of(Role.ADMINISTRATOR)


@pytest.fixture
def care():
    return ConnectionFactory(name="Customer care")


@pytest.fixture
def wanted(care):
    return {"name": "Grave cases", "connection": care.pk, "conditions": GRAVE}


def test_a_playbook_is_made_and_told(office, wanted, north):
    answer = office.post("playbooks/", {**wanted, "site": "north", "enabled": False})

    made, told = Playbook.objects.get(), answer.json()
    assert answer.status_code == 201
    assert (made.moment, made.site, made.enabled, made.conditions) == (
        "case.opened",
        north,
        False,
        GRAVE,
    )
    assert {name: told[name] for name in wanted} == wanted
    assert told["says"] == "cases of North with severity critical or high"
    assert told["changed_by"]
    assert office.get("playbooks/").json()["results"] == [told]
    assert office.get(f"playbooks/{made.pk}/").json() == told


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"name": ""}, {"name": None}),
        ({"moment": "case.sneezed"}, {"moment": None}),
        ({"connection": 0}, {"connection": None}),
        (
            {"connection": 4711},
            {"connection": "There is no connection 4711. Use an id of /connections/."},
        ),
        ({"site": "west"}, {"site": "There is no site west."}),
        ({"conditions": {"severity": "high"}}, {"conditions": None}),
        ({"conditions": [{"field": "mood", "is": ["bad"]}]}, {"conditions": None}),
        ({"conditions": [{"field": "severity", "is": []}]}, {"conditions": None}),
        (
            {"conditions": [{"field": "severity", "is": ["hgih"]}]},
            {"conditions": "There is no severity hgih. Use one of critical, high, medium, low."},
        ),
        ({"conditions": [{"field": "team", "is": "ghosts"}]}, {"conditions": None}),
        ({"conditions": [{"field": "rule", "is": ["no.such"]}]}, {"conditions": None}),
        ({"colour": "red"}, {"colour": None}),
    ],
)
def test_what_cannot_be_taken_is_told_field_by_field(office, wanted, change, errors):
    for path in ("playbooks/", "playbooks/try/"):
        asked = {**wanted, **change}
        if path == "playbooks/try/":
            if "name" in change:
                continue
            del asked["name"]
        answer = office.post(path, asked)

        assert is_problem(answer, 400, "invalid")
        told = answer.json()["errors"]
        assert set(told) == set(errors)
        assert all(told[name] == reason for name, reason in errors.items() if reason)
    assert not Playbook.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"site": "south"}, "site"),
        ({"conditions": [{"field": "site", "is": ["south"]}]}, "conditions"),
    ],
)
def test_what_could_never_push_anything_is_refused(office, wanted, north, south, given, field):
    wanted["connection"] = ConnectionFactory(name="North's own", site=north).pk

    answer = office.post("playbooks/", {**wanted, **given})

    assert is_problem(answer, 400, "invalid")
    assert "North" in answer.json()["errors"][field]
    assert not Playbook.objects.exists()


def test_what_has_become_impossible_can_be_switched_off_and_deleted(office, care, north, south):
    kept = PlaybookFactory(connection=care, site=north)
    Connection.objects.update(site=south)
    path = f"playbooks/{kept.pk}/"

    assert office.patch(path, {"enabled": False}).status_code == 200
    assert is_problem(office.patch(path, {"enabled": True}), 400, "invalid")
    assert office.delete(path).status_code == 200


def test_a_name_is_used_once(office, wanted):
    office.post("playbooks/", wanted)

    answer = office.post("playbooks/", wanted)

    assert is_problem(answer, 400, "invalid")
    assert set(answer.json()["errors"]) == {"name"}


def test_what_is_not_asked_for_stays_as_it_is(office, care):
    kept = PlaybookFactory(connection=care, conditions=GRAVE, enabled=True)

    answer = office.patch(f"playbooks/{kept.pk}/", {"enabled": False})

    kept.refresh_from_db()
    assert answer.status_code == 200
    assert (kept.enabled, kept.conditions, kept.connection) == (False, GRAVE, care)


def test_nobodys_change_is_undone_unseen(office, care, at_noon):
    kept = PlaybookFactory(connection=care)
    seen = office.patch(f"playbooks/{kept.pk}/", {"enabled": False}).json()["changed_at"]
    at_noon.shift(1)
    office.patch(f"playbooks/{kept.pk}/", {"name": "Another"})

    late = office.patch(f"playbooks/{kept.pk}/", {"enabled": True, "seen": seen})

    kept.refresh_from_db()
    assert is_problem(late, 409, "stale")
    assert (kept.name, kept.enabled) == ("Another", False)
    now = office.get(f"playbooks/{kept.pk}/").json()["changed_at"]
    assert office.patch(f"playbooks/{kept.pk}/", {"enabled": True, "seen": now}).status_code == 200


def test_only_what_is_off_is_deleted(office, care):
    kept = PlaybookFactory(connection=care, enabled=True)
    path = f"playbooks/{kept.pk}/"

    refused = office.delete(path)
    told = office.patch(path, {"enabled": False}).json()
    gone = office.delete(path)

    assert is_problem(refused, 409, "not_allowed_now")
    assert (gone.status_code, gone.json()) == (200, told)
    assert not Playbook.objects.exists()
    assert is_problem(office.delete(path), 404, "not_found")


def test_it_is_tried_on_the_cases_of_the_last_weeks(office, wanted, north):
    grave = open_case(site=north, severity=Severity.CRITICAL)
    open_case(site=north, severity=Severity.LOW)
    del wanted["name"]

    told = office.post("playbooks/try/", wanted).json()

    assert (told["days"], told["cases"], told["pushed"], told["capped"]) == (30, 2, 1, False)
    assert [one["number"] for one in told["newest"]] == [grave.shown_number]
    assert not Playbook.objects.exists()


def test_a_case_without_a_team_and_what_people_flag_can_be_meant(office, wanted, north, dispatch):
    conditions = [{"field": "team", "is": ["", "dispatch"]}, {"field": "rule", "is": ""}]

    answer = office.post("playbooks/", {**wanted, "conditions": conditions})

    assert answer.status_code == 201
    assert answer.json()["conditions"][1] == {"field": "rule", "is": [""]}
    assert fits(Playbook.objects.get(), open_case(site=north))


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        (Scope.PLAYBOOKS_READ, 200, 403),
        (Scope.PLAYBOOKS_WRITE, 403, 201),
        (Scope.CONNECTIONS_WRITE, 403, 403),
    ],
)
def test_a_token_needs_the_scope(program_of, wanted, scope, reads, writes):
    program = program_of(Role.ADMINISTRATOR, scopes=[scope])

    assert program.get("playbooks/").status_code == reads
    assert program.post("playbooks/", wanted).status_code == writes
