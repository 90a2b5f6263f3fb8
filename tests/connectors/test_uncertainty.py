"""What may have arrived is looked up, sent again or left to a person, as the platform allows."""

import pytest
import requests  # noqa: TID251 - its failures are the far side's

from connectors.registry import rate_of
from exceptions_app.models import Attempt, Case, Delivery, Entry
from exceptions_app.outbox import deciding, gates, queue
from exceptions_app.vocabulary import DeliveryState, Operation, Role, Status
from tests.connectors.conftest import claimed, owed, perform
from tests.factories import HOUR, MINUTE, NOON, open_case, somebody

pytestmark = pytest.mark.django_db
TICKETS = "https://acme.zendesk.com/api/v2/tickets"
POSTS = "https://slack.com/api/chat.postMessage"
HUNG = requests.exceptions.ReadTimeout()


def attempted(at=NOON):
    delivery = claimed(at)
    perform(delivery, at=at)
    return Delivery.objects.get(pk=delivery.pk)


def test_a_message_that_may_have_arrived_is_left_to_a_person(case, connect, vendor):
    vendor.post(POSTS, body=HUNG)
    owed(case, connect("slack"))

    delivery = attempted()

    assert delivery.state == DeliveryState.UNCERTAIN
    assert "Look there whether it arrived" in delivery.reason
    assert Entry.objects.filter(case=case, verb="delivery.uncertain").count() == 1
    assert queue.claim(at=NOON + HOUR) == []


def test_what_never_left_is_simply_sent_again(case, connect, vendor):
    vendor.post(POSTS, body=requests.exceptions.ConnectTimeout())
    owed(case, connect("slack"))

    assert attempted().state == DeliveryState.WAITING


@pytest.mark.parametrize(
    ("status", "state"),
    [(502, "uncertain"), (504, "uncertain"), (500, "waiting"), (503, "waiting")],
)
def test_only_a_gateway_does_not_know_what_became_of_it(case, connect, vendor, status, state):
    vendor.post(POSTS, status=status)
    owed(case, connect("slack"))

    assert attempted().state == state


def test_a_record_that_may_be_there_is_looked_up_first(case, connect, vendor):
    vendor.post(TICKETS, body=HUNG)
    owed(case, connect("zendesk"))
    first = attempted().state

    vendor.get(TICKETS, json={"tickets": [{"id": 35436}]})
    second = attempted(NOON + HOUR)

    assert (first, second.state) == ("waiting", "sent")
    assert case.links.get().external_id == "35436"
    assert [call.request.method for call in vendor.calls] == ["POST", "GET"]


def test_a_worker_that_never_came_back_may_have_sent_it(case, connect, vendor):
    owed(case, connect("slack"))
    claimed(NOON)

    delivery = attempted(NOON + HOUR)

    assert delivery.state == DeliveryState.UNCERTAIN
    assert len(vendor.calls) == 0


def test_what_a_stopped_worker_may_have_made_is_looked_up_when_it_can_be_found(
    case, connect, vendor
):
    """Freshdesk's search knows of a ticket minutes later; before that it would be opened twice."""
    found = {"results": [{"id": 35436}]}
    vendor.get("https://acme.freshdesk.com/api/v2/search/tickets", json=found)
    owed(case, connect("freshdesk"))
    claimed(NOON)
    stopped = NOON + MINUTE

    first, asked = attempted(stopped), len(vendor.calls)
    early = queue.claim(at=stopped + 4 * MINUTE)
    second = attempted(stopped + 6 * MINUTE)

    assert (first.state, asked, early, second.state) == ("waiting", 0, [], "sent")
    assert case.links.get().external_id == "35436"


def test_a_worker_that_never_came_back_says_nothing_about_the_platform(connect, vendor):
    """Otherwise what a killed worker held would close the circuit for everything behind it."""
    slack = connect("slack")
    for _ in range(gates.FAILURES):
        owed(open_case(), slack)
    queue.claim(at=NOON, limit=gates.FAILURES)

    for _ in range(gates.FAILURES):
        attempted(NOON + HOUR)

    assert set(Delivery.objects.values_list("state", flat=True)) == {"uncertain"}
    assert gates.admit(slack.pk, rate_of("slack"), at=NOON + HOUR)


def test_a_person_may_send_it_again(case, connect, vendor):
    lead = somebody(Role.LEAD, site=case.site)
    vendor.post(POSTS, body=HUNG)
    owed(case, connect("slack"))
    delivery = attempted()

    deciding.resend(delivery.pk, by=lead, at=NOON + HOUR)
    vendor.replace("POST", POSTS, json={"ok": True, "ts": "1.1"})

    assert attempted(NOON + HOUR).state == DeliveryState.SENT


# --- Moved on --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "status", "why"),
    [
        (Operation.CREATE, Status.DISMISSED, "was dismissed before anything was opened there"),
        (Operation.CLOSE, Status.IN_PROGRESS, "is open again"),
        (Operation.REOPEN, Status.RESOLVED, "is resolved again"),
    ],
)
def test_what_is_no_longer_so_is_not_told(case, connect, vendor, operation, status, why):
    Case.objects.filter(pk=case.pk).update(status=status)
    connection = connect("zendesk")
    if operation != Operation.CREATE:
        case.links.create(connection=connection, external_id="7", linked_at=NOON)
    owed(case, connection, operation)

    delivery = attempted()

    assert delivery.state == DeliveryState.SUPERSEDED
    assert why in delivery.reason
    assert len(vendor.calls) == 0


def test_a_case_that_is_reopened_before_it_was_ever_told_is_told_then(case, connect, vendor):
    vendor.post(TICKETS, status=201, json={"ticket": {"id": 7}})
    owed(case, connect("zendesk"), Operation.REOPEN)

    assert attempted().state == DeliveryState.SENT
    assert case.links.get().external_id == "7"


def test_updates_that_wait_are_told_together(case, connect, vendor):
    vendor.put(f"{TICKETS}/7", json={"ticket": {"id": 7}})
    connection = connect("zendesk")
    case.links.create(connection=connection, external_id="7", linked_at=NOON)
    for said in ("Ana took it.", "Ana started.", "Ana waits."):
        owed(case, connection, Operation.UPDATE, text=said)
    owed(case, connection, Operation.COMMENT, text="Ana wrote: hello.")

    queue.coalesce(claimed(), at=NOON)

    states = list(Delivery.objects.order_by("position").values_list("state", flat=True))
    assert states == ["sending", "superseded", "superseded", "waiting"]
    assert Delivery.objects.order_by("position")[0].text == "Ana took it.\nAna started.\nAna waits."
    assert Attempt.objects.count() == 0
