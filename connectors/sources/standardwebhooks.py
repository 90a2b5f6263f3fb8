"""Standard Webhooks: our own way in for systems that sign; the signals of the API, one or many.

``type`` is one of our types and ``timestamp`` when it happened; ``data`` holds the rest of the signal. A
list of signals, or a signal as it is posted to the API, is taken as well, alone or as ``data``.
"""

from collections.abc import Iterator
from typing import Any

from connectors import proofs
from connectors.listening import kit
from exceptions_app.errors import Refused
from exceptions_app.vocabulary import SubjectKind


class Config(kit.Config):
    secret: str = kit.signing_secret()


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    name, body = call.header("webhook-id"), call.body
    many = next((one for one in (body, *within(body)) if isinstance(one, list)), None)
    if many is not None:
        for number, one in enumerate(many, start=1):
            yield {"external_id": f"{name}:{number}", **one} if isinstance(one, dict) else one
    elif isinstance(body, dict) and ({"data", "subject"} & set(body) or is_ours(body)):
        given = {"type": body.get("type"), "occurred_at": body.get("timestamp")}
        whole = given | (body["data"] or {}) if "data" in body else body
        yield {"external_id": name, **whole}
    elif kit.words(body, "type"):
        raise kit.SaysNothing("There is neither data nor a signal in it.")
    else:
        raise Refused("There is neither data nor a signal in it.")


def is_ours(body: kit.Signal) -> bool:
    """Whether it means a signal, however little it says."""
    return kit.words(body, "type").partition(".")[0] in SubjectKind.values


def within(body: Any) -> list[Any]:
    return [kit.dig(body, "data"), kit.dig(body, "data", "signals"), kit.dig(body, "signals")]


source = kit.Format(
    slug="standardwebhooks",
    name="Standard Webhooks",
    docs="https://www.standardwebhooks.com/",
    tells="Whatever the API takes, from systems of your own.",
    config=Config,
    proof=proofs.standard_webhook(lambda c: c.secret),
    read=read,
    setup="Have your system sign with this secret, as any library of Standard Webhooks does, and POST "
    '{"type": "order.shipped", "timestamp": "…", "data": {"subject": {"reference": "1001"}}} to this '
    "address; a list of signals as data is taken, too. The webhook-id is the signal's own id unless "
    "it says one.",
    event_id=kit.of_header("webhook-id"),
    signed_at=lambda hook: hook.header("webhook-timestamp"),
    keeps=("webhook-id",),
    ours=True,
)
