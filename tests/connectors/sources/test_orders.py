"""What shops and payment services tell that is easily taken for something else."""

from datetime import UTC, datetime

import pytest

from connectors.models import HookCall
from exceptions_app.models import Signal, Subject
from tests.connectors.sources.conftest import sample, send, signed, tell
from tests.factories import HOUR, NOON, SiteFactory


@pytest.fixture
def shop(listening):
    return listening("shopify")


def shipment(shop, **changed):
    """A shipment as Shopify tells it, with its body changed."""
    one = sample("shopify", "on_the_way")
    one.body.update(changed)
    one.headers["X-Shopify-Webhook-Id"] = str(changed)
    return send(shop, signed(shop, one))


def test_the_order_of_a_test_notification_is_nobody_s(shop):
    tell(shop, "placed")
    one = sample("shopify", "cancelled")
    one.headers["X-Shopify-Test"] = "true"

    answer = send(shop, signed(shop, one))

    assert (answer.status_code, HookCall.objects.latest("pk").state) == (202, "nothing")
    assert not Signal.objects.filter(type="order.cancelled").exists()


@pytest.mark.parametrize(
    ("name", "order"),
    [("#1001.2", "1001"), ("#1001-F2", "1001"), ("#DE-F7.1", "DE-F7"), ("#A.7-F12", "A.7")],
)
def test_a_shipment_is_about_its_order_however_it_is_named(shop, name, order):
    shipment(shop, name=name)

    assert [one.reference for one in Subject.objects.all()] == [order]


@pytest.mark.parametrize(
    ("stands", "type"),
    [
        ("carrier_picked_up", "order.scanned"),
        ("delayed", "order.scanned"),
        ("picked_up", "order.delivered"),
    ],
)
def test_what_was_picked_up_by_the_carrier_is_on_its_way_and_by_the_customer_is_there(
    shop, stands, type
):
    shipment(shop, shipment_status=stands)

    assert Signal.objects.filter(type=type).exists()


@pytest.fixture
def fulfilled(shop):
    """Tells of a shipment with this number, and how far it has come."""

    def tell_of(number, stands, hour, **changed):
        at = (NOON + hour * HOUR).isoformat()
        body = {"id": number, "tracking_number": number, "shipment_status": stands}
        return shipment(shop, updated_at=at, created_at=at, **body | changed)

    return tell_of


def test_an_order_in_two_shipments_is_there_when_both_are(shop, fulfilled):
    fulfilled("1Z1", "in_transit", 1)
    fulfilled("1Z2", "in_transit", 2)
    fulfilled("1Z1", "delivered", 3)
    order = Subject.objects.get()
    assert order.ended_at is None

    fulfilled("1Z2", "delivered", 4)

    order.refresh_from_db()
    assert order.ended_at == NOON + 4 * HOUR


def test_a_shipment_that_was_cancelled_is_not_waited_for(shop, fulfilled):
    fulfilled("1Z1", "in_transit", 1)
    fulfilled("1Z2", "delivered", 2)

    fulfilled("1Z1", "in_transit", 3, status="cancelled")

    assert Subject.objects.get().ended_at == NOON + 2 * HOUR


def test_what_never_ships_is_no_rest(shop):
    one = sample("shopify", "placed")
    sent = sample("shopify", "on_the_way").body
    one.body["fulfillments"] = [sent | {"shipment_status": "delivered"}]
    one.body["line_items"].append({"fulfillable_quantity": 1, "requires_shipping": False})

    send(shop, signed(shop, one))

    assert Subject.objects.get().ended_at is not None


def test_half_an_order_without_a_number_is_half(shop):
    one = sample("shopify", "placed")
    sent = sample("shopify", "on_the_way").body
    one.body["fulfillments"] = [sent | {"shipment_status": "delivered", "tracking_number": None}]
    one.body["line_items"][0]["fulfillable_quantity"] = 1

    send(shop, signed(shop, one))

    assert Subject.objects.get().ended_at is None


@pytest.mark.parametrize(("left", "over"), [(1, False), (0, True)])
def test_the_rest_of_an_order_is_waited_for_until_it_is_sent(shop, left, over):
    one = sample("shopify", "placed")
    parts = sample("shopify", "on_the_way").body
    arrived = parts | {"shipment_status": "delivered", "tracking_number": "1Z1"}
    one.body["fulfillments"] = [arrived]
    one.body["line_items"][0]["fulfillable_quantity"] = 1
    send(shop, signed(shop, one))
    one.headers["X-Shopify-Webhook-Id"] += "-again"
    one.body["line_items"][0]["fulfillable_quantity"] = left
    one.body["updated_at"] = (NOON + HOUR).isoformat()
    one.body["fulfillments"] = [arrived, arrived | {"id": 2, "tracking_number": "1Z2"}]

    send(shop, signed(shop, one))

    assert (Subject.objects.get().ended_at is not None) is over


def test_shillings_of_uganda_are_counted_in_hundredths(listening):
    stripe, one = listening("stripe"), sample("stripe", "paid")
    one.body["data"]["object"].update(amount=500_000, currency="ugx")

    send(stripe, signed(stripe, one))

    assert Subject.objects.get().value == 5_000


@pytest.mark.parametrize(("whole", "told"), [(True, 1), (False, 0)])
def test_a_payment_of_which_a_part_was_given_back_is_not_refunded(listening, whole, told):
    stripe, one = listening("stripe"), sample("stripe", "refunded")
    given_back = 84_500 if whole else 500
    one.body["data"]["object"].update(refunded=whole, amount_refunded=given_back)

    send(stripe, signed(stripe, one))

    assert Signal.objects.filter(type="payment.refunded").count() == told


def test_a_promised_day_ends_where_the_site_is_also_when_the_clocks_have_changed_since(listening):
    shop = listening("shopify", site=SiteFactory(time_zone="Europe/Berlin"))
    one = sample("shopify", "placed")
    one.body["created_at"] = "2026-03-05T10:00:00+01:00"
    one.body["note_attributes"] = [{"name": "Delivery date", "value": "2026-04-01"}]

    send(shop, signed(shop, one))

    assert Subject.objects.get().promised_at == datetime(2026, 4, 1, 21, 59, 59, tzinfo=UTC)
