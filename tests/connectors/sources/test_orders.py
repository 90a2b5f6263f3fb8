"""What shops and payment services tell that is easily taken for something else."""

import pytest

from connectors.models import HookCall
from exceptions_app.models import Signal, Subject
from tests.connectors.sources.conftest import sample, send, signed, tell


@pytest.fixture
def shop(listening):
    return listening("shopify")


def shipment(shop, **changed):
    """A shipment as Shopify tells it, with its body changed."""
    one = sample("shopify", "on_the_way")
    one.body.update(changed)
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
