"""Which subject a text is about: looked up by what it names, where the asker may look, and ranked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower

from exceptions_app.complaints.naming import PHONE_TAIL, Named, tail
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.lookup import NEWEST_READ
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import SubjectKind

SHOWN = 4
READ = 40
#: How much each kind of hint says; a subject that two hints point to comes before others.
REFERENCE, VIN, TRACKING, EMAIL, PHONE, PLATE, NAME = 100, 95, 95, 70, 65, 60, 40
#: From here on it is the subject and not only one of the same customer.
SURE = 95


@dataclass(frozen=True, slots=True)
class Guess:
    """A subject that may be meant, how strongly the text points to it, and by what."""

    id: int
    kind: str
    reference: str
    label: str
    customer: str
    score: int
    because: str
    promised_at: datetime | None
    ended_at: datetime | None

    @property
    def sure(self) -> bool:
        return self.score >= SURE


def guesses(what: Named, *, by: Actor, site_id: int | None = None) -> tuple[Guess, ...]:
    """The likeliest subjects, at most four, in two statements whatever is named."""
    if not what:
        return ()
    mine = access.visible(Subject.objects.exclude(kind=SubjectKind.COMPLAINT), by)
    if site_id is not None:
        mine = mine.filter(site=site_id)
    found = {row.pk: row for row in (*by_reference(mine, what), *among_newest(mine, what))}
    ranked = [guess for row in found.values() if (guess := guessed(row, what)).score]
    open_first = sorted(ranked, key=lambda one: (-one.score, one.ended_at is not None, -one.id))
    return tuple(open_first[:SHOWN])


def by_reference(mine: QuerySet[Subject], what: Named) -> QuerySet[Subject]:
    spellings = {form for one in what.references for form in (one, one.upper(), one.lower())}
    return mine.filter(reference__in=sorted(spellings)).order_by()[:READ]


def among_newest(mine: QuerySet[Subject], what: Named) -> QuerySet[Subject]:
    """What has no index of its own is looked for among the newest subjects."""
    recent = mine.order_by("-last_signal_at", "-id").values("pk")[:NEWEST_READ]
    digits = Func(
        KeyTextTransform("phone", "customer"),
        Value(r"\D"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )
    rows = Subject.objects.filter(pk__in=recent).annotate(
        its_email=Lower(KeyTextTransform("email", "customer")),
        its_name=Lower(KeyTextTransform("name", "customer")),
        its_vin=KeyTextTransform("vin", "attributes"),
        its_tracking=KeyTextTransform("tracking_number", "attributes"),
        its_phone=Func(digits, Value(PHONE_TAIL), function="right", output_field=TextField()),
    )
    wanted = (
        Q(its_email__in=what.emails)
        | Q(its_phone__in=what.phones)
        | Q(its_vin__in=what.vins)
        | Q(its_tracking__in=what.references)
        | Q(particulars__parcels__has_any_keys=what.references)
        | Q(its_name__in=what.people)
    )
    for plate in what.plates:
        wanted |= Q(label__icontains=plate) | Q(attributes__vehicle__icontains=plate)
    newest: QuerySet[Subject] = rows.filter(wanted).order_by(
        F("last_signal_at").desc(nulls_last=True), "-id"
    )[:READ]
    return newest


def guessed(row: Subject, what: Named) -> Guess:
    hints = sorted(hints_of(row, what), reverse=True)
    score = hints[0][0] + sum(points // 10 for points, _ in hints[1:]) if hints else 0
    return Guess(
        row.pk,
        str(SubjectKind(row.kind).label),
        row.reference,
        row.label,
        str(row.customer.get("name", "")),
        score,
        ", ".join(words for _, words in hints),
        row.promised_at,
        row.ended_at,
    )


def hints_of(row: Subject, what: Named) -> Iterator[tuple[int, str]]:
    """What points to it, with how much it says."""
    customer, attributes = row.customer, row.attributes
    if is_one_of(row.reference, what.references):
        yield REFERENCE, "its reference"
    if is_one_of(attributes.get("vin"), what.vins):
        yield VIN, "its VIN"
    parcels = (attributes.get("tracking_number"), *row.particulars.get("parcels", ()))
    if any(is_one_of(number, what.references) for number in parcels):
        yield TRACKING, "its tracking number"
    if is_one_of(customer.get("email"), what.emails):
        yield EMAIL, "e-mail of the customer"
    if tail(str(customer.get("phone", ""))) in what.phones:
        yield PHONE, "phone of the customer"
    about = f"{row.label} {attributes.get('vehicle', '')}".lower()
    if any(plate.lower() in about for plate in what.plates):
        yield PLATE, "the plate"
    if is_one_of(customer.get("name"), what.people):
        yield NAME, "name of the customer"


def is_one_of(value: object, wanted: Iterable[str]) -> bool:
    return isinstance(value, str) and value.lower() in {one.lower() for one in wanted}
