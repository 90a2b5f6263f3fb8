"""Subjects by what a sender knows of them: an order by its parcel, anything by an earlier signal about it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KT

from exceptions_app.subjects.attributes import one_spelling
from exceptions_app.subjects.models import Signal, Source, Subject
from exceptions_app.vocabulary import SubjectKind

#: The number of an order's parcel, and those of several, as the indexes have them.
NUMBER = KT("attributes__tracking_number")
SEVERAL = Q(particulars__has_key="parcels")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """How a signal names a subject that is there."""

    reference: str
    site: str


def bearing(numbers: AbstractSet[str], *columns: str) -> Iterator[tuple[str, Any]]:
    """Each of these parcels with the columns of an order that it belongs to, however it is spelled there."""
    spelled = {one_spelling(number): number for number in numbers} | {one: one for one in numbers}
    orders = Subject.objects.filter(kind=SubjectKind.ORDER).annotate(number=NUMBER).order_by()
    ways = (
        orders.filter(number__in=numbers),
        orders.filter(SEVERAL, particulars__parcels__has_any_keys=sorted(spelled)),
    )
    wanted = ("pk", "number", "particulars__parcels", *columns)
    first, second = (way.values_list(*wanted) for way in ways)
    for _, alone, parcels, *found in first.union(second):
        known = spelled.keys() & {alone, *(parcels or ())}
        yield from ((number, found) for number in {spelled[one] for one in known})


def sites_of(numbers: AbstractSet[str]) -> set[tuple[str, int]]:
    """Each of these parcels that an order has, with the site of the order."""
    return {(number, site) for number, (site,) in bearing(numbers, "site_id")}


def orders_with(numbers: AbstractSet[str], source: Source) -> dict[str, list[Known]]:
    """The orders that these parcels belong to; several orders may be in one parcel."""
    found: dict[str, list[Known]] = defaultdict(list)
    for number, (site_id, *names) in bearing(numbers, "site_id", "reference", "site__slug"):
        if source.site_id in (None, site_id):
            found[number].append(Known(*names))
    return {number: sorted(known) for number, known in found.items()}


def subjects_of(signals: Collection[str], source: Source) -> dict[str, list[Known]]:
    """What these earlier signals of the source were about, by their external ids."""
    rows = Signal.objects.filter(source=source, external_id__in=signals, subject__isnull=False)
    columns = ("external_id", "subject__reference", "subject__site__slug")
    return {name: [Known(reference, site)] for name, reference, site in rows.values_list(*columns)}
