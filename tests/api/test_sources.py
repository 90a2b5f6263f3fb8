"""Sources through the API: how they stand, what is expected of them, and letting one out of quarantine."""

import pytest

from exceptions_app.models import Source
from exceptions_app.vocabulary import Role
from tests.api.conftest import is_problem
from tests.factories import MINUTE, NOON, CalendarFactory, ConnectionFactory, PlaybookFactory

pytestmark = pytest.mark.django_db
ONE = "sources/scheduler/"


@pytest.fixture
def manager(program_of, north, scheduler):
    return program_of(Role.MANAGER, site=north)


def test_a_source_says_how_it_stands(program, booked):
    program.post("signals/", [booked(1), booked(2, occurred_at="never")])

    told = program.get(ONE).json()

    assert (told["standing"], told["signals_today"], told["refused_today"]) == ("speaking", 1, 1)
    assert (told["site"], told["rhythm"], told["held"], told["withheld"]) == ("north", "", 0, 0)
    assert program.get("sources/").json()["results"] == [told]


def test_a_manager_says_how_often_it_speaks(manager):
    CalendarFactory(name="Office")

    told = manager.patch(ONE, {"rhythm": "working", "every_minutes": 30, "calendar": "Office"})
    later = manager.patch(ONE, {"every_minutes": 45})

    assert told.status_code == 200
    assert (later.json()["every_minutes"], later.json()["calendar"]) == (45, "Office")
    assert Source.objects.get().expected_at is not None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"every_minutes": 10**12}, "every_minutes"),
        ({"rhythm": "daily", "daily_by": "09:00", "every_minutes": 30}, "every_minutes"),
        ({"rhythm": "working", "every_minutes": 30, "daily_by": "09:00"}, "daily_by"),
        ({"rhythm": "elapsed", "every_minutes": 30, "calendar": "Office"}, "calendar"),
        ({"rhythm": "elapsed", "every_minutes": 10**12}, "every_minutes"),
        ({"rhythm": "working"}, "every_minutes"),
        ({"rhythm": "daily"}, "daily_by"),
        ({"rhythm": "hourly"}, "rhythm"),
        ({"calendar": "Nobody's"}, "calendar"),
    ],
)
def test_what_says_nothing_is_refused(manager, wanted, field):
    answer = manager.patch(ONE, wanted)

    assert is_problem(answer, answer.status_code, "invalid")
    assert field in answer.json()["errors"]


def test_silence_is_told(manager, program, booked):
    Source.objects.update(silent_since=NOON - MINUTE)

    assert program.get(ONE).json()["standing"] == "silent"


def test_a_manager_lets_it_out(manager, program, booked):
    Source.objects.update(quarantined_at=NOON - MINUTE, doubt="new")
    PlaybookFactory(connection=ConnectionFactory())
    program.post("signals/", [booked(1, type="appointment.no_show")])
    assert program.get(ONE).json()["withheld"] == 1

    told = manager.post(f"{ONE}release/", {"send": True})

    assert told.json() == {"cases": 1, "sent": 1, "discarded": 0}
    assert program.get(ONE).json()["standing"] == "speaking"
    assert manager.post(f"{ONE}release/", {"send": True}).status_code == 409


def test_integrators_and_strangers_do_not(program, stranger, scheduler):
    for asked in (
        lambda of: of.patch(ONE, {"rhythm": ""}),
        lambda of: of.post(f"{ONE}release/", {"send": True}),
    ):
        assert asked(program).status_code == 403
        assert asked(stranger).status_code == 404
    assert stranger.get(ONE).status_code == 404


def test_a_case_says_what_it_is_part_of(program, of_ana, scheduler):
    late = [
        {
            "source": "scheduler",
            "external_id": f"o-{n}",
            "type": "order.promised",
            "occurred_at": (NOON - MINUTE).isoformat(),
            "subject": {"reference": f"O-{n}", "attributes": {"carrier": "DHL"}},
            "promise": {"promised_at": (NOON - MINUTE).isoformat()},
        }
        for n in range(11)
    ]
    program.post("signals/", late)

    (event,) = program.get("cases/", type="mass_event").json()["results"]
    inside = program.get("cases/", part_of=str(event["id"])).json()["results"]
    by_number = program.get("cases/", part_of=event["number"]).json()["results"]
    alone = program.get("cases/", part_of="none").json()["results"]

    assert (event["inside"], len(inside), alone) == (11, 11, [event])
    assert by_number == inside
    assert {case["part_of"] for case in inside} == {event["number"]}
    split = of_ana.post(f"cases/{inside[0]['number']}/split/")
    assert (split.status_code, split.json()["part_of"]) == (200, None)
    again = of_ana.post(f"cases/{inside[0]['number']}/split/")
    assert is_problem(again, 409, "not_allowed_now")
