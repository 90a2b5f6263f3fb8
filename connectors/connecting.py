"""Setting a connection up: what its settings will be, and trying it."""

from collections.abc import Mapping
from typing import Any

from connectors import worker
from connectors.registry import BY_SLUG
from connectors.worker import Probed
from exceptions_app.models import Connection
from exceptions_app.outbox import gates


def settled(platform: str, given: Mapping[str, Any], sealed: Mapping[str, Any]) -> dict[str, Any]:
    """The settings as they will be sealed: a secret that is not given stays as it is.

    Refused with what is wrong with each; a number or a tick is expected as one.
    """
    config = BY_SLUG[platform].config
    kept = {each.name: sealed.get(each.name) for each in config.schema() if each.secret}
    wanted = {**given, **{name: given.get(name) or one for name, one in kept.items()}}
    filled = {name: value for name, value in wanted.items() if value not in ("", None)}
    config.read(filled)
    return filled


def tried(connection: Connection) -> Probed:
    """Ask something harmless; if the platform answers, its circuit need not stay open."""
    probed = worker.probe(connection)
    if probed.ok and probed.request:
        gates.note_answer(connection.pk)
    return probed
