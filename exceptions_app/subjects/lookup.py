"""Finding a subject while somebody types: by how a number begins anywhere, by all else among the newest."""

import re
from dataclasses import dataclass

from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Upper
from django.db.models.lookups import Contains, StartsWith

from exceptions_app.folding import Folded, folded
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.attributes import IDENTIFYING
from exceptions_app.subjects.models import Subject
from exceptions_app.subjects.resolving import SEVERAL
from exceptions_app.vocabulary import SubjectKind

SHOWN = 8
#: Names and parts of numbers have no index; so many of the newest subjects are read through for them.
NEWEST_READ = 5_000
#: What looks like a number of its own: a VIN, a stock or a tracking number; so many are found of each.
SHORTEST_NUMBER, LONGEST_NUMBER, IDENTIFIED = 4, 40, 50
#: Digits of a telephone number.
TELEPHONE = 5


@dataclass(frozen=True, slots=True)
class SubjectChoice:
    """A subject to choose."""

    id: int
    kind: str
    reference: str
    label: str
    customer: str
    site_id: int
    site: str


def subjects_like(words: str, *, by: Actor) -> list[SubjectChoice]:
    """The subjects whose reference begins so, then newer ones that are recognised by it."""
    asked = words.strip()[:80]
    if len(asked) < 2:
        return []
    mine = access.visible(Subject.objects.all(), by)
    begins = Q()
    for spelling in {asked, asked.upper(), asked.lower()}:
        begins |= Q(reference__startswith=spelling)
    ids = list(mine.filter(begins).order_by("reference").values_list("pk", flat=True)[:SHOWN])
    if len(ids) < SHOWN:
        recent = mine.order_by("-last_signal_at", "-id").values("pk")[:NEWEST_READ]
        known = Subject.objects.filter(recognised(asked), pk__in=recent).exclude(pk__in=ids)
        ids += known.order_by("-last_signal_at", "-id").values_list("pk", flat=True)[
            : SHOWN - len(ids)
        ]
    found = {
        subject.pk: subject for subject in Subject.objects.filter(pk__in=ids).select_related("site")
    }
    return [choice_of(found[pk]) for pk in ids]


def recognised(asked: str) -> Q:
    """Every word is somewhere in reference, name, customer or numbers; or it is the telephone's digits."""
    found = Q(*(Q(Contains(SAID, word)) for word in folded(asked).split()))
    digits = re.sub(r"\D", "", asked).lstrip("0")  # a country's code may stand before them
    if len(digits) >= TELEPHONE and not re.search(r"[^\W\d_]", asked):
        found |= Q(Contains(only("0-9", KeyTextTransform("phone", "customer")), digits))
    return found


def only(letters: str, text: Func | KeyTextTransform | F) -> Func:
    template = f"regexp_replace(%(expressions)s, '[^{letters}]', '', 'g')"
    return Func(text, template=template, output_field=TextField())


SAID = Folded(
    F("reference"),
    only("[:alnum:]", F("reference")),
    F("label"),
    KeyTextTransform("name", "customer"),
    *(KeyTextTransform(name, "attributes") for name in IDENTIFYING),
)


def newest_like(asked: str, newest: QuerySet[Subject], limit: int = IDENTIFIED) -> list[int]:
    """The ids of those of the newest of these that are recognised by it, the newest first."""
    read = newest.order_by("-pk").values("pk")[:NEWEST_READ]
    found = Subject.objects.filter(recognised(asked), pk__in=read).order_by("-pk")
    return list(found.values_list("pk", flat=True)[:limit])


def identified_by(words: str) -> list[int]:
    """The ids of subjects with a VIN, or another number of their own, that begins so; at anybody's site.

    One parcel of several is found by its whole number.
    """
    asked = words.strip().upper()
    if not SHORTEST_NUMBER <= len(asked) <= LONGEST_NUMBER or asked.isalpha():
        return []
    ways = [
        Subject.objects.filter(
            StartsWith(Upper(KeyTextTransform(name, "attributes")), asked),
            attributes__has_key=name,
        )
        .order_by()
        .values_list("pk", flat=True)[:IDENTIFIED]
        for name in IDENTIFYING
    ]
    parcels = Subject.objects.filter(
        SEVERAL, particulars__parcels__has_any_keys=[asked, words.strip()]
    )
    several = parcels.order_by().values_list("pk", flat=True)[:IDENTIFIED]
    return sorted(set(several.union(*ways)))


def choice_of(subject: Subject) -> SubjectChoice:
    return SubjectChoice(
        subject.pk,
        str(SubjectKind(subject.kind).label),
        subject.reference,
        subject.label,
        str(subject.customer.get("name", "")),
        subject.site_id,
        subject.site.name,
    )
