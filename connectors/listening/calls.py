"""What was sent to sources, as pages show it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import Source
from exceptions_app.people.access import Actor
from exceptions_app.subjects.listening import insist_connects

DAY = timedelta(days=1)
CALLS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ListeningRow:
    """A source that vendors' webhooks are sent to, and what came in a day; its settings stay sealed."""

    id: int
    name: str
    slug: str
    format: str
    site: str
    last_signal_at: datetime | None
    calls: int
    held: int
    conflicts: int
    refused: int


COLUMNS = ("id", "name", "slug", "format", "site__name", "last_signal_at")
STATES = HookCall.State


def listening(at: datetime, *, by: Actor) -> list[ListeningRow]:
    """By name, in two statements."""
    insist_connects(by)
    rows = Source.objects.exclude(format="").order_by("name").values_list(*COLUMNS)
    found = list(rows)
    counts = counted((pk for pk, *_ in found), at)
    return [
        ListeningRow(
            pk,
            name,
            slug,
            BY_SLUG[form].name if form in BY_SLUG else form,
            site or "",
            heard,
            calls=sum(counts[pk].values()) - counts[pk][STATES.REFUSED],
            held=counts[pk][STATES.HELD],
            conflicts=counts[pk][STATES.CONFLICT],
            refused=counts[pk][STATES.REFUSED],
        )
        for pk, name, slug, form, site, heard in found
    ]


def counted(sources: Iterable[int], at: datetime) -> dict[int, Counter[str]]:
    """How many calls of the last day stand how."""
    rows = HookCall.objects.filter(source__in=list(sources), at__gt=at - DAY).order_by()
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, state, count in rows.values_list("source", "state").annotate(Count("pk")):
        found[pk][state] = count
    return found


def newest(source: Source) -> list[HookCall]:
    """The last calls, without their bodies."""
    rows = HookCall.objects.filter(source=source).defer("body", "headers", "proofs")
    return list(rows.order_by("-pk")[:CALLS_SHOWN])
