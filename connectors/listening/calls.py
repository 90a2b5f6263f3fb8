"""What was sent to sources, as pages show it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import Signal, Source
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
NAMED = ("source", "external_id", "subject")


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


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call, and the subject that it was about."""

    state: str
    label: str
    outcome: str
    at: datetime
    subject_id: int | None


def newest(source: Source) -> list[CallRow]:
    """The last calls, in two statements."""
    rows = HookCall.objects.filter(source=source).select_related("receipt")
    rows = rows.defer("body", "headers", "proofs").order_by("-at", "-pk")
    return rows_of(rows[:CALLS_SHOWN])


def rows_of(found: Iterable[HookCall]) -> list[CallRow]:
    calls = list(found)
    names = {call.pk: named_in(call) for call in calls}
    heard = Signal.objects.filter(
        source__in={call.source_id for call in calls}, external_id__in=filter(None, names.values())
    )
    about = {(source, name): pk for source, name, pk in heard.values_list(*NAMED)}
    return [
        CallRow(
            call.state,
            "held" if call.state == STATES.HELD else str(STATES(call.state).label),
            call.outcome or "A worker takes it in.",
            call.at,
            about.get((call.source_id, names[call.pk])),
        )
        for call in calls
    ]


def named_in(call: HookCall) -> str:
    """The first signal of its receipt by the name that the source gave it, for which there is an index."""
    items = call.receipt.items if call.receipt else []
    return next((str(item["external_id"]) for item in items if item.get("external_id")), "")
