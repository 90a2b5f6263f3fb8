"""How a delivery stands, in words that say what to do."""

from datetime import datetime

from dashboards.viewing import Viewer
from dashboards.wording import named, shown
from exceptions_app.outbox.queries import DeliveryRow
from exceptions_app.vocabulary import DeliveryState

#: The mood of a state, as the classes of tags have it.
MOODS = {
    DeliveryState.SENT: "kept",
    DeliveryState.DEAD: "failed",
    DeliveryState.UNCERTAIN: "failed",
}


def standing(row: DeliveryRow, seen: Viewer, *, behind: bool) -> str:
    """Such as: waiting, next try today 14:05."""
    done = f" {told(row.done_at, seen)}" if row.done_at else ""
    if row.state == DeliveryState.WAITING:
        return f"waiting, {waiting_for(row, seen, behind=behind)}"
    words = {
        DeliveryState.SENDING: "being sent now",
        DeliveryState.SENT: f"sent{done}{tries(row)}",
        DeliveryState.DEAD: f"dead: {row.reason or 'it will not succeed by itself.'}",
        DeliveryState.UNCERTAIN: f"uncertain: {row.reason or 'nobody knows whether it arrived.'}",
        DeliveryState.SUPERSEDED: f"not needed any more: {row.reason}",
        DeliveryState.SKIPPED: f"skipped{done}: {row.reason}",
    }
    return words[row.state].rstrip(": ")


def told(at: datetime, seen: Viewer) -> str:
    return f"{shown(at, now=seen.now, zone=seen.zone)}{named(at, zone=seen.zone, own=seen.own)}"


def waiting_for(row: DeliveryRow, seen: Viewer, *, behind: bool) -> str:
    if not row.enabled:
        return f"and {row.connection} is switched off"
    if behind:
        return f"in line behind an earlier one to {row.connection}"
    if row.due_at > seen.now:
        return f"next try {told(row.due_at, seen)}"
    return "due now"


def tries(row: DeliveryRow) -> str:
    return f", after {row.attempts} tries" if row.attempts > 1 else ""


def advice(row: DeliveryRow) -> str:
    """What a person can do about it; nothing where nothing is wrong."""
    match row.state:
        case DeliveryState.DEAD:
            return (
                f"It will not be tried again by itself. Mend what {row.connection} refuses, then resend; "
                "or skip it if nobody needs it any more."
            )
        case DeliveryState.UNCERTAIN:
            return f"Look in {row.connection} whether it arrived. Say so if it did; resend it if it did not."
        case DeliveryState.WAITING if not row.enabled:
            return f"Switch {row.connection} on again, and it goes by itself."
        case DeliveryState.WAITING if row.attempts:
            return "It is tried again by itself; nothing needs to be done."
        case _:
            return ""
