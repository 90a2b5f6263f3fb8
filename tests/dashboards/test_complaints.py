"""Complaints as the desk sees them: the doubted, the panel on the case, and suggestions while typing."""

import pytest
from django.urls import reverse

from exceptions_app.complaints import lessons
from exceptions_app.complaints.learning import Sample
from exceptions_app.complaints.receiving import FORM, FORM_SOURCE, Told, receive
from exceptions_app.models import Case, Complaint, ComplaintDecision
from exceptions_app.vocabulary import Role
from tests.dashboards.conftest import NOW
from tests.factories import HOUR, SubjectFactory, TeamFactory, UserFactory

LATE = "Meine Bestellung ist nicht angekommen, die Lieferung ist verspätet."
SHORT = tuple(
    Sample(f"{word} {n}", label)
    for n in range(6)
    for word, label in (("late", "order_late"), ("bad", "complaint"))
)
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
def complain(north):
    def sent(text=LATE, **given):
        told = Told(**{"site": north, "text": text, "channel": "form", **given})
        return receive(told, by=FORM, at=NOW, source=FORM_SOURCE)[0]

    return sent


def test_the_doubted_wait_with_the_reason(desk, complain):
    kept = complain(suspicion="carries 9 links", text=SCRIPT)

    page = desk.get(reverse("complaints")).content.decode()

    assert kept.number in page
    assert "carries 9 links" in page
    assert "&lt;script&gt;" in page
    assert SCRIPT not in page


def test_a_desk_without_doubts_says_why_that_is_good(desk, north):
    page = desk.get(reverse("complaints")).content.decode()

    assert "Nothing is doubted" in page
    assert "/complain/north/" in page


@pytest.mark.parametrize(("state", "text"), [("received", LATE), ("discarded", "Nothing was put")])
def test_the_others_are_a_tab_away(desk, complain, state, text):
    complain()

    assert text in desk.get(reverse("complaints"), {"state": state}).content.decode()


def test_another_team_s_case_is_not_named(client, complain, north, parts):
    kept = complain()
    Case.objects.update(team=TeamFactory(site=north, slug="sales"))
    client.force_login(UserFactory(role=Role.STAFF, role__site=north, role__team=parts))

    page = client.get(reverse("complaints"), {"state": "received"}).content.decode()

    assert kept.number in page
    assert str(Case.objects.get()) not in page


@pytest.mark.parametrize(
    ("how", "state", "cases"), [("believe", "received", 1), ("discard", "discarded", 0)]
)
def test_a_person_settles_a_doubt(desk, complain, how, state, cases):
    kept = complain(suspicion="carries 9 links")

    answer = desk.post(reverse("complaint-settle", args=[kept.pk, how]), follow=True)

    assert kept.number in answer.content.decode()
    assert (Complaint.objects.get().state, Case.objects.count()) == (state, cases)


def test_settling_twice_and_nonsense_are_refused(desk, complain):
    kept = complain()

    answer = desk.post(
        reverse("complaint-settle", args=[kept.pk, "believe"]),
        headers={"Accept": "application/json"},
    )

    assert (answer.status_code, answer.json()["ok"]) == (409, False)
    assert desk.post(reverse("complaint-settle", args=[kept.pk, "burn"])).status_code == 404
    assert desk.post(reverse("complaint-settle", args=[10**9, "believe"])).status_code == 404


def test_what_is_learned_is_shown_with_how_often_it_is_right(desk, north, monkeypatch):
    monkeypatch.setattr(lessons, "shipped", lambda: SHORT)
    lessons.refit(at=NOW)

    page = desk.get(reverse("complaints")).content.decode()

    assert "of texts it had not seen" in page
    assert "Order late" in page


def test_the_case_shows_what_was_said_what_it_looks_like_and_the_subject(desk, complain, north):
    SubjectFactory(site=north, reference="O-7", promised_at=NOW - HOUR)
    kept = complain(reference="O-7", email="j@example.com")

    page = desk.get(reverse("case", args=[kept.case_id])).content.decode()

    assert "Looks like <strong>order late</strong>" in page
    assert "<mark>verspätet</mark>" in page
    assert ">O-7</a>" in page
    assert kept.number in page
    assert "j@example.com" in page


def test_one_press_accepts_and_the_next_page_says_so(desk, complain, north, ana):
    subject = SubjectFactory(site=north, reference="O-7")
    case = complain(reference="O-7").case

    answer = desk.post(
        reverse("decide", args=[case.pk]), {"type": "order_late", "about": subject.pk}, follow=True
    )

    assert f"{case} is sorted as order late." in answer.content.decode()
    assert "Sorted as <strong>order late</strong>" in answer.content.decode()
    assert "sorted it as order late: O-7" in answer.content.decode()
    assert ComplaintDecision.objects.get().about == subject


def test_a_press_by_script_is_answered_as_one(desk, complain):
    case = complain().case

    def press(**data):
        return desk.post(
            reverse("decide", args=[case.pk]), data, headers={"Accept": "application/json"}
        )

    assert press(type="order_late", version="1").json()["ok"]
    assert press(type="order_late", version="1").status_code == 409
    assert press(type="nonsense").status_code == 422


def test_a_viewer_sees_and_decides_nothing(client, viewer, complain):
    case = complain().case
    client.force_login(viewer)

    page = client.get(reverse("case", args=[case.pk])).content.decode()

    assert "Looks like" in page
    assert reverse("decide", args=[case.pk]) not in page
    answer = client.post(reverse("decide", args=[case.pk]), {"type": "order_late"})
    assert answer.status_code == 403


def test_what_a_customer_writes_stays_text_on_the_case(desk, complain):
    case = complain(f"Verspätet {SCRIPT}", name=SCRIPT, reference=SCRIPT[:20]).case

    page = desk.get(reverse("case", args=[case.pk])).content.decode()

    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


def test_while_somebody_types_the_type_is_suggested(desk, north):
    typed = {"title": "Kunde ruft an", "description": "Der Techniker ist nicht erschienen."}

    answer = desk.post(reverse("flag-suggested"), typed)

    assert 'data-take-type="not_checked_in"' in answer.content.decode()
    assert desk.post(reverse("flag-suggested"), {}).content.decode().strip() == ""


def test_the_flag_form_asks_for_suggestions(desk, north):
    page = desk.get(reverse("flag")).content.decode()

    assert f'data-suggested="{reverse("flag-suggested")}"' in page


def test_a_subject_has_a_link_for_its_customer(desk, north):
    order = SubjectFactory(site=north)
    part = SubjectFactory(site=north, kind="stock")

    assert "/status/" in desk.get(reverse("subject", args=[order.pk])).content.decode()
    assert "/status/" not in desk.get(reverse("subject", args=[part.pk])).content.decode()


@pytest.mark.parametrize(("least", "main"), [(0, True), (1.1, False)])
def test_only_a_likely_type_is_the_thing_to_press(desk, complain, monkeypatch, least, main):
    monkeypatch.setattr("exceptions_app.complaints.suggesting.LIKELY", least)
    complain()

    page = desk.get(reverse("case", args=[Case.objects.get().pk])).content.decode()

    types = page.partition("complaint__types")[2].partition("Another type")[0]
    assert ("button--main" in types) is main
    assert ("too uncertain to suggest one" in page) is not main
    assert "Pressing a type sorts the case as that" in page
