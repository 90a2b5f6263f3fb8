"""The pages of the sources: who speaks, who is silent, who is not believed yet; and events on the board."""

import pytest
from django.urls import reverse

from exceptions_app.cases import inside
from exceptions_app.detection import silence
from exceptions_app.detection.expecting import Expected, expect
from exceptions_app.detection.watch import look_again
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Source
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import ExceptionType, Rhythm, Role
from tests.dashboards.conftest import NOW
from tests.factories import (
    HOUR,
    MINUTE,
    ConnectionFactory,
    PlaybookFactory,
    SiteFactory,
    SourceFactory,
    UserFactory,
)
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db
BOARD = reverse("board")


@pytest.fixture
def scheduler(north):
    return SourceFactory(site=north)


@pytest.fixture
def manager(client, north, scheduler):
    client.force_login(UserFactory(role=Role.MANAGER, role__site=north))
    return client


@pytest.fixture
def silent(scheduler):
    """Said at noon that a technician is due in two hours, and nothing since."""
    expect(scheduler.pk, Expected(Rhythm.ELAPSED, 15), by=SYSTEM, at=NOW - 3 * HOUR)
    due = (NOW - HOUR).isoformat()
    told = booked(
        occurred_at=(NOW - 3 * HOUR).isoformat(), milestones={"checked_in": {"expected_at": due}}
    )
    accept([told], by=SYSTEM, at=NOW - 3 * HOUR)
    silence.watch(NOW - 2 * HOUR)
    look_again(NOW)
    return scheduler


def of(source, name="source"):
    return reverse(name, args=[source.pk])


def page(desk, url):
    answer = desk.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_says_how_each_stands(desk, silent):
    SourceFactory(slug="shop", name="Shop", site=silent.site)
    SourceFactory(slug="new", name="Brand new", site=silent.site, quarantined_at=NOW)
    SourceFactory(slug="south", name="Elsewhere", site__slug="south")

    html = page(desk, reverse("sources"))

    assert "silent since" in html
    assert "1 finding held back" in html
    assert "has not spoken yet" in html
    assert "in quarantine since" in html
    assert "Elsewhere" not in html


def test_the_page_of_one_lists_what_it_holds_back(desk, silent):
    html = page(desk, of(silent))

    assert "Held back while it is silent" in html
    assert "every 15 min" in html
    assert str(silent_case()) in html
    assert "How it should speak" not in html  # Ana is a lead


def silent_case():
    return Case.objects.get(exception_type=ExceptionType.SOURCE_SILENT)


def test_the_case_of_a_silence_lists_it_too(desk, silent):
    html = page(desk, reverse("case", args=[silent_case().pk]))

    assert "1 finding held back" in html
    assert "J-1" in html


def test_what_a_shared_source_holds_back_is_shown_to_those_of_its_site(client, silent):
    """Its numbers are everybody's; what they are made of names customers."""
    PlaybookFactory(connection=ConnectionFactory())
    Source.objects.update(site=None, quarantined_at=NOW, doubt="new")
    told = {"reference": "J-7", "label": "Geheim", "site": "north"}
    accept([about("J-7", "no_show", NOW, subject=told)], by=SYSTEM, at=NOW)
    case = Case.objects.get(reference="J-7")
    south = UserFactory(role=Role.MANAGER, role__site=SiteFactory(slug="south"))
    client.force_login(south)

    shown = page(client, of(silent))
    by = person(south)

    assert "1 delivery withheld" in shown
    assert not [word for word in (str(case), "Geheim", "J-1") if word in shown]
    assert inside.held_by(Case.objects.get(rule=silence.RULE), by=by).lines == ()
    assert inside.held_by(Case.objects.get(rule=silence.RULE), by=SYSTEM).lines


def test_a_manager_says_how_it_should_speak(manager, scheduler):
    said = {"rhythm": "daily", "daily_by": "06:00", "catch_up_minutes": "10"}

    answer = manager.post(of(scheduler, "source-expect"), said, follow=True)

    assert "is waited for from now on" in answer.content.decode()
    assert "every day by 06:00" in page(manager, of(scheduler))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"rhythm": "daily"}, "Say by what time of day."),
        ({"rhythm": "elapsed"}, "Say every how many minutes"),
        ({"rhythm": "elapsed", "every_minutes": "0"}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(manager, scheduler, said, sentence):
    answer = manager.post(of(scheduler, "source-expect"), {"catch_up_minutes": "5"} | said)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Source.objects.get().rhythm == ""


def withheld_case():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    Source.objects.update(quarantined_at=NOW - HOUR, doubt="new")
    accept([about("J-1", "no_show", NOW - MINUTE)], by=SYSTEM, at=NOW)
    return Case.objects.get()


def test_what_would_have_been_sent_is_shown_and_let_go(manager, scheduler):
    case = withheld_case()
    html = page(manager, of(scheduler))
    assert "1 delivery withheld" in html
    assert "because it is new" in html
    assert str(case) in html

    answer = manager.post(of(scheduler, "source-release"), {"send": "yes"}, follow=True)

    assert "1 sent, 0 discarded" in answer.content.decode()
    again = manager.post(of(scheduler, "source-release"), {"send": "yes"}, follow=True)
    assert "is not in quarantine" in again.content.decode()


def test_a_case_in_quarantine_says_so(desk, scheduler):
    case = withheld_case()

    assert "is in quarantine" in page(desk, reverse("case", args=[case.pk]))
    assert "quarantine</span>" in page(desk, BOARD)


def test_discarding_sends_nothing(manager, scheduler):
    withheld_case()

    answer = manager.post(of(scheduler, "source-release"), {}, follow=True)

    assert "nothing was sent" in answer.content.decode()


@pytest.fixture
def event(scheduler):
    late = [
        booked(
            type="order.promised",
            occurred_at=(NOW - MINUTE).isoformat(),
            subject={"reference": f"O-{n}", "attributes": {"carrier": "DHL"}},
            milestones={},
            promise={"promised_at": (NOW - MINUTE).isoformat()},
        )
        for n in range(14)
    ]
    accept(late, by=SYSTEM, at=NOW)
    return Case.objects.get(exception_type=ExceptionType.MASS_EVENT)


def test_the_board_shows_the_event_and_not_what_is_in_it(desk, event):
    html = page(desk, BOARD)

    assert "14 cases in this" in html
    assert "O-3" not in html
    assert html.count('data-case="') == 1


def test_what_is_in_it_is_a_press_away(desk, event):
    inside = page(desk, f"{BOARD}?part_of={event.pk}")
    found = page(desk, f"{BOARD}?q=O-3")

    assert inside.count('data-case="') == 14
    assert str(event) in inside
    assert f"in {event}" in found


@pytest.mark.parametrize("part_of", ["0", "x", "99999999999999999999", "999"])
def test_part_of_nothing_is_nothing(desk, event, part_of):
    assert page(desk, f"{BOARD}?part_of={part_of}").count('data-case="') == 0


def test_the_page_of_the_event_lists_its_cases(desk, event):
    html = page(desk, reverse("case", args=[event.pk]))

    assert "14 cases in this" in html
    assert "All of them on the board" in html


def test_one_of_them_can_be_split_off_on_its_page(desk, event):
    child = event.children.first()
    assert f"part of {event}" in page(desk, reverse("case", args=[child.pk]))

    desk.post(reverse("do", args=[child.pk, "split"]), {"version": child.version})

    child.refresh_from_db()
    assert child.parent is None
    assert 'data-off="split"' not in page(desk, reverse("case", args=[child.pk]))
