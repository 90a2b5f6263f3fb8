"""Jobber: visits as they are created, completed and deleted.

A call names the visit by an id and says no more, so the reference is the number in it; when the visit
starts and whose it is has to come under the same reference another way: by the API, or a file.
"""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from connectors.listening import kit
from connectors.listening.kit import Subject, instant, told, words

WORDS = {"VISIT_CREATE": "booked", "VISIT_COMPLETE": "finished", "VISIT_DESTROY": "cancelled"}
EVENT = ("data", "webHookEvent")


class Config(kit.Config):
    secret: str = kit.secret("Client secret", "jobber-secret", "Developer Center, your app, OAuth")
    account: str = kit.setting(
        "Account",
        "MQ==",
        "Only what happens in this one; empty: in all that have the app",
        default="",
    )


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    event: Any = kit.dig(call.body, *EVENT)
    topic, item = words(event, "topic"), words(event, "itemId")
    if topic not in WORDS or not item:
        raise kit.SaysNothing(f"Nothing is read from “{topic[:60]}”; subscribe to visits.")
    if config.account and words(event, "accountId") != config.account:
        raise kit.SaysNothing("It happened in another account.")
    # Older receivers saw the name misspelt.
    at = words(event, "occurredAt") or words(event, "occuredAt")
    subject = Subject(reference=number_in(item))
    yield told(f"appointment.{WORDS[topic]}", f"{topic}:{item}:{at}", instant(at), subject)


def number_in(item: str) -> str:
    """2149513395 of the base64 of gid://Jobber/Visit/2149513395."""
    try:
        address = b64decode(item, validate=True).decode()
    except ValueError:
        return item
    return address.rpartition("/")[2] if address.startswith("gid://") else item


source = kit.Format(
    slug="jobber",
    name="Jobber",
    docs="https://developer.getjobber.com/docs/using_jobbers_api/setting_up_webhooks/",
    tells="Visits created, completed and deleted, by their number.",
    config=Config,
    proof=kit.Signature(header="X-Jobber-Hmac-SHA256", key=lambda c: c.secret, written="{base64}"),
    read=read,
    setup="Developer Center, your app, Webhooks: this address for VISIT_CREATE, VISIT_COMPLETE and "
    "VISIT_DESTROY. Jobber tells the number of a visit and no more: its time and customer come by the"
    " API or a file.",
    event_id=kit.of_parts(
        (*EVENT, "topic"), (*EVENT, "itemId"), (*EVENT, "occurredAt"), (*EVENT, "occuredAt")
    ),
)
