"""Four names of theirs for what we call waiting, new, in progress and resolved, as one setting."""

from connectors.snapshot import Snapshot

#: Where two of theirs are the same, the later of ours is meant.
ORDER = ("waiting", "new", "in_progress", "resolved")
FOUR_NAMES = r"[^,]+(,[^,]+){3}"


def their_status(case: Snapshot, names: str) -> str:
    spelled = dict(zip(ORDER, names.split(","), strict=True))
    return spelled.get(case.status if case.is_open else "resolved", spelled["in_progress"])


def our_status(name: object, names: str) -> str:
    return dict(zip(names.split(","), ORDER, strict=True)).get(str(name), "")
