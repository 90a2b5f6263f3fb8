"""An entry of the timeline as one English sentence, for linked tickets."""

from collections.abc import Callable, Mapping
from typing import Any

from exceptions_app.timeline.models import Entry

WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "case.opened": lambda data: "",
    "case.acknowledged": lambda data: "acknowledged the case.",
    "case.assigned": lambda data: f"assigned the case to {data['to_name']}.{note(data)}",
    "case.claimed": lambda data: "took the case.",
    "case.released": lambda data: "released the case; it has no owner now.",
    "case.started": lambda data: "started work.",
    "case.waiting": lambda data: f"is waiting for {data['waiting_for']}.",
    "case.resumed": lambda data: "resumed work.",
    "case.severity_raised": lambda data: (
        f"raised the severity from {data['before']} to {data['after']}."
    ),
    "case.severity_lowered": lambda data: (
        f"lowered the severity from {data['before']} to {data['after']}."
    ),
    "clock.breached": lambda data: f"The target to {data['target'].replace('_', ' ')} was missed.",
    "case.commented": lambda data: f"wrote: {data['text']}",
    "case.resolved": lambda data: (
        f"resolved the case. Cause: {data['cause']}. {data.get('text', '')}".strip()
    ),
    "case.dismissed": lambda data: f"dismissed the case: {data['reason']}",
    "case.split": lambda data: "",
    "case.cleared": lambda data: "",
    "case.reopened": lambda data: f"reopened the case: {data['reason']}",
}
#: Entries that are a whole sentence without a name before them.
NAMELESS = frozenset({"clock.breached", "case.opened", "case.split", "case.cleared"})


def note(data: Mapping[str, Any]) -> str:
    return f" {data['note']}" if data.get("note") else ""


def sentence(entry: Entry) -> str:
    words = WORDS[entry.verb](entry.data)
    return words if entry.verb in NAMELESS else f"{entry.actor_name} {words}"
