"""Subjects by what a sender knows of them: an order by its parcel, anything by an earlier signal about it."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet
from django.db.models.fields.json import KT

from exceptions_app.subjects.models import Signal, Source, Subject
from exceptions_app.vocabulary import SubjectKind

#: The number of an order's parcel, as the index has it.
NUMBER = KT("attributes__tracking_number")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """How a signal names a subject that is there."""

    reference: str
    site: str


def orders_of(parcel: OuterRef) -> QuerySet[Subject]:
    """The orders that have this parcel, for a condition in another query."""
    orders = Subject.objects.filter(kind=SubjectKind.ORDER)
    return orders.annotate(number=NUMBER).filter(number=parcel)


def orders_with(numbers: Collection[str], source: Source) -> dict[str, list[Known]]:
    """The orders that these parcels belong to; several orders may be in one parcel."""
    orders = Subject.objects.filter(kind=SubjectKind.ORDER)
    rows = orders.annotate(number=NUMBER).filter(number__in=numbers)
    if source.site_id is not None:
        rows = rows.filter(site=source.site_id)
    found: dict[str, list[Known]] = defaultdict(list)
    for number, reference, site in rows.values_list("number", "reference", "site__slug"):
        found[number].append(Known(reference, site))
    return {number: sorted(known) for number, known in found.items()}


def subjects_of(signals: Collection[str], source: Source) -> dict[str, list[Known]]:
    """What these earlier signals of the source were about, by their external ids."""
    rows = Signal.objects.filter(source=source, external_id__in=signals, subject__isnull=False)
    columns = ("external_id", "subject__reference", "subject__site__slug")
    return {name: [Known(reference, site)] for name, reference, site in rows.values_list(*columns)}
