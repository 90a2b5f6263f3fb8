"""CloudEvents 1.0: any system that speaks them, one event or a batch.

The last two words of ``type`` are one of our types (``com.acme.order.shipped``), ``subject`` is the
reference, ``time`` when it happened, and ``data`` may hold ``subject``, ``milestones``, ``promise`` and
``note`` as the API takes them. CloudEvents sign nothing themselves: calls carry the headers of Standard
Webhooks, or a token.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import unquote

from connectors import proofs
from connectors.listening import kit
from connectors.listening.kit import instant, words
from exceptions_app.errors import Refused
from exceptions_app.vocabulary import SubjectKind

ATTRIBUTES = ("id", "source", "type", "specversion", "time", "subject")
WITHIN = ("milestones", "promise", "note")
SIGNED = proofs.standard_webhook(lambda c: c.secret)
BEARER = kit.Shared[Any](header="Authorization", key=lambda c: f"Bearer {c.secret}")


class Config(kit.Config):
    proof: Literal["signature", "token"] = kit.setting(
        "Proof", help="Standard Webhooks headers, or Authorization: Bearer", default="signature"
    )
    secret: str = kit.signing_secret("Secret", "whsec_ and base64, or the token", kit.LONG)


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    """In binary mode the attributes are headers, which a signature does not cover."""
    if call.header("ce-type") and config.proof == "signature":
        raise Refused("No signature covers the headers of binary mode; send structured events.")
    given: Any = call.body
    if call.header("ce-type"):
        named = {name: unquote(call.header(f"ce-{name}")) for name in ATTRIBUTES}
        given = named | {"data": given}
    events = given if isinstance(given, list) else [given]
    ours = [one for one in events if ours_of(one)]
    if not ours:
        raise kit.SaysNothing(unread(events))
    for event in ours:
        carried = event.get("data") or kit.unpacked(event.get("data_base64"))
        data: Any = carried if isinstance(carried, dict) else {}
        about, name = data.get("subject") or {}, words(event, "id")
        reference = {"reference": words(event, "subject")} if words(event, "subject") else {}
        yield {
            # What has no id is refused, and not taken for another that has none.
            "external_id": kit.named(f"{words(event, 'source')}#{name}") if name else "",
            "type": ours_of(event),
            "occurred_at": instant(event.get("time")),
            "subject": {**reference, **about} if isinstance(about, dict) else about,
            **{name: data[name] for name in WITHIN if name in data},
        }


def ours_of(event: Any) -> str:
    """``order.shipped`` of ``com.acme.order.shipped.v2``."""
    found = re.search(r"(?:^|\.)([a-z_]+)\.([a-z_]+)(\.v\d+)?$", words(event, "type"))
    spoken = words(event, "specversion") == "1.0" and found and found[1] in SubjectKind.values
    return f"{found[1]}.{found[2]}" if spoken and found else ""


def unread(events: list[Any]) -> str:
    version = words(events, 0, "specversion")
    if version != "1.0":
        return f"It is of CloudEvents “{version[:20]}”; 1.0 is read." if events else "It is empty."
    return f"“{words(events, 0, 'type')[:60]}” ends in none of our types."


def event_id(hook: kit.Hook) -> str:
    """In binary mode the body may be that of another event; what names it is in the headers."""
    event = f"{hook.header('ce-source')}#{hook.header('ce-id')}" if hook.header("ce-id") else ""
    return hook.header("webhook-id") or kit.named(event) or kit.of_header("webhook-id")(hook)


def greet(hook: kit.Hook, config: Config) -> kit.Said | None:
    """Whoever asks first whether they may send here is told so; what they send has to be proven anyway."""
    if hook.method != "OPTIONS" or not hook.header("WebHook-Request-Origin"):
        return None
    allowed = {"WebHook-Allowed-Origin": hook.header("WebHook-Request-Origin")}
    return kit.Said(headers=allowed | {"WebHook-Allowed-Rate": "*", "Allow": "POST"})


source = kit.Format(
    slug="cloudevents",
    name="CloudEvents",
    docs="https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md",
    tells="Whatever the API takes, as events whose type ends in one of our types.",
    config=Config,
    proof=kit.Proof(
        problem=lambda hook, c: (SIGNED if c.proof == "signature" else BEARER).problem(hook, c),
        sign=lambda hook, c: (SIGNED if c.proof == "signature" else BEARER).sign(hook, c),
        timestamp="webhook-timestamp",
    ),
    read=read,
    setup="Have the sender POST application/cloudevents+json to this address, signed as Standard Webhooks "
    "are with this secret, or with it as a token. Every event needs a time and, as its subject, the "
    "reference.",
    event_id=event_id,
    signed_at=lambda hook: (
        hook.header("webhook-timestamp") if hook.header("webhook-signature") else ""
    ),
    keeps=("content-type", *(f"ce-{name}" for name in ATTRIBUTES)),
    handshake=greet,
    ours=True,
)
