"""Shopify: orders as they are placed, paid, changed, shipped and cancelled.

The reference is the order's name without its #. Each body holds the whole order again, so what is said in
it is named by what it is, or by ``updated_at`` and what it says, as there may be two of one second; and
nobody signs the topic, so it decides nothing that the body does not bear out.
"""

import re
from collections.abc import Iterator
from typing import Any

from connectors.listening import kit
from connectors.listening.kit import Subject, instant, mark, told, words

HOLDS = {"orders": "line_items", "fulfillments": "order_id"}
STANDS = kit.worded(
    scanned="in_transit out_for_delivery attempted_delivery ready_for_pickup failure delayed "
    "carrier_picked_up",
    delivered="delivered picked_up",
)


class Config(kit.Config):
    secret: str = kit.secret("Signing secret", "shpss_example", "Settings, Notifications, Webhooks")
    promise: str = kit.setting("Detail with the promised date", "Delivery date", default="")
    gold: str = kit.setting("Tag of orders of gold customers", "vip", default="")


def read(call: kit.Call, config: Config) -> Iterator[kit.Signal]:
    body, (about, _, what) = call.body, call.header("X-Shopify-Topic").partition("/")
    name = words(body, "name").lstrip("#") if kit.dig(body, HOLDS.get(about, "")) else ""
    if not name or call.header("X-Shopify-Test") == "true":
        raise kit.SaysNothing(
            f"Nothing is read from “{about[:60]}”, or it names no order, or it is a test."
        )
    if about == "fulfillments":
        # Named after its order: #1001.2, or #1001-F2.
        return (yield from shipped(body, re.sub(r"(\.|-F)\d+$", "", name)))
    order, id = Subject(reference=name), f"order:{words(body, 'id')}"
    placed, last = instant(body.get("created_at")), instant(body.get("updated_at"))
    said = {words(one, "name"): words(one, "value") for one in body.get("note_attributes") or []}
    day, facts = kit.end_of(said.get(config.promise, ""), call.zone), described(body, name, config)
    yield told("order.placed", f"{id}:placed", placed, order)
    yield told("order.updated", mark(id, last, facts, day), last or placed, facts, promised_at=day)
    paid_at = {"paid": last, "create": instant(body.get("processed_at")) or placed}.get(what)
    if paid_at and words(body, "financial_status") == "paid":
        yield told("order.paid", f"{id}:paid:{what}", paid_at, order)
    if at := instant(body.get("cancelled_at")):
        yield told("order.cancelled", f"{id}:off", at, order, note=words(body, "cancel_reason"))
    for one in body.get("fulfillments") or []:
        yield from shipped(one, name)
    yield from left(body, f"{id}:rest", last, order)


def described(body: Any, name: str, config: Config) -> Subject:
    where, lines = body.get("shipping_address") or {}, body["line_items"]
    tags = {tag.strip().lower() for tag in words(body, "tags").split(",")}
    phone = words(body, "phone") or words(where, "phone")
    place = ", ".join(filter(None, (words(where, "city"), words(where, "country_code"))))
    items = sum(int(words(line, "quantity") or 0) for line in lines)
    method = words(body, "payment_gateway_names", 0)
    return Subject(
        reference=name,
        label=f"{name}: {words(lines, 0, 'title')}{', …' if len(lines) > 1 else ''}",
        tier="gold" if config.gold and config.gold.lower() in tags else "",
        value=words(body, "total_price"),
        customer={"name": words(where, "name"), "email": words(body, "email"), "phone": phone},
        attributes={"items": items, "destination": place, "method": method},
    )


def left(body: Any, name: str, at: str, order: Subject) -> Iterator[kit.Signal]:
    """Until it is sent, the rest of an order is one parcel more that is waited for."""
    sent, lines = body.get("fulfillments") or [], body["line_items"]
    goods = [line for line in lines if line.get("requires_shipping") is not False]
    rest = any(kit.dig(line, "fulfillable_quantity") for line in goods)
    if sent and (rest or len(sent) > 1 or body.get("refunds")):
        which = {"the rest of the order": {"sent_at" if rest else "cancelled_at": at}}
        yield told("order.updated", mark(name, at, which), at, order, parcels=which)


def shipped(body: Any, name: str) -> Iterator[kit.Signal]:
    """One fulfilment: what went to the carrier, and how far it has come."""
    at, id, order = instant(body.get("updated_at")), words(body, "id"), Subject(reference=name)
    number, stands = words(body, "tracking_number"), words(body, "shipment_status")
    facts = {"carrier": words(body, "tracking_company"), "tracking_number": number, "tracked": True}
    which = kit.of_parcel(number) if number else {f"fulfilment {id}": {}}
    if words(body, "status") == "cancelled":
        off = {key: {"cancelled_at": at} for key in which}
        yield told("order.updated", mark(f"parcel:{id}:off", at), at, order, parcels=off)
    if words(body, "status") != "success":
        return
    if number:
        moved = Subject(reference=name, attributes=facts)
        yield told("order.updated", mark(f"parcel:{id}", at, facts), at, moved, parcels=which)
    yield told("order.shipped", f"sent:{id}", instant(body.get("created_at")), order)
    if word := STANDS.get(stands):
        how, said = stands.replace("_", " "), f"parcel:{id}:{at}:{stands}"
        yield told(f"order.{word}", said, at, order, note=how, parcels=which)


source = kit.Format(
    slug="shopify",
    name="Shopify",
    docs="https://shopify.dev/docs/api/webhooks",
    tells="Orders placed, paid, changed, shipped, delivered and cancelled.",
    config=Config,
    proof=kit.Signature(header="X-Shopify-Hmac-Sha256", key=lambda c: c.secret, written="{base64}"),
    read=read,
    setup="Settings, Notifications, Webhooks: create one in JSON with this address for each of Order "
    "creation, payment, update and cancellation, and of Fulfillment creation and update.",
    event_id=kit.of_header("X-Shopify-Webhook-Id"),
    keeps=("x-shopify-topic", "x-shopify-test"),
)
