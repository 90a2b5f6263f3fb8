"""The receipt of a post: the outcome of each item, and what became of each finding about its subject."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from exceptions_app.detection.raising import Raised
from exceptions_app.intake.items import Item, Placed
from exceptions_app.subjects.models import Receipt
from exceptions_app.vocabulary import Outcome
from exceptions_app.writing import insert

RECEIPT = (
    "id", "received_at", "actor_name", "actor_id", *Outcome.values, "items", "policy", "history",
)  # fmt: skip


def conclude(
    receipt: Receipt, items: Sequence[Item], fresh: Iterable[Placed], raised: Iterable[Raised]
) -> None:
    """Write the receipt: per item the outcome, and what became of each finding about its subject."""
    lines: dict[int, list[dict[str, str]]] = defaultdict(list)
    cases: dict[int, list[str]] = defaultdict(list)
    for one in raised:
        case = str(one.case) if one.case else ""
        lines[one.subject_id].append(
            {"rule": one.finding.rule, "became": one.became, "case": case, "why": one.why}
        )
        if one.told:
            cases[one.subject_id].append(f"{one.became} {case}")
    for placed in fresh:
        placed.item.cases = cases.get(placed.subject_id, [])
        placed.item.found = lines.get(placed.subject_id, [])
    counts = Counter(item.outcome for item in items)
    for outcome in Outcome:
        setattr(receipt, outcome.value, counts[outcome])
    receipt.items = [item.line() for item in items]
    insert([receipt], RECEIPT, returning="")
