"""Rules about complaints: each is a case, and whoever complains again about the same joins it (T3)."""

from dataclasses import dataclass
from hashlib import blake2b

from exceptions_app.detection.rules.base import Common, Reported
from exceptions_app.detection.rules.behind import Behind, settles
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


def by_tier_and_repeats(facts: Facts) -> Severity:
    repeated = facts.reports.get("repeated")
    often = repeated is not None and repeated.times > 1
    return Severity.HIGH if facts.tier == "gold" or often else Severity.MEDIUM


@dataclass(frozen=True, kw_only=True)
class AboutOneThing(Common):
    """Complaints about the same thing meet in one case; without such a thing, those of one customer."""

    def key(self, facts: Facts) -> str:
        about = str(facts.attributes.get("about") or "").strip().upper()
        phone = "".join(filter(str.isdigit, facts.customer.get("phone", "")))
        contact = facts.customer.get("email", "").strip().lower() or phone
        which = about[:80] or (hidden(contact) if contact else facts.reference)
        return f"{facts.kind}:{which}:{self.about}"


@dataclass(frozen=True, kw_only=True)
class Complained(AboutOneThing, Reported):
    """Somebody complained, and nobody has settled it."""


@dataclass(frozen=True, kw_only=True)
class Unsettled(AboutOneThing, Behind):
    """Nobody has answered, or settled it, in time."""


def hidden(contact: str) -> str:
    """The same for the same contact, and nothing that tells it."""
    return f"from {blake2b(contact.encode(), digest_size=12).hexdigest()}"


RULES = (
    Complained(
        slug="complaint.received",
        kind=SubjectKind.COMPLAINT,
        exception_type=ExceptionType.COMPLAINT,
        words=("received", "repeated"),
        unless=("settled", "withdrawn"),
        title="{customer} complains: {name}",
        team="support",
        severity=by_tier_and_repeats,
        about="received",
    ),
    Unsettled(
        slug="complaint.behind",
        kind=SubjectKind.COMPLAINT,
        exception_type=ExceptionType.COMPLAINT,
        milestones=("answered", "settled"),
        title="Complaint {name} of {customer}: not yet {what}",
        team="support",
        about="received",
        settles=settles,
        off=True,
    ),
)
