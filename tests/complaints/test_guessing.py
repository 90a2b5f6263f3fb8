"""Which subject a text is about: by what it names, and only where the asker may look."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.complaints.guessing import guesses
from exceptions_app.complaints.naming import Named, named
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.vocabulary import Role
from tests.factories import SiteFactory, SubjectFactory, UserFactory


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order O-1042 is late", {"references": ("O-1042",)}),
        ("write to ana.diaz@example.co.uk", {"emails": ("ana.diaz@example.co.uk",)}),
        ("call +49 151 234 56 78", {"phones": ("12345678"[-8:],)}),
        ("VIN wvwzzz1jz3w386752", {"vins": ("WVWZZZ1JZ3W386752",)}),
        ("mein Auto B-AB 1234", {"plates": ("B-AB 1234",)}),
        ("meu carro ABC1D23", {"plates": ("ABC1D23",)}),
        ("sagt Jürgen Weiß dazu", {"people": ("jürgen weiß",)}),
    ],
)
def test_a_text_names(text, found):
    said = named(text)

    for what, values in found.items():
        assert set(values) <= set(getattr(said, what)), what


def test_an_empty_text_names_nothing():
    assert not named("nothing at all")
    assert guesses(Named(), by=SYSTEM) == ()


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"text": "where is o-1042"}, "its reference"),
        ({"text": "no scan for JD0146003 yet"}, "its tracking number"),
        ({"text": "hello", "contact": ("", "juergen@EXAMPLE.com", "")}, "e-mail of the customer"),
        ({"text": "call me: 0151 / 2345678"}, "phone of the customer"),
        ({"text": "hello", "contact": ("Jürgen Weiß", "", "")}, "name of the customer"),
    ],
)
def test_a_subject_is_found_by(order, said, because):
    (guess,) = guesses(named(**said), by=SYSTEM)

    assert (guess.id, guess.because) == (order.pk, because)


def test_a_vehicle_is_found_by_its_vin_and_its_plate(north):
    golf = SubjectFactory(
        site=north, kind="deal", label="Golf B-AB 1234", attributes={"vin": "WVWZZZ1JZ3W386752"}
    )

    (by_vin,) = guesses(named("my WVWZZZ1JZ3W386752"), by=SYSTEM)
    (by_plate,) = guesses(named("mein B-AB 1234"), by=SYSTEM)

    assert (by_vin.id, by_vin.sure) == (golf.pk, True)
    assert (by_plate.id, by_plate.sure) == (golf.pk, False)


def test_more_hints_come_first_and_open_before_ended(order, north):
    same = {"site": north, "customer": order.customer}
    SubjectFactory(**same, reference="O-1", ended_at=order.promised_at)
    other = SubjectFactory(**same, reference="O-2")

    found = guesses(named("O-1042 please", contact=("juergen@example.com",)), by=SYSTEM)

    assert [one.id for one in found[:2]] == [order.pk, other.pk]
    assert found[0].sure
    assert not found[1].sure


def test_nobody_is_shown_what_is_at_a_site_that_is_not_theirs(order):
    elsewhere = UserFactory(role=Role.LEAD, role__site=SiteFactory(slug="south"))

    assert guesses(named("O-1042"), by=person(elsewhere)) == ()
    assert guesses(named("O-1042"), by=SYSTEM, site_id=SiteFactory(slug="south").pk) == ()


def test_complaints_are_not_about_complaints(north):
    SubjectFactory(site=north, kind="complaint", reference="ABCD-2345")

    assert guesses(named("ABCD-2345"), by=SYSTEM) == ()


def test_it_takes_two_statements_however_much_is_named(order, north):
    SubjectFactory.create_batch(20, site=north, customer=order.customer)
    text = " ".join(f"O-{n} person{n}@example.com +49 151 00000{n:03}" for n in range(200))

    with CaptureQueriesContext(connection) as captured:
        guesses(named(f"{text} juergen@example.com"), by=SYSTEM)

    assert len(captured) == 2
