"""Any other JSON: an expression that was tried under Mappings makes signals of what a system posts (I3)."""

from collections.abc import Iterator

from connectors import proofs
from connectors.listening import kit
from exceptions_app.errors import Refused
from exceptions_app.intake.expressions import signals_of

EXAMPLE = (
    "{type: 'order.delivered', external_id: id, occurred_at: arrived, subject: {reference: number}}"
)


class Config(kit.Config):
    expression: str = kit.setting(
        "Expression",
        EXAMPLE,
        "JMESPath, as you tried it under Mappings; it makes signals of a body",
    )
    secret: str = kit.signing_secret()
    zone: str = kit.setting("Time zone", "Europe/Berlin", "Of times that name none", default="UTC")


def read(call: kit.Hook, config: Config) -> Iterator[kit.Signal]:
    signals = signals_of(config.expression, call.body, source="", zone=config.zone or "UTC")
    if not signals:
        raise kit.SaysNothing("The expression makes no signals of it.")
    if not all(isinstance(one, dict) for one in signals):
        raise Refused("The expression makes something else than signals of it.")
    for one in signals:
        one.pop("source", None)
        yield one


source = kit.Format(
    slug="mapped",
    name="Any other JSON",
    docs="https://jmespath.org/tutorial.html",
    tells="Whatever your expression makes of it, from any system that can sign what it posts.",
    config=Config,
    proof=proofs.standard_webhook(lambda c: c.secret),
    read=read,
    setup="Write the expression under Mappings and try it there on a sample. Then have the system sign as "
    "any library of Standard Webhooks does, and POST its JSON to this address. One that cannot sign posts "
    "to the address of the mapping instead, with a token.",
    event_id=kit.of_header("webhook-id"),
    signed_at=lambda hook: hook.header("webhook-timestamp"),
    ours=True,
)
