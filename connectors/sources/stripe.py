"""Stripe: payments as they are requested, paid, failed and refunded.

The reference is the payment intent; the order is what the metadata call ``order``, ``order_id`` or
``order_number``.
"""

from collections.abc import Iterator
from typing import Any

from connectors.listening import kit, proving
from connectors.listening.kit import Subject, instant, told, words
from connectors.listening.money import amount

HEADER = "Stripe-Signature"
WORDS = kit.worded(
    requested="payment_intent.created",
    failed="payment_intent.payment_failed",
    paid="payment_intent.succeeded",
    refunded="charge.refunded",
)
ORDER = ("order", "order_id", "order_number")


class Config(kit.Config):
    secret: str = kit.secret("Signing secret", "whsec_example", "Of the endpoint: Reveal")


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    body = call.body
    kind, found = words(body, "type"), kit.dig(body, "data", "object")
    word = WORDS.get(kind)
    payment = words(found, "payment_intent") or words(found, "id")
    if word is None or not payment:
        raise kit.SaysNothing(f"Nothing is read from “{kind[:60]}”.")
    if found.get("refunded") is False and word == "refunded":
        raise kit.SaysNothing("Only a part of it was given back.")
    order = next(filter(None, (words(found, "metadata", name) for name in ORDER)), "")
    person: Any = kit.dig(found, "billing_details") or {}
    email = words(found, "receipt_email") or words(person, "email")
    method = words(found, "payment_method_types", 0)
    subject = Subject(
        reference=payment,
        label=words(found, "description"),
        # A charge says what it was for, and not how much was given back.
        value=amount(found.get("amount"), words(found, "currency")) if word != "refunded" else "",
        customer={"name": words(person, "name"), "email": email},
        attributes={"order": order.lstrip("#"), "method": method},
    )
    error: Any = kit.dig(found, "last_payment_error") or {}
    code = words(error, "decline_code") or words(error, "code")
    note = f"{words(error, 'message')} ({code})" if code else words(error, "message")
    at = instant(body.get("created"))
    yield told(f"payment.{word}", words(body, "id"), at, subject, note=note)


source = kit.Format(
    slug="stripe",
    name="Stripe",
    docs="https://docs.stripe.com/webhooks",
    tells="Payments requested, paid, failed and refunded.",
    config=Config,
    proof=proving.stamped(HEADER, lambda c: c.secret),
    read=read,
    setup="Developers, Webhooks, Add endpoint: this address, with the events payment_intent.created, "
    "payment_intent.succeeded, payment_intent.payment_failed and charge.refunded; then copy its "
    "signing secret.",
    event_id=kit.of_body("id"),
    signed_at=proving.stamp_in(HEADER),
)
