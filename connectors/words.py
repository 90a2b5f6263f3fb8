"""Our words as other platforms map and show them; there, what is closed or dismissed is resolved too."""

SEVERITIES = ("critical", "high", "medium", "low")
STATUSES = ("new", "acknowledged", "in_progress", "waiting", "resolved")


def readable(word: str) -> str:
    """One of our words as people read it in a field over there: ``In progress``."""
    return word.replace("_", " ").capitalize()


def status_in(text: object) -> str:
    """The other way round; what is closed or dismissed is resolved, and any other word none of ours."""
    word = str(text).strip().lower().replace(" ", "_")
    return "resolved" if word in {"closed", "dismissed"} else word if word in STATUSES else ""
