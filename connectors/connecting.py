"""Setting a connection up: what its settings will be, and trying it."""

from collections.abc import Mapping
from typing import Any

from connectors import worker
from connectors.registry import BY_SLUG
from connectors.worker import Probed
from exceptions_app.models import Connection
from exceptions_app.outbox import gates


def settled(platform: str, given: Mapping[str, Any], sealed: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a connection as they will be sealed."""
    found: dict[str, Any] = BY_SLUG[platform].config.settled(given, sealed)
    return found


def tried(connection: Connection) -> Probed:
    """Ask something harmless; if the platform answers, its circuit need not stay open."""
    probed = worker.probe(connection)
    if probed.ok and probed.request:
        gates.note_answer(connection.pk)
    return probed
