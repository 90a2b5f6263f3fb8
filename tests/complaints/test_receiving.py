"""A complaint that comes in: kept, heard, joined with what it repeats, doubted if it looks like spam."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from exceptions_app.complaints import receiving
from exceptions_app.complaints.receiving import DOUBTED_FROM, REFUSED_FROM, TooMany
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted
from exceptions_app.models import Case, Complaint, Promise, Signal
from exceptions_app.people.access import person
from exceptions_app.vocabulary import Role
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, UserFactory


def test_a_complaint_opens_a_case_for_the_support_team(complain, north):
    kept = complain(name="Jürgen Weiß", email="j@example.com")

    case = Case.objects.get()
    assert kept.case == case
    assert (case.exception_type, case.rule, case.team.slug) == (
        "complaint",
        "complaint.received",
        "support",
    )
    assert case.title.startswith("Jürgen Weiß complains: Mein Paket")
    assert kept.subject.attributes["text"] == kept.text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"reference": "O-7"}, {"reference": "o-7", "email": "other@example.com"}),
        ({"email": "j@example.com"}, {"email": "J@Example.com"}),
        ({"phone": "+49 151 23"}, {"phone": "+4915123"}),
    ],
)
def test_a_repetition_joins_the_open_case(complain, first, second):
    one = complain(**first)
    other = complain("Noch immer nichts!", at=NOON + HOUR, **second)

    assert one.case == other.case
    assert Case.objects.get().repeats == 1


@pytest.mark.parametrize(
    "second", [{"reference": "O-8"}, {"email": "other@example.com"}, {}], ids=str
)
def test_something_else_opens_its_own(complain, second):
    complain(reference="O-7")
    complain("Etwas anderes", at=NOON + HOUR, **second)

    assert Case.objects.count() == 2


def test_the_same_reference_at_another_site_is_another_thing(complain):
    complain(reference="O-7")
    complain(reference="O-7", site=SiteFactory(slug="south"))

    assert Case.objects.count() == 2


def test_the_same_form_sent_again_is_the_same_complaint(complain):
    first = complain(key="k" * 40)
    again = complain(key="k" * 40, at=NOON + MINUTE)

    assert first == again
    assert Signal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_complaint_that_is_sent_twice_at_once_is_one_and_both_are_told(complain, monkeypatch):
    keep, found = receiving.keep, []

    def send():
        try:
            found.append(complain(key="k" * 40))
        finally:
            connection.close()

    other = Thread(target=send)

    def slowly(*args):
        monkeypatch.setattr(receiving, "keep", keep)
        other.start()
        other.join(0.3)
        return keep(*args)

    monkeypatch.setattr(receiving, "keep", slowly)
    first = complain(key="k" * 40)
    other.join()

    assert found == [first]


def test_a_doubted_one_is_kept_and_opens_nothing(complain):
    kept = complain(suspicion="carries 9 links")

    assert kept.state == Complaint.State.SUSPECTED
    assert not Case.objects.exists()


def test_one_address_is_doubted_after_a_few_and_refused_after_many(complain):
    states = [complain(f"Nr {n}", sender="a" * 32).state for n in range(REFUSED_FROM)]

    assert states == ["received"] * DOUBTED_FROM + ["suspected"] * (REFUSED_FROM - DOUBTED_FROM)
    with pytest.raises(TooMany):
        complain("Noch eine", sender="a" * 32)
    assert complain("Ein anderer", sender="b" * 32).state == "received"
    assert complain("Später", sender="a" * 32, at=NOON + timedelta(hours=2)).state == "received"


def test_a_person_believes_it_and_it_is_a_case(complain, ana):
    kept = complain(suspicion="was written in 1 seconds")

    believed = receiving.believed(kept.pk, by=person(ana), at=NOON + HOUR)

    assert (believed.state, believed.settled_by) == ("received", ana.shown_name())
    assert believed.case == Case.objects.get()
    with pytest.raises(NotAllowedNow):
        receiving.discarded(kept.pk, by=person(ana), at=NOON + HOUR)


def test_a_person_puts_it_away_and_it_stays(complain, ana):
    kept = complain(suspicion="filled in a field that people do not see")

    receiving.discarded(kept.pk, by=person(ana), at=NOON)

    assert Complaint.objects.get().state == Complaint.State.DISCARDED
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("role", "here", "refusal"),
    [(Role.VIEWER, True, NotPermitted), (Role.LEAD, False, NotFound)],
)
def test_others_settle_nothing(complain, north, role, here, refusal):
    kept = complain(suspicion="spam")
    user = UserFactory(role=role, role__site=north if here else SiteFactory(slug="south"))

    with pytest.raises(refusal):
        receiving.believed(kept.pk, by=person(user), at=NOON)


def test_a_long_text_is_told_by_its_beginning(complain):
    kept = complain("Wort " * 900)

    assert len(kept.subject.label) <= 92
    assert kept.subject.label.endswith("…")
    assert kept.subject.attributes["text"].count("Wort") == 900


def test_who_only_asks_how_their_order_stands_has_asked(complain, order):
    Promise.objects.create(subject=order, promised_at=NOON + HOUR, said_at=NOON - HOUR)

    complain("Wo ist meine Bestellung?", reference="O-1042", email="juergen@example.com")

    order.refresh_from_db()
    assert order.reports["asked"]["times"] == 1


def test_a_stranger_who_names_an_order_has_not_asked_for_it(complain, order):
    complain("Wo ist meine Bestellung?", reference="O-1042", email="stranger@example.com")

    order.refresh_from_db()
    assert order.reports == {}
