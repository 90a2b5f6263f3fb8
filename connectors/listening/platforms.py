"""What platforms call for, as the page of a connection shows it: what is lacking, and the newest calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from connectors.hooks import Hook
from connectors.models import HookCall
from connectors.registry import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.models import Connection

CALLS_SHOWN = 10
STATES = HookCall.State
#: How each stands: the mood that it is drawn in, and a word.
STANDS = {
    STATES.WAITING: ("waiting", "waits"),
    STATES.HELD: ("waiting", "waits"),
    STATES.DONE: ("sent", "taken in"),
    STATES.NOTHING: ("none", "nothing to do"),
    STATES.CONFLICT: ("dead", "conflict"),
    STATES.REFUSED: ("dead", "refused"),
}


@dataclass(frozen=True, slots=True)
class PlatformCallRow:
    """One call, and the case that it was about; what was sent stays unread, since it may carry secrets."""

    mood: str
    label: str
    outcome: str
    at: datetime
    case_id: int | None
    case: str
    conflict: bool


def newest(connection_id: int) -> list[PlatformCallRow]:
    """The last calls, in one statement."""
    rows = HookCall.objects.filter(connection=connection_id).select_related("case")
    found = rows.defer("body", "headers", "proofs").order_by("-pk")[:CALLS_SHOWN]
    return [
        PlatformCallRow(
            *STANDS[STATES(call.state)],
            call.outcome or "A worker takes it in.",
            call.at,
            call.case_id,
            str(call.case or ""),
            call.state == STATES.CONFLICT,
        )
        for call in found
    ]


class Watched:
    """Settings that remember which of them were asked for."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self.asked: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        self.asked[name] = getattr(self._config, name)
        return self.asked[name]


def lacking(connection: Connection) -> str:
    """The secret without which no call of its platform can be believed, by its label; or nothing."""
    connector = BY_SLUG.get(connection.platform)
    if connector is None or connector.inbound is None:
        return ""
    try:
        config = Watched(connector.config.read(connection.settings, sealed=True))
    except Refused:
        return ""
    connector.inbound.proof.problem(Hook("", b"", timezone.now()), config)
    if any(config.asked.values()):
        return ""
    secrets = (one for one in connector.config.schema() if one.secret)
    return next((one.label for one in secrets if one.name in config.asked), "")
