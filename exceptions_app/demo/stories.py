"""The demo's stories as signals in time order: promises made and kept, and the ways in which they break; pure.

Times of a story are minutes after its beginning, shortened by its pace. The windows that rules wait for are
real time, so a story that shall break then begins that much further along.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from exceptions_app.demo import names, places

Item = dict[str, Any]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What the rules wait for before they speak; tests/demo notices when one of them changes.
HANDOVER_GRACE = timedelta(minutes=30)
CHECK_IN_GRACE = timedelta(minutes=15)
SCAN_SILENCE = timedelta(hours=48)
LENDER_SILENCE = timedelta(hours=4)


@dataclass(frozen=True)
class Saying:
    """A signal, and when its source sends it."""

    at: datetime
    item: Item


@dataclass
class Story:
    """One subject's story while it is told."""

    rng: Random
    begins: datetime
    number: str
    pace: float = 1.0
    reference: str = ""
    source: str = ""
    about: Item = field(default_factory=dict)
    said: list[Saying] = field(default_factory=list)

    def after(self, minutes: float) -> datetime:
        return self.begins + timedelta(minutes=minutes / self.pace)

    def between(self, first: float, last: float) -> datetime:
        return self.after(self.rng.uniform(first, last))

    def ago(self, first: float, last: float) -> datetime:
        """An instant so many real hours before the beginning."""
        return self.begins - HOUR * self.rng.uniform(first, last)

    def say(
        self, kind_and_word: str, at: datetime, *, happened: datetime | None = None, **rest: Any
    ) -> None:
        """Let the source say it; the first saying introduces the subject."""
        subject = {**({} if self.said else self.about), "reference": self.reference}
        site = self.about.get("site")
        self.said.append(
            Saying(
                at,
                {
                    "source": rest.pop("source", self.source),
                    "external_id": f"{self.reference}-{self.number}-{len(self.said) + 1}",
                    "type": kind_and_word,
                    "occurred_at": iso(happened or at),
                    "subject": subject | ({"site": site} if site else {}),
                    **rest,
                },
            )
        )


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def done(**steps: datetime) -> dict[str, Item]:
    return {name: {"actual_at": iso(at)} for name, at in steps.items()}


def expected(**steps: datetime) -> dict[str, Item]:
    return {name: {"expected_at": iso(at)} for name, at in steps.items()}


def promised(at: datetime, reason: str = "") -> Item:
    return {"promised_at": iso(at), **({"reason": reason} if reason else {})}


# --- Vehicle deals (T1) ----------------------------------------------------------------------


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
    story.say("deal.handed_over", handover - timedelta(minutes=story.rng.uniform(2, 9) / story.pace))


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


# --- Orders (T13, T14) -----------------------------------------------------------------------


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
        "value": round(items * rng.choice((24.5, 49.0, 89.0, 129.0, 240.0, 560.0)), 2),
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


# --- Appointments (T9, T10, T11) -------------------------------------------------------------


def appointment(story: Story, twist: str) -> None:
    rng = story.rng
    machine, service = rng.choice(names.JOBS)
    story.source, story.reference = "scheduler", f"J-{story.number}"
    story.about = {
        "site": places.DEPOT,
        "team": "dispatch",
        "label": f"{machine}, {service}",
        "customer": contact(rng.choice(names.COMPANIES)),
        "tier": rng.choice(("", "silver", "gold")),
        "value": rng.randrange(120, 2400, 20),
        "attributes": {
            "technician": rng.choice(names.TECHNICIANS),
            "service": service,
            "asset": machine,
            "address": f"{rng.randrange(100, 6000)} {rng.choice(names.STREETS)}, Chicago",
        },
    }
    APPOINTMENTS[twist](story)


def visit_kept(story: Story) -> None:
    start = story.between(50, 90)
    booked(story, start)
    story.say("appointment.dispatched", story.between(10, 30))
    story.say("appointment.checked_in", start - timedelta(minutes=story.rng.uniform(-3, 8) / story.pace))
    story.say("appointment.finished", story.between(130, 180))


def visit_late(story: Story) -> None:
    booked(story, story.between(60, 95) - CHECK_IN_GRACE)
    story.say("appointment.checked_in", story.between(200, 330))
    story.say("appointment.finished", story.between(400, 480))


def visit_called_off(story: Story) -> None:
    booked(story, story.between(200, 300))
    noted(story, "appointment.cancelled_by_customer", story.between(15, 60), "cancelled_by_customer")


def visit_moved(story: Story) -> None:
    booked(story, story.between(120, 160))
    start = story.between(300, 360)
    noted(
        story,
        "appointment.rescheduled",
        story.between(15, 60),
        "moved",
        milestones=expected(checked_in=start),
    )
    story.say("appointment.checked_in", start - timedelta(minutes=4 / story.pace))
    story.say("appointment.finished", story.between(400, 460))


def visit_missed(story: Story) -> None:
    start = story.between(25, 50)
    booked(story, start)
    noted(story, "appointment.no_show", start + timedelta(minutes=9 / story.pace), "no_show")


def visit_put_off(story: Story) -> None:
    start = story.between(300, 360)
    booked(story, start)
    noted(story, "appointment.on_hold", story.between(15, 60), "on_hold")
    story.say("appointment.checked_in", start - timedelta(minutes=3 / story.pace))
    story.say("appointment.finished", story.between(400, 460))


def booked(story: Story, start: datetime) -> None:
    story.say(
        "appointment.booked",
        story.begins,
        happened=story.ago(10, 90),
        milestones=expected(checked_in=start),
        promise=promised(start),
    )


def noted(story: Story, word: str, at: datetime, twist: str, **rest: Any) -> None:
    story.say(word, at, note=story.rng.choice(names.NOTES[twist]), **rest)


# --- Payments and finance (T7) ---------------------------------------------------------------


def payment(story: Story, twist: str) -> None:
    rng = story.rng
    financed = twist.startswith("finance")
    story.source, story.reference = "payments", f"P-{story.number}"
    story.about = {
        "site": rng.choice(places.ROOFTOPS) if financed else places.SHOP,
        "team": "finance",
        "customer": contact(rng.choice(names.CUSTOMERS)),
        "value": rng.randrange(9_000, 48_000, 500) if financed else rng.randrange(25, 1500),
        "attributes": {"method": "finance", "lender": rng.choice(names.LENDERS)}
        if financed
        else {"method": rng.choice(("card", "direct debit", "wallet"))},
    }
    PAYMENTS[twist](story)


def payment_kept(story: Story) -> None:
    story.say("payment.requested", story.begins)
    story.say("payment.paid", story.between(5, 40))


def payment_failed(story: Story) -> None:
    story.say("payment.requested", story.begins)
    noted(story, "payment.failed", story.between(5, 40), "failed")
    story.say("payment.paid", story.between(240, 420))


def finance_kept(story: Story) -> None:
    applied(story, story.begins)
    story.say("payment.answered", story.between(30, 90), note="Approved")
    story.say("payment.paid", story.between(110, 150))


def finance_declined(story: Story) -> None:
    applied(story, story.begins)
    noted(story, "payment.declined", story.between(15, 60), "declined")


def finance_unanswered(story: Story) -> None:
    applied(story, story.between(60, 95) - LENDER_SILENCE)
    story.say("payment.answered", story.between(260, 380), note="Approved")
    story.say("payment.paid", story.between(400, 460))


def applied(story: Story, submitted: datetime) -> None:
    story.say(
        "payment.submitted",
        story.begins,
        happened=submitted,
        milestones=done(requested=submitted - HOUR),
    )


def contact(name: str) -> dict[str, str]:
    words = "".join(letter if letter.isascii() and letter.isalnum() else "." for letter in name)
    return {"name": name, "email": f"{words.lower().strip('.')}@mail.example"}


# --- All of them -----------------------------------------------------------------------------

Telling = Callable[[Story], None]

DEALS: Mapping[str, Telling] = {
    "kept": deal_kept,
    "delayed": deal_delayed,
    "late": deal_late,
    "at_risk": deal_at_risk,
}
ORDERS: Mapping[str, Telling] = {
    "kept": order_kept,
    "called_off": order_called_off,
    "late": order_late,
    "quiet": order_quiet,
}
APPOINTMENTS: Mapping[str, Telling] = {
    "kept": visit_kept,
    "late": visit_late,
    "called_off": visit_called_off,
    "moved": visit_moved,
    "missed": visit_missed,
    "put_off": visit_put_off,
}
PAYMENTS: Mapping[str, Telling] = {
    "kept": payment_kept,
    "failed": payment_failed,
    "finance_kept": finance_kept,
    "finance_declined": finance_declined,
    "finance_unanswered": finance_unanswered,
}
