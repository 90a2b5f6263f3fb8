"""Complaints by API: read, kept as a case once, and sorted."""

import hashlib

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.models import (
    ApiToken,
    Case,
    Complaint,
    ComplaintDecision,
    Membership,
    Promise,
)
from exceptions_app.people import tokens
from exceptions_app.vocabulary import Role, Scope
from tests.api.conftest import Program, is_problem
from tests.factories import HOUR, NOON, SubjectFactory, open_case

pytestmark = pytest.mark.django_db

LATE = "O pedido O-1042 ainda não chegou e o prazo já passou."
BODY = {"site": "north", "text": LATE, "external_id": "chat-1", "reference": "O-1042"}


@pytest.fixture
def order(north):
    found = SubjectFactory(
        site=north,
        reference="O-1042",
        customer={"email": "jose@example.com"},
        promised_at=NOON + HOUR,
    )
    Promise.objects.create(subject=found, promised_at=NOON + HOUR, said_at=NOON - HOUR)
    return found


def test_a_complaint_becomes_a_case_and_is_told_what_it_looks_like(program, order):
    answer = program.post("complaints/", BODY | {"customer": {"email": "Jose@example.com"}})

    told = answer.json()
    assert answer.status_code == 201
    assert told["case"] == str(Case.objects.get())
    assert told["suggestion"]["type"] == "order_late"
    assert told["suggestion"]["subjects"][0]["reference"] == "O-1042"
    assert sum(one["share"] for one in told["suggestion"]["options"]) <= 1.001
    assert "/complain/received/" in told["received_url"]
    assert "/status/" in told["status_url"]


def test_a_stranger_to_the_order_gets_no_link_to_its_page(program, order):
    told = program.post("complaints/", BODY | {"customer": {"email": "x@example.com"}}).json()

    assert told["status_url"] is None


def test_sent_again_it_is_the_same_complaint(program, program_of, north):
    first, again = (program.post("complaints/", BODY) for _ in range(2))
    other = program_of(site=north).post("complaints/", BODY | {"text": "Outra coisa"})

    assert first.json()["number"] == again.json()["number"] != other.json()["number"]
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [{"text": "Outra coisa"}, {"reference": "O-1043"}, {"customer": {"email": "x@example.com"}}],
    ids=str,
)
def test_another_complaint_of_the_same_name_is_refused(program, changes):
    program.post("complaints/", BODY)

    answer = program.post("complaints/", BODY | changes)

    assert is_problem(answer, 409, "conflict")
    assert "external_id" in answer.json()["errors"]
    assert Complaint.objects.get().text == LATE


def test_all_tokens_of_a_person_name_the_same_complaint(of_ana, ana):
    Membership.objects.update(role=Role.INTEGRATOR)
    other = Program(tokens.issue(ana, "Another script", Scope.values, NOON - HOUR)[1])

    numbers = [one.post("complaints/", BODY).json()["number"] for one in (of_ana, other)]

    assert numbers[0] == numbers[1]
    assert Complaint.objects.count() == 1


def test_what_was_kept_under_a_token_is_found_by_its_name(program):
    """Keys were made of the token once."""
    number = program.post("complaints/", BODY).json()["number"]
    token = ApiToken.objects.get()
    name = "\n".join((settings.SECRET_KEY, "token", str(token.pk), BODY["external_id"]))
    Complaint.objects.update(key=hashlib.sha256(name.encode()).hexdigest()[:48])

    assert program.post("complaints/", BODY).json()["number"] == number


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"site": "south"}, "site"),
        ({"channel": "telepathy"}, "channel"),
        ({"urgent": True}, "urgent"),
    ],
)
def test_what_cannot_be_taken_is_named(program, south, changes, field):
    answer = program.post("complaints/", BODY | changes)

    assert is_problem(answer, 400, "invalid")
    assert field in answer.json()["errors"]
    assert not Complaint.objects.exists()


def test_who_may_not_send_signals_sends_no_complaints(of_ana):
    assert is_problem(of_ana.post("complaints/", BODY), 403, "not_permitted")


def test_a_suggestion_stores_nothing(of_ana, order):
    told = of_ana.post("complaints/suggest/", {"text": LATE}).json()

    assert (told["type"], told["subjects"][0]["id"]) == ("order_late", order.pk)
    assert told["because"]
    assert not Complaint.objects.exists()
    assert is_problem(
        of_ana.post("complaints/suggest/", {"text": LATE, "site": "x"}), 400, "invalid"
    )


def test_a_suggestion_costs_the_same_however_long_the_text(of_ana, order):
    of_ana.post("complaints/suggest/", {"text": LATE})  # notes that the token is used
    costs = []
    for text in (LATE, LATE * 60):
        with CaptureQueriesContext(connection) as captured:
            of_ana.post("complaints/suggest/", {"text": text})
        costs.append(len(captured))

    assert costs[0] == costs[1]


def test_a_complaint_is_sorted(of_ana, program, order):
    case = program.post("complaints/", BODY).json()["case"]

    answer = of_ana.post(f"cases/{case}/sort/", {"type": "order_late", "about": order.pk})

    assert answer.json()["type"] == "order_late"
    assert ComplaintDecision.objects.get().about == order


def test_what_is_no_complaint_or_was_changed_cannot_be_sorted(of_ana, program, north):
    case = program.post("complaints/", BODY).json()["case"]

    stale = of_ana.post(f"cases/{case}/sort/", {"type": "order_late", "version": 7})
    other = of_ana.post(f"cases/{open_case(site=north)}/sort/", {"type": "order_late"})

    assert is_problem(stale, 409, "stale")
    assert is_problem(other, 409, "not_allowed_now")


def test_a_subject_has_its_customers_page(of_ana, order, north):
    part = SubjectFactory(site=north, kind="stock")

    assert "/status/" in of_ana.get(f"subjects/{order.pk}/").json()["status_url"]
    assert of_ana.get(f"subjects/{part.pk}/").json()["status_url"] is None
