"""ShipEngine (ShipStation API): parcels as their carriers scan, deliver, damage, lose or return them."""

from collections.abc import Iterator
from typing import Any

from connectors.listening import kit, parcels, proving
from connectors.listening.kit import instant, words

HEADER = "x-shipengine-rsa-sha256"
#: As ShipEngine calls it, and the second version of the ShipStation API.
TRACKED = ("API_TRACK", "TRACK_EVENT_V2")
DETAILS = kit.worded(
    damaged="PARCEL_DAMAGED DELIVERED_DAMAGED",
    lost="PARCEL_LOST PARCEL_DISPOSED",
    returned_to_sender="RETURN_TO_SENDER UNDELIVERABLE_RETURNED_TO_SENDER REFUSED_BY_CUSTOMER",
    customs="HELD_BY_CUSTOMS HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING INCORRECT_DECLARATION "
    "DUTY_NOT_PAID",
    address_failed="ADDRESS_QUERY CUSTOMER_MOVED",
)
CODES = kit.worded(scanned="AC IT AT SP", delivered="DE")


class Config(kit.Config):
    wait: int = parcels.wait_hours()
    keys: str = kit.setting("Public keys", "", "Fetched from ShipEngine unless given", default="")
    ours: str = kit.secret("Key for samples", "", "PEM", default="")


def read(call: kit.Call, config: Config) -> Iterator[kit.Signal]:
    body = call.body
    data: Any = kit.dig(body, "data")
    if words(body, "resource_type") not in TRACKED or not words(data, "tracking_number"):
        raise kit.SaysNothing(f"Nothing is read from “{words(body, 'resource_type')[:60]}”.")
    carrier, number = words(data, "carrier_code"), words(data, "tracking_number")
    events = data.get("events") or []
    expected_at = kit.by_end_of_day(data.get("estimated_delivery_date"), call.zone)
    newest = max((scan(one).at for one in events), key=kit.moment_of, default="")
    tracking = parcels.Tracking(
        tracker=f"{carrier}:{number}",
        number=number,
        carrier=carrier,
        event=f"{carrier}:{number}:{newest}:{expected_at}",
        at=newest or instant(data.get("ship_date")) or call.at.isoformat(),
        expected_at=expected_at,
        wait=config.wait,
    )
    yield from parcels.signals(tracking, map(scan, events))


def scan(one: Any) -> parcels.Scan:
    message, code = words(one, "description"), words(one, "status_code")
    otherwise = parcels.because(message) if code == "EX" else CODES.get(code, "")
    word = DETAILS.get(words(one, "status_detail_code")) or otherwise
    return parcels.Scan(instant(kit.dig(one, "occurred_at")), word, message)


source = kit.Format(
    slug="shipengine",
    name="ShipEngine",
    docs="https://www.shipengine.com/docs/tracking/webhooks/",
    tells="Parcels scanned, delivered, damaged, lost and returned, and when carriers expect them.",
    config=Config,
    proof=proving.rsa(HEADER, "x-shipengine-timestamp", lambda c: c.keys, lambda c: c.ours),
    read=read,
    setup="API, Webhooks: add one for the event “track” (track_event_v2 of ShipStation) with this "
    "address. There is no secret: ShipEngine signs with its own key, and publishes the public half. "
    "Parcels without a label from there have to be subscribed to.",
    signed_at=lambda hook: hook.header("x-shipengine-timestamp"),
    stamp=lambda at: at.isoformat(),
    published=kit.Published(
        "https://api.shipengine.com/jwks", lambda hook: hook.header(f"{HEADER}-key-id")
    ),
    makes={"ours": proving.new_key},
)
