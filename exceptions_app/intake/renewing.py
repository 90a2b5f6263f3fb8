"""What an export tells otherwise than the one before it: said by it, now, as an update of the subject (I4).

The rows of each night's export go by the same names, as an export knows nothing of the one before. What was
said of a row last is in the name of its last update: its number, and what tells its content.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from exceptions_app.intake.digests import digest
from exceptions_app.intake.shape import TYPES
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.models import Receipt, Signal
from exceptions_app.vocabulary import REPEATED, Outcome

CARRIED = ("source", "subject", "promise", "note")
MARK, NAME, CONTENT = "~", 95, 8
UPDATE = rf"{MARK}\d{{1,9}}{MARK}[0-9a-f]{{{CONTENT}}}$"


class Renewed(NamedTuple):
    """The updates to be sent by the place of their row, and the places of those that say nothing new."""

    updates: Mapping[int, dict[str, Any]]
    known: Collection[int]


def renewed(sent: Sequence[Mapping[str, Any]], receipt: Receipt, *, at: datetime) -> Renewed:
    """What to say of the rows that were sent under a name that was known; one query."""
    times = Counter(signal["external_id"] for signal in sent)
    repeated = {
        line["index"]: line["outcome"]
        for line in receipt.items
        # Two rows of one name in the same file are a mistake in the file, and told as such.
        if line["outcome"] in REPEATED and times[sent[line["index"]]["external_id"]] == 1
    }
    last = last_said([sent[place] for place in repeated])
    updates, known = dict[int, dict[str, Any]](), set[int]()
    for place, outcome in repeated.items():
        content = content_of(sent[place])
        name, told = sent[place]["external_id"][:NAME], digest(content)[:CONTENT]
        number, before = last.get(name, (0, told if outcome == Outcome.DUPLICATE else ""))
        if told == before:
            known.add(place)
            continue
        named = MARK.join((name, str(number + 1), told))
        updates[place] = {**content, "external_id": named, "occurred_at": at.isoformat()}
    return Renewed(updates, known | updates.keys())


def content_of(signal: Mapping[str, Any]) -> dict[str, Any]:
    """All that a row says, without when it is said: the moment it is about is that of its milestone."""
    kind, word = TYPES[signal["type"]]
    steps = dict(signal.get("milestones") or {})
    if word in JOURNEYS[kind].milestones:
        steps[word] = {**steps.get(word, {}), "actual_at": signal["occurred_at"]}
    told = {name: signal[name] for name in CARRIED if name in signal}
    return {**told, "type": f"{kind.value}.updated", **({"milestones": steps} if steps else {})}


def last_said(signals: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, str]]:
    """By the name of each row the number of its last update, and what tells its content."""
    if not signals:
        return {}
    source = signals[0]["source"]
    named = Signal.objects.filter(
        source__slug=source, external_id__in=[signal["external_id"] for signal in signals]
    )
    updates = Signal.objects.filter(
        subject__in=named.values("subject"),
        source__slug=source,
        type__endswith=".updated",
        external_id__regex=UPDATE,
    )
    found = {}
    for name in updates.order_by("pk").values_list("external_id", flat=True):
        row, number, told = name.rsplit(MARK, 2)
        found[row] = int(number), told
    return found
