"""Our words as other platforms map and show them; there, what is closed or dismissed is resolved too."""

from connectors.snapshot import Snapshot

SEVERITIES = ("critical", "high", "medium", "low")
STATUSES = ("new", "acknowledged", "in_progress", "waiting", "resolved")

#: Of four names of theirs in one setting.
ORDER = ("waiting", "new", "in_progress", "resolved")
#: What is said instead of these where waiting has the same name.
WIDER = {"new": "open", "in_progress": "under_way"}
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
    """Of two of ours under one name of theirs the later is meant, and waiting may be."""
    given = names.split(",")
    meant = dict(zip(given, ORDER, strict=True)).get(str(name), "")
    return WIDER.get(meant, meant) if name == given[0] else meant
