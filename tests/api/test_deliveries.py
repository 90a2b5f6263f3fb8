"""Deliveries by API: what is owed, each try at it, and sending again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.models import Attempt, Delivery
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import DeliveryState, Operation, Role
from tests.api.conftest import is_problem
from tests.factories import NOON, ConnectionFactory, open_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(north):
    case, zendesk = open_case(site=north), ConnectionFactory(name="Help desk")
    owe(case.pk, zendesk.pk, Operation.CREATE, at=NOON, key="create")
    delivery = Delivery.objects.get()
    Attempt.objects.create(
        delivery=delivery, at=NOON, method="POST", status=403, verdict="Forbidden", ok=False
    )
    Delivery.objects.update(state=DeliveryState.DEAD, reason="Forbidden", attempts=1)
    delivery.refresh_from_db()
    return delivery


def test_deliveries_are_listed_last_owed_first(program, dead):
    owe(dead.case_id, dead.connection_id, Operation.COMMENT, at=NOON, key="comment", text="Hello")

    told = program.get("deliveries/").json()["results"]

    assert [(one["operation"], one["state"]) for one in told] == [
        ("comment", "waiting"),
        ("create", "dead"),
    ]
    assert told[0]["case"] == str(dead.case)
    assert (told[0]["platform"], told[0]["connection"]) == ("zendesk", "Help desk")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "dead"}, 1),
        ({"state": "sent"}, 0),
        ({"platform": "zendesk"}, 1),
        ({"connection": "Other"}, 0),
        ({"case": "0x1"}, None),
    ],
)
def test_deliveries_are_narrowed(program, dead, query, found):
    answer = program.get("deliveries/", **query)

    if found is None:
        assert is_problem(answer, 400, "invalid")
    else:
        assert len(answer.json()["results"]) == found


def test_a_delivery_is_read_with_its_tries(program, dead):
    told = program.get(f"deliveries/{dead.pk}/").json()

    assert told["reason"] == "Forbidden"
    assert [(one["status"], one["verdict"]) for one in told["tries"]] == [(403, "Forbidden")]


def test_a_dead_delivery_is_sent_again(program, dead):
    answer = program.post(f"deliveries/{dead.pk}/resend/")

    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")


def test_a_waiting_delivery_is_not_sent_again(program, dead):
    Delivery.objects.update(state=DeliveryState.WAITING)

    assert is_problem(program.post(f"deliveries/{dead.pk}/resend/"), 409, "not_allowed_now")


def test_a_delivery_at_another_site_does_not_exist(stranger, dead):
    assert stranger.get("deliveries/").json()["results"] == []
    assert is_problem(stranger.get(f"deliveries/{dead.pk}/"), 404, "not_found")
    assert is_problem(stranger.post(f"deliveries/{dead.pk}/resend/"), 404, "not_found")


def test_a_viewer_sees_no_deliveries(program_of, north, dead):
    viewer = program_of(Role.VIEWER, site=north)

    assert viewer.get("deliveries/").json()["results"] == []


def test_a_list_of_deliveries_takes_as_many_statements_at_any_length(program, dead):
    for n in range(5):
        owe(dead.case_id, dead.connection_id, Operation.COMMENT, at=NOON, key=f"comment {n}")
    program.get("deliveries/")
    with CaptureQueriesContext(connection) as few:
        program.get("deliveries/", limit=1)

    with CaptureQueriesContext(connection) as many:
        program.get("deliveries/")

    assert len(many) == len(few)
