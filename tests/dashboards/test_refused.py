"""The pages of refused signals, and the sections that say why."""

import json
import re
from html import unescape

import pytest
from django.urls import reverse

from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, RefusedSignal, Signal, Source, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.dashboards.reading import text
from tests.factories import NOON, SourceFactory, UserFactory
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, north):
    SourceFactory(site=north)
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    return client


def test_they_are_listed_by_reason_and_one_by_one(admin):
    accept(
        [booked(source="wms"), booked(source="wms"), booked(occurred_at="x")], by=SYSTEM, at=NOON
    )

    told = text(admin.get(reverse("refused-signals")))

    assert "2 source There is no source “wms”" in told
    assert "Send 2 again" in told
    assert told.count("appointment.booked") == 3


def test_a_list_of_none_says_why_that_is_good(admin):
    assert "Every signal was taken" in text(admin.get(reverse("refused-signals")))


def test_filters_that_hide_everything_offer_the_way_out(admin):
    accept([booked(source="wms")], by=SYSTEM, at=NOON)

    told = text(admin.get(reverse("refused-signals"), {"source": "dms", "day": "2026-13-99"}))

    assert "Your filters hide everything" in told
    assert "Without source: dms" in told


def test_all_of_a_reason_are_sent_again(admin, north):
    accept([booked(source="wms"), booked(source="wms")], by=SYSTEM, at=NOON)
    SourceFactory(slug="wms", site=north)

    answer = admin.post(
        reverse("refused-send"),
        {"source": "wms", "reason": RefusedSignal.objects.first().reason},
        follow=True,
    )

    assert "2 were taken." in text(answer)
    assert Signal.objects.count() == 2
    assert "sent again" not in text(admin.get(reverse("refused-signals"), {"settled": "1"}))


def test_sending_again_what_named_no_source_sends_nobody_elses(admin):
    receipt = accept([booked()], by=SYSTEM, at=NOON)
    same = {"key": "", "body": "{}", "reason": "Bad.", "received_at": NOON, "outcome": "refused"}
    same["receipt"] = receipt
    for source in ("", "shop"):
        RefusedSignal.objects.create(**{**same, "key": source}, source=source)

    admin.post(reverse("refused-send"), {"source": "", "reason": "Bad."})

    kept = RefusedSignal.objects.get(source="shop")
    assert (kept.settled_at, kept.reason) == (None, "Bad.")
    assert not RefusedSignal.objects.filter(source="", reason="Bad.").exists()


def test_what_is_refused_again_says_so(admin):
    accept([booked(source="wms")], by=SYSTEM, at=NOON)
    given = {"source": "wms", "reason": RefusedSignal.objects.get().reason}

    answer = admin.post(reverse("refused-send"), given, follow=True)

    assert "1 still refused. source: There is no source “wms”." in text(answer)


def test_one_is_mended_in_place(admin):
    accept([booked(occurred_at="noon")], by=SYSTEM, at=NOON)
    one = RefusedSignal.objects.get()
    page = reverse("refused-signal", args=[one.pk])
    assert "Must be an ISO 8601 time" in text(admin.get(page))

    wrong = admin.post(page, {"body": "{"})
    right = json.loads(one.body) | {"occurred_at": NOON.isoformat()}
    answer = admin.post(page, {"body": json.dumps(right)}, follow=True)

    assert (wrong.status_code, "This is not JSON" in text(wrong)) == (422, True)
    assert "was taken." in text(answer)
    assert Signal.objects.count() == 1
    assert "taken after all" in text(admin.get(page))


def test_all_that_is_wrong_is_shown_the_first_first_and_quoted_as_it_was_written(admin):
    accept([booked(type="appointment.handedover", occurred_at="x")], by=SYSTEM, at=NOON)
    page = reverse("refused-signal", args=[RefusedSignal.objects.get().pk])

    html = admin.get(page).content.decode()
    again = text(admin.post(page, {"body": json.dumps(booked(occurred_at="y", colour="red"))}))

    assert re.search(r"“handedover” is no word.*occurred_at.*Must be an ISO 8601", html, re.DOTALL)
    assert "fate__words--said" in html
    assert "colour Unknown field" in again
    assert "occurred_at Must be" in again


def test_a_long_list_goes_on_where_the_page_before_ended(admin, monkeypatch):
    monkeypatch.setattr("dashboards.views.refused.PAGE_SIZE", 2)
    accept([booked(source=f"wms-{n}") for n in range(3)], by=SYSTEM, at=NOON)

    first = admin.get(reverse("refused-signals"))
    more = re.search(r'href="([^"]+after=[^"]+)"', first.content.decode())

    assert text(admin.get(unescape(more[1]))).count("appointment.booked") == 1


def test_the_page_of_a_signal_says_why_and_why_not(admin):
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)

    told = text(admin.get(reverse("signal", args=[Signal.objects.get().pk])))

    assert "Why, and why not" in told
    assert "“no show” was reported 2026-03-10 13:00 CET" in told
    assert f"{Case.objects.get()} No show: J-1" in told


def test_the_page_of_a_subject_says_it_as_of_now(admin):
    accept([booked()], by=SYSTEM, at=NOON)

    told = text(admin.get(reverse("subject", args=[Subject.objects.get().pk])))

    assert "expected 2026-03-10 15:00 CET plus 15 minutes, looked 2026-03-10 14:00 CET" in told


def test_the_page_of_a_case_says_why_it_opened(admin):
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)

    told = text(admin.get(reverse("case", args=[Case.objects.get().pk])))

    assert "Why it opened" in told
    assert "holds since 2026-03-10 13:00" in told


def test_one_that_will_never_be_right_is_put_away_with_a_reason(admin):
    accept([booked(source="wms")], by=SYSTEM, at=NOON)
    one = RefusedSignal.objects.get()
    away = reverse("refused-put-away", args=[one.pk])

    silent = text(admin.post(away, {"why": " "}, follow=True))
    done = text(admin.post(away, {"why": "A test system"}, follow=True))
    again = text(admin.post(away, {"why": "Twice"}, follow=True))

    assert "Say why it need not be taken." in silent
    assert "is put away." in done
    assert "Every signal was taken" in done
    assert "does not wait any more" in again
    assert "Put away: A test system" in text(admin.get(reverse("refused-signals"), {"put_away": 1}))
    assert "None was mended yet" in text(admin.get(reverse("refused-signals"), {"settled": 1}))
    accept([booked(source="wms")], by=SYSTEM, at=NOON)
    assert RefusedSignal.objects.filter(settled_at=None).count() == 1


def test_sources_lead_to_what_was_refused_of_them(admin):
    accept([booked(), booked(occurred_at="noon")], by=SYSTEM, at=NOON)
    link = f"{reverse('refused-signals')}?source=scheduler"

    listed = admin.get(reverse("sources")).content.decode()
    source = Source.objects.get()

    assert reverse("refused-signals") in listed
    assert link in admin.get(reverse("source", args=[source.pk])).content.decode()
