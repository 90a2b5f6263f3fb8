"""EasyPost: parcels as their carriers scan, deliver, damage, lose or return them."""

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from connectors.listening import kit, parcels
from connectors.listening.kit import instant, words

#: Details that say more than the status; those of exceptions are told apart by their message.
DETAILS = kit.worded(
    damaged="damaged",
    lost="lost",
    weather="weather_delay",
    address_failed="address_correction",
    returned_to_sender="return refused",
)
EVENT = kit.of_body("id")
EXCEPTIONS = {"delivery_exception", "transit_exception", "held", "delayed", "failure"}
STATUSES = kit.worded(
    scanned="in_transit out_for_delivery available_for_pickup failure",
    delivered="delivered",
    returned_to_sender="return_to_sender",
)


class Config(kit.Config):
    secret: str = kit.secret(
        "Webhook secret", "easypost-secret", "You choose it there", pattern=kit.LONG
    )
    wait: int = parcels.wait_hours()


def read(call: kit.Call, config: Config) -> Iterator[kit.Signal]:
    body = call.body
    tracker: Any = kit.dig(body, "result")
    if kit.dig(tracker, "object") != "Tracker" or tracker.get("is_return"):
        what = words(body, "description")[:60]
        raise kit.SaysNothing(f"Nothing is read from “{what}”, or the parcel goes back to you.")
    details = tracker.get("tracking_details") or []
    tracking = parcels.Tracking(
        tracker=words(tracker, "id"),
        number=words(tracker, "tracking_code"),
        carrier=words(tracker, "carrier"),
        event=EVENT(call),
        at=instant(tracker.get("updated_at") or body.get("created_at")),
        expected_at=kit.by_end_of_day(tracker.get("est_delivery_date"), call.zone),
        wait=config.wait,
    )
    yield from parcels.signals(tracking, map(scan, details))


def scan(detail: Any) -> parcels.Scan:
    said, status = words(detail, "message"), words(detail, "status")
    more = words(detail, "status_detail")
    word = DETAILS.get(more) or (parcels.because(said) if more in EXCEPTIONS else "")
    return parcels.Scan(
        instant(kit.dig(detail, "datetime")), word or STATUSES.get(status, ""), said
    )


source = kit.Format(
    slug="easypost",
    name="EasyPost",
    docs="https://docs.easypost.com/docs/webhooks",
    tells="Parcels scanned, delivered, damaged, lost and returned, and when carriers expect them.",
    config=Config,
    proof=kit.Signature(
        header="X-Hmac-Signature",
        # The vendor normalises the secret before it signs with it.
        key=lambda c: normalize("NFKD", c.secret),
        written="hmac-sha256-hex={hex}",
    ),
    read=read,
    setup="Account, API Keys and Webhooks: add one with this address and this secret; without a secret "
    "EasyPost signs nothing, and nothing unsigned is taken. It is called for every tracker of the account.",
    event_id=EVENT,
)
