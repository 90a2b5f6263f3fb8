"""Whom to remind: appointments ahead, the likeliest to be missed first, with a reason, and how well."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from exceptions_app.backtest.deciding import Score
from exceptions_app.backtest.measures import Judged, most_likely
from exceptions_app.detection.changing import adopt, let_go
from exceptions_app.detection.reminding import Reminder
from exceptions_app.detection.risk.model import Model
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, RiskAdoption, RiskModel
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role, SubjectKind
from tests.factories import HOUR, NOON, SiteFactory, SourceFactory, UserFactory

DAY = 24 * HOUR
LOOK = ("ahead", 2)


def test_the_likeliest_are_judged_against_as_many_taken_blindly():
    scores = [Score(f"J-{n}", LOOK, NOON, chance=n / 100) for n in range(100)]
    judged = Judged(
        {one.reference: NOON for one in scores}, {f"J-{n}" for n in range(0, 100, 5)} | {"J-99"}
    )

    told = most_likely(scores, judged, LOOK)

    assert (told["subjects"], told["base"]) == (100, 0.21)
    assert told["top_5_percent"] == {"precision": 0.4, "lift": 1.9, "recall": 0.095}


def test_it_says_why_in_a_sentence():
    asked = [Reminder(1, 0.31, 0.2, ahead) for ahead in (30 * DAY, DAY, None)]

    assert asked[0].reason == (
        "Booked 30 days ahead; of those that stood alike, 31% were missed, of all 20%"
    )
    assert asked[1].reason.startswith("Booked 1 day ahead;")
    assert asked[2].reason.startswith("Of those")


@pytest.fixture
def clinic(db):
    """Its history says that what was booked long ahead is missed more often."""
    site = SiteFactory(slug="north")
    SourceFactory(slug="scheduler", site=site)
    model = Model(SubjectKind.APPOINTMENT, ZoneInfo(site.time_zone))
    for weighing in model.weighing.values():
        weighing.weights = [1.0, *[0.0] * (len(weighing.weights) - 1)]
    learned = RiskModel.objects.create(
        site=site, kind="appointment", made_at=NOON, promises=99, learned=model.as_json()
    )
    adopt(learned, by=SYSTEM, at=NOON)
    return site


def book(reference, *, ahead, due):
    booked = NOON + due - ahead
    signal = {
        "source": "scheduler",
        "external_id": reference,
        "type": "appointment.booked",
        "occurred_at": booked.isoformat(),
        "subject": {"reference": reference},
        "promise": {"promised_at": (NOON + due).isoformat()},
    }
    accept([signal], by=SYSTEM, at=NOON - HOUR)


@pytest.fixture
def appointments(clinic):
    book("J-SHORT", ahead=2 * DAY, due=DAY)
    book("J-LONG", ahead=40 * DAY, due=2 * DAY)
    book("J-LATER", ahead=60 * DAY, due=9 * DAY)
    book("J-OVER", ahead=60 * DAY, due=-timedelta(minutes=30))


def test_the_list_of_subjects_shows_whom_to_remind_first(client, appointments, clinic):
    client.force_login(UserFactory(role=Role.STAFF, role__site=clinic))

    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("subjects"), {"view": "remind"}).content.decode()

    assert page.index("J-LONG") < page.index("J-SHORT")
    assert "Booked 40 days ahead; of those that stood alike" in page
    assert "J-LATER" not in page
    assert "J-OVER" not in page
    assert not Case.objects.filter(exception_type="predicted_late").exists(), (
        "no case is made of it"
    )


@pytest.mark.parametrize(
    ("due", "stopped", "said"),
    [
        (None, False, "It goes by what was learned at North. None of the open appointments is due"),
        (timedelta(minutes=5), False, "None of the open appointments is due"),
        (DAY, True, "nothing is switched on at yours"),
    ],
)
def test_a_list_of_nobody_says_why(client, clinic, due, stopped, said):
    client.force_login(UserFactory(role=Role.STAFF, role__site=clinic))
    if due:
        book("J-1", ahead=2 * DAY, due=due)
    if stopped:
        let_go(SubjectKind.APPOINTMENT, clinic.pk, by=SYSTEM, at=NOON)

    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("subjects"), {"view": "remind"}).content.decode()

    assert said.replace("North", clinic.name) in page


def test_a_list_of_nobody_says_that_it_was_learned_elsewhere(client, appointments, clinic):
    south = SiteFactory(slug="south")
    RiskAdoption.objects.update(site=south)
    RiskModel.objects.update(site=south)
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))

    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("subjects"), {"view": "remind"}).content.decode()

    assert f"are due at {clinic.name}, but it goes by what was learned at {south.name}." in page


def test_somebody_of_another_site_sees_none_of_it(client, appointments):
    client.force_login(UserFactory(role=Role.STAFF, role__site=SiteFactory(slug="south")))

    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("subjects"), {"view": "remind"}).content.decode()
        answer = client.get(reverse("api-reminders"))

    assert "Nobody to remind" in page
    assert answer.json() == {"results": []}


def test_a_program_reads_the_same_list(client, appointments, clinic):
    client.force_login(UserFactory(role=Role.STAFF, role__site=clinic))

    with time_machine.travel(NOON, tick=False):
        results = client.get(reverse("api-reminders")).json()["results"]

    assert [one["subject"]["reference"] for one in results] == ["J-LONG", "J-SHORT"]
    assert results[0]["chance"] > results[1]["chance"]
    assert results[0]["reason"].startswith("Booked 40 days ahead")
