"""Rules about complaints: each opens a case, or joins the one about the same order or customer (T3)."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from exceptions_app.detection.rules.base import Common, Finding
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def by_repeats(facts: Facts) -> Severity:
    return Severity.HIGH if "repeated" in facts.reports else Severity.MEDIUM


def key_of(facts: Facts) -> str:
    """What it is about, else whom it is from, else only itself; contacts do not show in it."""
    if about := str(facts.attributes.get("about") or "").strip():
        return f"complaint:about:{about.upper()}"
    phone = "".join(filter(str.isdigit, facts.customer.get("phone", "")))
    if contact := facts.customer.get("email", "").strip().lower() or phone:
        return f"complaint:from:{blake2b(contact.encode(), digest_size=12).hexdigest()}"
    return f"complaint:{facts.reference}"


@dataclass(frozen=True, kw_only=True)
class Complained(Common):
    """Somebody complained, or complained again, and it is not settled."""

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None:
            return None
        said = (facts.reached("received"), facts.reported("repeated"))
        return max((at for at in said if at is not None), default=None)

    def finding(self, facts: Facts, since: datetime) -> Finding:
        return replace(super().finding(facts, since), key=key_of(facts))


RULES = (
    Complained(
        slug="complaint.received",
        kind=SubjectKind.COMPLAINT,
        exception_type=ExceptionType.COMPLAINT,
        title="Complaint of {customer}: {name}",
        team="support",
        severity=by_repeats,
    ),
)
