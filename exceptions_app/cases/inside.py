"""What is in a case that stands for more than itself: the cases of an event, the findings of a silence."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q

from exceptions_app.cases.models import Case
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.source_models import Hold
from exceptions_app.subjects.sources import HeldLine, held_lines
from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType

CHILDREN_SHOWN = 20
HELD_SHOWN = 10


@dataclass(frozen=True)
class Held:
    """What a silence holds back: those that still wait, and how many there were."""

    lines: tuple[HeldLine, ...]
    waiting: int
    count: int


def children_of(event_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """How many cases each event has in it, and how many are open."""
    if not event_ids:
        return {}
    children = Case.objects.filter(parent__in=event_ids).order_by()
    still_open = Count("pk", filter=Q(status__in=OPEN_STATUSES))
    counted = children.values_list("parent").annotate(number=Count("pk"), open=still_open)
    return {parent: (number, open_ones) for parent, number, open_ones in counted}


def children_ids(case: Case, *, by: Actor) -> list[int]:
    """The cases of an event that the actor may see: open ones first, the worst first."""
    if case.exception_type != ExceptionType.MASS_EVENT:
        return []
    mine = access.visible(Case.objects.filter(parent=case.pk), by)
    settled_last = (F("resolved_at").asc(nulls_first=True), F("closed_at").asc(nulls_first=True))
    worst = mine.order_by(*settled_last, "severity", "pk")
    return list(worst.values_list("pk", flat=True)[:CHILDREN_SHOWN])


def held_by(case: Case, *, by: Actor) -> Held | None:
    """What this silence holds back, of which the actor sees their own; None of a case that held nothing."""
    if case.exception_type != ExceptionType.SOURCE_SILENT:
        return None
    still = Count("pk", filter=Q(released_at__isnull=True))
    counted = Hold.objects.filter(case=case.pk).aggregate(count=Count("pk"), waiting=still)
    if not counted["count"]:
        return None
    lines = held_lines(case_id=case.pk, by=by)[:HELD_SHOWN]
    return Held(tuple(lines), counted["waiting"], counted["count"])
