"""AfterShip: parcels as their carriers scan, deliver, damage, lose or return them, and when they are
expected.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from connectors.listening import kit, parcels
from connectors.listening.kit import instant, words

#: https://www.aftership.com/docs/tracking/enum/delivery-sub-statuses
SUBTAGS = kit.worded(
    address_failed="Exception_002 Exception_007",
    returned_to_sender="Exception_003 Exception_010 Exception_011",
    customs="Exception_004 Exception_018",
    damaged="Exception_012",
    lost="Exception_013",
    weather="Exception_017",
)
TAGS = kit.worded(
    scanned="InTransit OutForDelivery AttemptFail AvailableForPickup", delivered="Delivered"
)
#: What the customer was told comes before what is reckoned.
PROMISED = ("order_promised_delivery_date",)
EXPECTED = ("latest_estimated_delivery", "courier_estimated_delivery_date")
WITHIN = ("datetime_max", "datetime", "estimated_delivery_date_max", "estimated_delivery_date")


class Config(kit.Config):
    secret: str = kit.secret(
        "Webhook secret", "aftership-secret", "Settings, Notifications, Webhooks"
    )
    wait: int = parcels.wait_hours()


def read(call: kit.Call, config: Config) -> Iterator[kit.Signal]:
    body = call.body
    said: Any = kit.dig(body, "msg")
    if not words(said, "tracking_number"):
        raise kit.SaysNothing(f"Nothing is read from “{words(body, 'event')[:60]}”.")
    tracking = parcels.Tracking(
        tracker=words(said, "id"),
        number=words(said, "tracking_number"),
        carrier=words(said, "slug"),
        event=kit.of_body("event_id")(call),
        at=instant(body.get("ts")),
        promised_at=first_day(call, PROMISED),
        expected_at=first_day(call, EXPECTED),
        order=words(said, "order_number") or words(said, "order_id"),
        wait=config.wait,
    )
    yield from parcels.signals(tracking, map(scan, said.get("checkpoints") or []))


def first_day(call: kit.Call, names: Iterable[str]) -> str:
    found = (day for name in names for day in days(kit.dig(call.body, "msg", name)))
    return kit.by_end_of_day(next(found, ""), call.zone)


def days(given: Any) -> Iterator[str]:
    """A text in one version of the webhook, an object in another."""
    if isinstance(given, dict):
        yield from (words(given, name) for name in WITHIN if words(given, name))
    elif isinstance(given, str) and given:
        yield given


def scan(one: Any) -> parcels.Scan:
    tag, message = words(one, "tag"), words(one, "message") or words(one, "subtag_message")
    otherwise = parcels.because(message) if tag == "Exception" else TAGS.get(tag, "")
    at = instant(kit.dig(one, "checkpoint_time") or kit.dig(one, "created_at"))
    return parcels.Scan(at, SUBTAGS.get(words(one, "subtag")) or otherwise, message)


source = kit.Format(
    slug="aftership",
    name="AfterShip",
    docs="https://www.aftership.com/docs/tracking/webhook/webhook-overview",
    tells="Parcels scanned, delivered, damaged, lost and returned, and when carriers expect them.",
    config=Config,
    proof=kit.Signature(header="aftership-hmac-sha256", key=lambda c: c.secret, written="{base64}"),
    read=read,
    setup="Settings, Notifications, Webhooks: add this address, tick the tracking updates and revised "
    "delivery dates, and copy the webhook secret here. The order is known by the tracking's order "
    "number.",
    event_id=kit.of_body("event_id"),
)
