"""Vehicle deals: handed over as promised, told later in time, late, or at risk (T1)."""

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
HANDOVER_GRACE = timedelta(minutes=30)


def deal(story: Story, twist: str) -> None:
    rng = story.rng
    vehicle, customer = rng.choice(names.VEHICLES), rng.choice(names.CUSTOMERS)
    story.source, story.reference = "dms", f"D-{story.number}"
    story.about = {
        "site": rng.choice(places.ROOFTOPS),
        "team": "sales",
        "label": vehicle,
        "customer": contact(customer),
        "tier": rng.choice(("", "", "silver", "gold")),
        "value": rng.randrange(18_000, 64_000, 250),
        "attributes": {
            "vehicle": vehicle,
            "vin": f"WVWZZZ{rng.randrange(10**10, 10**11)}",
            "salesperson": rng.choice(names.SALESPEOPLE),
            "lender": rng.choice(names.LENDERS),
        },
    }
    DEALS[twist](story)


def deal_kept(story: Story) -> None:
    handover = story.between(70, 120)
    prepared(story, handover)
    if story.rng.random() < 0.25:
        sooner = handover - timedelta(minutes=15 / story.pace)
        story.say("deal.promised", story.between(20, 30), promise=promised(sooner, "ready early"))
        handover = sooner
    story.say("deal.registered", story.between(32, 45))
    story.say(
        "deal.handed_over", handover - timedelta(minutes=story.rng.uniform(2, 9) / story.pace)
    )


def deal_late(story: Story) -> None:
    prepared(story, story.between(60, 95) - HANDOVER_GRACE)
    story.say("deal.registered", story.between(250, 300))
    story.say("deal.handed_over", story.between(320, 480))


def deal_at_risk(story: Story) -> None:
    handover = story.between(400, 480)
    story.say(
        "deal.sold",
        story.begins,
        happened=story.ago(60, 200),
        milestones=expected(arrived=story.ago(5, 20)) | done(financed=story.ago(30, 55)),
        promise=promised(handover),
    )
    story.say("deal.arrived", story.between(200, 240))
    story.say("deal.prepared", story.between(260, 320))
    story.say("deal.handed_over", handover - timedelta(minutes=10 / story.pace))


def deal_delayed(story: Story) -> None:
    """Told in time that it will be later, and kept then."""
    handover = story.between(60, 80)
    prepared(story, handover)
    later = story.between(150, 180)
    story.say("deal.promised", story.between(20, 40), promise=promised(later, "plates late"))
    story.say("deal.registered", story.between(100, 120))
    story.say("deal.handed_over", later - timedelta(minutes=5 / story.pace))


def prepared(story: Story, handover: datetime) -> None:
    """All that was done before the story begins, in one saying: the promise is never without its reasons."""
    sold, ready = story.ago(120, 260), story.ago(3, 20)
    story.say(
        "deal.prepared",
        story.begins,
        happened=ready,
        milestones=done(sold=sold, financed=sold + 20 * HOUR, arrived=sold + 80 * HOUR)
        | expected(handed_over=handover),
        promise=promised(handover),
    )


DEALS: Mapping[str, Telling] = {
    "kept": deal_kept,
    "delayed": deal_delayed,
    "late": deal_late,
    "at_risk": deal_at_risk,
}
