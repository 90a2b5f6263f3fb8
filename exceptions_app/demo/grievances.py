"""What customers of the demo complain about by the public form and the API; told once, by its keys."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from exceptions_app.complaints.models import Complaint
from exceptions_app.complaints.receiving import FORM, FORM_SOURCE, Told, receive
from exceptions_app.people.models import Site


@dataclass(frozen=True)
class Grievance:
    """Where, how long ago, in whose words; ``doubt`` is why it may be no person's."""

    site: str
    ago: timedelta
    language: str
    name: str
    email: str
    text: str
    reference: str = ""
    doubt: str = ""


MINUTE = timedelta(minutes=1)

GRIEVANCES = (
    Grievance(
        "lumen-oak", 12 * MINUTE, "de", "Jürgen Weiß", "j.weiss@example.com",
        "Meine Bestellung ist immer noch nicht da, sie war für Mittwoch zugesagt. Was ist los?",
        "LO-20177",
    ),
    Grievance(
        "lumen-oak", 47 * MINUTE, "pt", "Inês Carvalho", "ines@example.com",
        "A cadeira chegou com um pé quebrado e a caixa estava amassada.", "LO-20154",
    ),
    Grievance(
        "kestrel-2", 95 * MINUTE, "en", "Dana Whitfield", "dana@example.com",
        "The technician was due between nine and eleven and nobody came. I took the day off.",
    ),
    Grievance(
        "harbour-city", 150 * MINUTE, "es", "Marta Ruiz", "marta@example.com",
        "Me entregaron el coche sucio y con un arañazo en la puerta.",
    ),
    Grievance(
        "harbour-north", 200 * MINUTE, "en", "Owen Price", "owen@example.com",
        "You charged my card twice for the same invoice and nobody answers the phone.",
    ),
    Grievance(
        "lumen-oak", 31 * MINUTE, "en", "Best Deals", "deals@example.com",
        "Cheap followers https://a.example https://b.example https://c.example",
        doubt="carries 3 links",
    ),
)  # fmt: skip


def complain(at: datetime) -> None:
    """Let each be told if it was not; nothing of it goes to a platform before somebody works it."""
    sites = {site.slug: site for site in Site.objects.all()}
    known = set(Complaint.objects.values_list("key", flat=True))
    for number, one in enumerate(GRIEVANCES):
        key = f"demo-grievance-{number}"
        if key in known:
            continue
        with transaction.atomic():
            receive(
                Told(
                    site=sites[one.site],
                    text=one.text,
                    channel="form",
                    key=key,
                    language=one.language,
                    name=one.name,
                    email=one.email,
                    reference=one.reference,
                    suspicion=one.doubt,
                ),
                by=FORM,
                at=at - one.ago,
                source=FORM_SOURCE,
            )
