"""Our words as other platforms map and show them; there, what is closed or dismissed is resolved too."""

from connectors.snapshot import Snapshot

SEVERITIES = ("critical", "high", "medium", "low")
STATUSES = ("new", "acknowledged", "in_progress", "waiting", "resolved")

#: Of four names of theirs in one setting: where two are the same, the later of ours is meant.
ORDER = ("waiting", "new", "in_progress", "resolved")
FOUR_NAMES = r"[^,]+(,[^,]+){3}"


def readable(word: str) -> str:
    """One of our words as people read it in a field over there: ``In progress``."""
    return word.replace("_", " ").capitalize()


def status_in(text: object) -> str:
    """The other way round; what is closed or dismissed is resolved, and any other word none of ours."""
    word = str(text).strip().lower().replace(" ", "_")
    return "resolved" if word in {"closed", "dismissed"} else word if word in STATUSES else ""


def their_status(case: Snapshot, names: str) -> str:
    spelled = dict(zip(ORDER, names.split(","), strict=True))
    return spelled.get(case.status if case.is_open else "resolved", spelled["in_progress"])


def our_status(name: object, names: str) -> str:
    return dict(zip(names.split(","), ORDER, strict=True)).get(str(name), "")
