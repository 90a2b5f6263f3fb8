"""Orders of the shop: delivered, called off, late, or gone quiet on the way (T13, T14)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from exceptions_app.demo import names, places
from exceptions_app.demo.stories.base import (
    HOUR,
    Story,
    Telling,
    contact,
    done,
    expected,
    promised,
)

# What the rule waits for before it speaks; tests/demo notices when it changes.
SCAN_SILENCE = timedelta(hours=48)


def order(story: Story, twist: str) -> None:
    rng = story.rng
    items = rng.choice((1, 1, 1, 2, 3))
    story.source, story.reference = "wms", f"LO-{story.number}"
    story.about = {
        "site": places.SHOP,
        "team": "support",
        "label": f"{rng.choice(names.PRODUCTS)} ({story.reference})",
        "customer": contact(rng.choice(names.CUSTOMERS)),
        "tier": rng.choice(("", "", "", "silver", "gold")),
        # None is a trifle, which would only be watched until the next working day.
        "value": round(items * rng.choice((54.5, 69.0, 89.0, 129.0, 240.0, 560.0)), 2),
        "attributes": {
            "carrier": rng.choice(names.CARRIERS),
            "tracked": True,
            "category": rng.choice(names.CATEGORIES),
            "items": items,
            "destination": rng.choice(names.TOWNS),
        },
    }
    ORDERS[twist](story)


def order_kept(story: Story) -> None:
    promise = story.between(90, 140)
    paid(story, promise)
    story.say("order.packed", story.between(5, 12))
    story.say("order.shipped", story.between(15, 25))
    story.say("order.scanned", story.between(30, 50), source="carrier")
    story.say("order.delivered", promise - timedelta(minutes=story.rng.uniform(3, 20) / story.pace))


def order_late(story: Story) -> None:
    paid(story, story.between(60, 95))
    story.say("order.packed", story.between(10, 20))
    story.say("order.shipped", story.between(40, 55))
    story.say("order.scanned", story.between(150, 200), source="carrier")
    story.say("order.delivered", story.between(300, 480), source="carrier")


def order_quiet(story: Story) -> None:
    """On the way and last seen two days ago; the promise is still to come."""
    scanned = story.between(60, 95) - SCAN_SILENCE
    paid_at, shipped = scanned - 30 * HOUR, scanned - 8 * HOUR
    delivery = story.between(400, 480)
    story.say(
        "order.scanned",
        story.begins,
        happened=scanned,
        source="carrier",
        milestones=done(paid=paid_at, packed=paid_at + 4 * HOUR, shipped=shipped),
        promise=promised(delivery),
    )
    story.say("order.scanned", story.between(260, 340), source="carrier")
    story.say("order.delivered", delivery - timedelta(minutes=5 / story.pace), source="carrier")


def order_called_off(story: Story) -> None:
    paid(story, story.between(90, 140))
    story.say("order.cancelled", story.between(10, 40), source="storefront", note="Ordered twice")


def paid(story: Story, promise: datetime) -> None:
    placed = story.ago(5, 40)
    story.say(
        "order.paid",
        story.begins,
        happened=placed + timedelta(minutes=4),
        source="storefront",
        milestones=done(placed=placed) | expected(delivered=promise),
        promise=promised(promise),
    )


ORDERS: Mapping[str, Telling] = {
    "kept": order_kept,
    "called_off": order_called_off,
    "late": order_late,
    "quiet": order_quiet,
}
