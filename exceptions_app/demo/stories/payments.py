"""Payments and finance applications: paid, failed, declined, or without an answer (T7)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from exceptions_app.demo import names, places
from exceptions_app.demo.stories.base import (
    HOUR,
    Story,
    Telling,
    contact,
    done,
    noted,
)

# What the rule waits for before it speaks; tests/demo notices when it changes.
LENDER_SILENCE = timedelta(hours=4)


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


PAYMENTS: Mapping[str, Telling] = {
    "kept": payment_kept,
    "failed": payment_failed,
    "finance_kept": finance_kept,
    "finance_declined": finance_declined,
    "finance_unanswered": finance_unanswered,
}
