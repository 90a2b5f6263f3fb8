"""Deliveries by API: what is owed, each try at it, sending again and skipping."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.models import Attempt, Connection, Delivery, Entry
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import DeliveryState, Operation, Role, Scope
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
        ({"connection": "Help desk"}, 1),
        ({"connection": "Other"}, 0),
    ],
)
def test_deliveries_are_narrowed(program, dead, query, found):
    ConnectionFactory(name="Other")

    assert len(program.get("deliveries/", **query).json()["results"]) == found


def test_deliveries_are_narrowed_by_what_a_delivery_says_and_by_ids(program, dead, north):
    owe(open_case(site=north).pk, ConnectionFactory().pk, Operation.CREATE, at=NOON, key="other")
    told = program.get(f"deliveries/{dead.pk}/").json()

    for query in (
        {"case": told["case"]},
        {"case": told["case"].lower()},
        {"case": dead.case_id},
        {"connection": told["connection"]},
        {"connection": dead.connection_id},
    ):
        (found,) = program.get("deliveries/", **query).json()["results"]
        assert found["id"] == str(dead.pk)


def test_an_id_of_a_connection_goes_before_a_name_that_looks_like_one(program, dead):
    other = ConnectionFactory(name=str(dead.connection_id))

    (found,) = program.get("deliveries/", connection=other.name).json()["results"]

    assert found["connection"] == "Help desk"


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ({"case": "0x1"}, "number such as EX-1001"),
        ({"case": "EX-999999"}, "number such as EX-1001"),
        ({"case": "9" * 30}, "number such as EX-1001"),
        ({"connection": "Help dsk"}, "Give its id, or its exact name"),
        ({"connection": "9" * 30}, "Give its id, or its exact name"),
    ],
)
def test_what_names_nothing_is_refused_with_what_to_give(program, dead, query, hint):
    answer = program.get("deliveries/", **query)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == list(query)
    assert hint in answer.json()["detail"]


def test_what_is_at_another_site_is_refused_like_what_does_not_exist(stranger, dead, north):
    Connection.objects.update(site=north)

    def said(**query):
        answer = stranger.get("deliveries/", **query)
        assert is_problem(answer, 400, "invalid")
        return answer.json()["detail"].replace(*query.values(), "it")

    assert said(case=str(dead.case)) == said(case="EX-999999")
    assert said(connection="Help desk") == said(connection="Nowhere")
    assert said(connection=str(dead.connection_id)) == said(connection="999999")


def test_a_connection_that_served_the_site_before_still_narrows(program, dead, south):
    Connection.objects.update(site=south)

    assert len(program.get("deliveries/", connection="Help desk").json()["results"]) == 1


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


@pytest.mark.parametrize(
    "state", [DeliveryState.WAITING, DeliveryState.DEAD, DeliveryState.UNCERTAIN]
)
def test_a_delivery_that_need_not_be_told_is_skipped_with_a_reason(program, dead, state):
    Delivery.objects.update(state=state)

    answer = program.post(f"deliveries/{dead.pk}/skip/", {"reason": " Told by telephone "})

    told = answer.json()
    assert (answer.status_code, told["state"]) == (200, "skipped")
    assert (told["reason"], told["done_at"]) == ("Told by telephone", "2026-03-10T12:00:00Z")
    entry = Entry.objects.get(case=dead.case, verb="delivery.skipped")
    assert (entry.actor_name, entry.data["reason"]) == ("Order system", "Told by telephone")


def test_a_skipped_delivery_is_sent_again_all_the_same(program, dead):
    program.post(f"deliveries/{dead.pk}/skip/", {"reason": "Told"})

    assert program.post(f"deliveries/{dead.pk}/resend/").json()["state"] == "waiting"


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.SENDING])
def test_what_went_or_is_going_is_not_skipped(program, dead, state):
    Delivery.objects.update(state=state)

    answer = program.post(f"deliveries/{dead.pk}/skip/", {"reason": "Told"})

    assert is_problem(answer, 409, "not_allowed_now")


@pytest.mark.parametrize("body", [{}, {"reason": "  "}, {"reason": "x" * 501}])
def test_nothing_is_skipped_without_a_reason_that_can_be_kept(program, dead, body):
    answer = program.post(f"deliveries/{dead.pk}/skip/", body)

    assert is_problem(answer, 400, "invalid")
    assert list(answer.json()["errors"]) == ["reason"]
    assert Delivery.objects.get().state == DeliveryState.DEAD


def test_skipping_needs_the_scope_to_write(program_of, north, dead):
    reader = program_of(site=north, scopes=[Scope.DELIVERIES_READ])

    answer = reader.post(f"deliveries/{dead.pk}/skip/", {"reason": "Told"})

    assert is_problem(answer, 403, "not_permitted")


def test_a_delivery_at_another_site_does_not_exist(stranger, dead):
    assert stranger.get("deliveries/").json()["results"] == []
    assert is_problem(stranger.get(f"deliveries/{dead.pk}/"), 404, "not_found")
    assert is_problem(stranger.post(f"deliveries/{dead.pk}/resend/"), 404, "not_found")
    skipped = stranger.post(f"deliveries/{dead.pk}/skip/", {"reason": "Told"})
    assert is_problem(skipped, 404, "not_found")


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
