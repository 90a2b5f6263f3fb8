"""Visits of the depot: kept, late, called off, moved, missed, or put off (T9, T10, T11)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from exceptions_app.demo import names, places
from exceptions_app.demo.stories.base import (
    Story,
    Telling,
    contact,
    expected,
    noted,
    promised,
)

# What the rule waits for before it speaks; tests/demo notices when it changes.
CHECK_IN_GRACE = timedelta(minutes=15)


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
            "equipment": machine,
            "address": f"{rng.randrange(100, 6000)} {rng.choice(names.STREETS)}, Chicago",
        },
    }
    APPOINTMENTS[twist](story)


def visit_kept(story: Story) -> None:
    start = story.between(50, 90)
    booked(story, start)
    story.say("appointment.dispatched", story.between(10, 30))
    story.say(
        "appointment.checked_in", start - timedelta(minutes=story.rng.uniform(-3, 8) / story.pace)
    )
    story.say("appointment.finished", story.between(130, 180))


def visit_late(story: Story) -> None:
    booked(story, story.between(60, 95) - CHECK_IN_GRACE)
    story.say("appointment.checked_in", story.between(200, 330))
    story.say("appointment.finished", story.between(400, 480))


def visit_called_off(story: Story) -> None:
    booked(story, story.between(200, 300))
    noted(
        story, "appointment.cancelled_by_customer", story.between(15, 60), "cancelled_by_customer"
    )


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


APPOINTMENTS: Mapping[str, Telling] = {
    "kept": visit_kept,
    "late": visit_late,
    "called_off": visit_called_off,
    "moved": visit_moved,
    "missed": visit_missed,
    "put_off": visit_put_off,
}
