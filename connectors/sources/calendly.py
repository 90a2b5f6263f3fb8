"""Calendly: appointments as they are booked, moved, cancelled and missed.

A move comes as a cancellation and a new booking that names the old one; only the booking counts, and the
appointment keeps the reference that it began with.
"""

from collections.abc import Iterator
from typing import Any

from connectors.listening import kit, proving
from connectors.listening.kit import Sought, Subject, instant, told, words

HEADER = "Calendly-Webhook-Signature"
CANCELLED = {"invitee": "cancelled_by_customer", "host": "cancelled"}


class Config(kit.Config):
    secret: str = kit.secret("Signing key", "calendly-signing-key", "Your choice", pattern=kit.LONG)


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    body = call.body
    event, said = words(body, "event"), kit.dig(body, "payload")
    person = last(words(said, "invitee", "uri") or words(said, "invitee") or words(said, "uri"))
    if event == "invitee.created":
        yield booked(body, said, person)
    elif event == "invitee.canceled" and said.get("rescheduled") is not True:
        gone: Any = said.get("cancellation") or {}
        at = instant(gone.get("created_at") or body.get("created_at"))
        word = CANCELLED.get(words(gone, "canceler_type"), "cancelled")
        note = words(gone, "reason")
        yield told(f"appointment.{word}", f"{person}:canceled", at, same(person), note=note)
    elif event == "invitee_no_show.created":
        at = instant(body.get("created_at"))
        yield told("appointment.no_show", f"{person}:no-show", at, same(person))
    else:
        raise kit.SaysNothing(
            f"“{event[:60]}” says nothing new; of a move, the new booking tells it."
        )


def booked(body: Any, said: Any, person: str) -> kit.Signal:
    """``rescheduled`` where it takes the place of an old one."""
    before, meeting = last(words(said, "old_invitee")), said.get("scheduled_event") or {}
    starts, what = instant(meeting.get("start_time")), words(meeting, "name")
    who = words(meeting, "event_memberships", 0, "user_name")
    host = who or words(meeting, "event_memberships", 0, "user_email")
    name, phone = words(said, "name"), words(said, "text_reminder_number")
    facts = Subject(
        reference=Sought(person, signal=before) if before else person,
        label=what and f"{what} with {name}",
        customer={"name": name, "email": words(said, "email"), "phone": phone},
        attributes={
            "service": what,
            "technician": host,
            "address": words(meeting, "location", "location"),
        },
    )
    word, at = "rescheduled" if before else "booked", said.get("created_at") or body["created_at"]
    start: kit.Signal = {"checked_in": {"expected_at": starts}} if starts else {}
    return told(
        f"appointment.{word}", person, instant(at), facts, promised_at=starts, milestones=start
    )


def same(person: str) -> Subject:
    """What the booking of this invitee was about."""
    return Subject(reference=Sought(person, signal=person))


def last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


source = kit.Format(
    slug="calendly",
    name="Calendly",
    docs="https://developer.calendly.com/api-docs/webhook-subscriptions",
    tells="Appointments booked, moved, cancelled and missed.",
    config=Config,
    proof=proving.stamped(HEADER, lambda c: c.secret),
    read=read,
    setup="POST /webhook_subscriptions with this address as url, the events invitee.created, "
    "invitee.canceled and invitee_no_show.created, your organization, and as signing_key what is "
    "filled in here. Needs a paid plan.",
    event_id=kit.of_parts(("event",), ("payload", "uri"), ("created_at",)),
    signed_at=proving.stamp_in(HEADER),
)
