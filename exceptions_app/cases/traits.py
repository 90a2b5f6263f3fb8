"""What a case may have in common with others: its carrier, lane, source and site."""

from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import Shared

LONGEST = 200


def traits_of(subject: Subject) -> list[str]:
    """Such as carrier:DHL; the closest things to have in common come first."""
    known = subject.attributes
    ends = (known.get("origin"), known.get("destination"))
    values = {
        Shared.CARRIER: known.get("carrier"),
        Shared.LANE: " → ".join(ends) if all(ends) else None,
        Shared.SOURCE: subject.source_id,
        Shared.SITE: subject.site_id,
    }
    return [f"{shared.value}:{value}"[:LONGEST] for shared, value in values.items() if value]
