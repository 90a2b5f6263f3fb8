"""What was sent to sources, as pages show it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Left

from connectors.models import HookCall
from connectors.sources.registry import BY_SLUG
from exceptions_app.models import RefusedSignal, Signal, Source
from exceptions_app.people.access import Actor
from exceptions_app.subjects.listening import insist_connects

DAY = timedelta(days=1)
CALLS_SHOWN, BODY_SHOWN = 20, 2_000


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
    refused: int


COLUMNS = ("id", "name", "slug", "format", "site__name", "last_signal_at")
STATES = HookCall.State
#: Nothing of it was stored: it did not prove itself, or said nothing that could be taken.
NOT_TAKEN = (STATES.REFUSED, STATES.CONFLICT)
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
            calls=counts[pk].calls,
            held=counts[pk].held,
            refused=counts[pk].refused,
        )
        for pk, name, slug, form, site, heard in found
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many calls came in a day; ``refused`` are those of which anything was not taken."""

    calls: int = 0
    held: int = 0
    refused: int = 0


LEFT = Q(state__in=NOT_TAKEN) | Q(receipt__refused__gt=0) | Q(receipt__conflict__gt=0)
COUNTED = {
    "number": Count("pk"),
    "waits": Count("pk", filter=Q(state=STATES.HELD)),
    "left": Count("pk", filter=LEFT),
}


def counted(sources: Iterable[int], at: datetime) -> dict[int, Counts]:
    """What came to each in the last day."""
    rows = HookCall.objects.filter(source__in=list(sources), at__gt=at - DAY).order_by()
    found: dict[int, Counts] = defaultdict(Counts)
    for pk, *counts in rows.values_list("source").annotate(**COUNTED):
        found[pk] = Counts(*counts)
    return found


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call, the subject that it was about, and the signals in it that were refused."""

    state: str
    outcome: str
    at: datetime
    subject_id: int | None
    refused: int
    refused_id: int | None
    body: str

    @property
    def mood(self) -> str:
        if self.state in NOT_TAKEN or self.refused:
            return "dead"
        return "sent" if self.state == STATES.DONE else "waiting"

    @property
    def label(self) -> str:
        if self.state in NOT_TAKEN:
            return "refused"
        if self.refused:
            return "in part"
        return "held" if self.state == STATES.HELD else str(STATES(self.state).label)


def newest(source: Source) -> list[CallRow]:
    """The last calls, in three statements; of the body no more than somebody reads."""
    rows = HookCall.objects.filter(source=source).select_related("receipt")
    rows = rows.defer("body", "headers", "proofs").annotate(began=Left("body", BODY_SHOWN))
    return rows_of(rows.order_by("-at", "-pk")[:CALLS_SHOWN])


def rows_of(found: Iterable[HookCall]) -> list[CallRow]:
    calls = list(found)
    names = {call.pk: named_in(call) for call in calls}
    heard = Signal.objects.filter(
        source__in={call.source_id for call in calls}, external_id__in=filter(None, names.values())
    )
    about = {(source, name): pk for source, name, pk in heard.values_list(*NAMED)}
    kept = refused_of(calls)
    return [
        CallRow(
            call.state,
            call.outcome or "A worker takes it in.",
            call.at,
            about.get((call.source_id, names[call.pk])),
            refused_in(call),
            kept.get(call.receipt_id or call.event_id[:120]),
            getattr(call, "began", ""),
        )
        for call in calls
    ]


def refused_in(call: HookCall) -> int:
    """How many of its signals were refused; one that nobody could read counts as one."""
    if call.receipt is None:
        return int(call.state == STATES.CONFLICT)
    return call.receipt.refused + call.receipt.conflict


def refused_of(calls: Sequence[HookCall]) -> dict[UUID | str, int]:
    """What is kept of each to be mended, by its receipt, else by its name; of several the first."""
    receipts = [call.receipt_id for call in calls if call.receipt_id]
    unread = [call.event_id[:120] for call in calls if call.state == STATES.CONFLICT]
    named = Source.objects.filter(pk__in={call.source_id for call in calls}).values("slug")
    theirs = Q(receipt__in=receipts) | Q(receipt=None, external_id__in=unread)
    rows = RefusedSignal.objects.filter(theirs, source__in=named).order_by("-pk")
    return {
        row.receipt_id or row.external_id: row.pk for row in rows.only("receipt_id", "external_id")
    }


def named_in(call: HookCall) -> str:
    """The first signal of its receipt by the name that the source gave it, for which there is an index."""
    items = call.receipt.items if call.receipt else []
    return next((str(item["external_id"]) for item in items if item.get("external_id")), "")
