"""The sources as pages and programs show them: how each should speak, how it does, what that holds back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count

from exceptions_app.errors import NotFound
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects import queries
from exceptions_app.subjects.source_models import Hold, Source, SourceHour
from exceptions_app.vocabulary import Doubt, Rhythm

HELD_SHOWN = 50
TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Today:
    """What was counted since midnight at its site."""

    signals: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in a list."""

    id: int
    slug: str
    name: str
    site_id: int | None
    site: str
    site_slug: str
    time_zone: str
    last_signal_at: datetime | None
    rhythm: str
    every_minutes: int | None
    daily_by: time | None
    calendar_id: int | None
    calendar: str
    catch_up_minutes: int
    late_is_usual: bool
    expected_at: datetime | None
    silent_since: datetime | None
    back_at: datetime | None
    silence_id: int | None
    silence: str
    quarantined_at: datetime | None
    doubt: str
    held: int
    today: Today

    @property
    def expected(self) -> str:
        """Its rhythm in words."""
        if self.rhythm == Rhythm.DAILY and self.daily_by:
            return f"every day by {self.daily_by:%H:%M}"
        if not self.rhythm:
            return "nobody waits for it"
        while_open = " of opening hours" if self.rhythm == Rhythm.WORKING else ""
        return f"every {minutes(self.every_minutes or 0)}{while_open}"

    @property
    def standing(self) -> str:
        """silent, back, quarantined, never or speaking."""
        if self.silent_since:
            return "back" if self.back_at else "silent"
        if self.quarantined_at:
            return "quarantined"
        return "speaking" if self.last_signal_at else "never"

    @property
    def doubt_words(self) -> str:
        return str(Doubt(self.doubt).label) if self.doubt else ""


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A finding that waits for its source to speak."""

    subject_id: int
    reference: str
    kind: str
    title: str
    rule: str
    since: datetime
    held_at: datetime


def minutes(number: int) -> str:
    hours, rest = divmod(number, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return " ".join(parts)


def listed(*, by: Actor, at: datetime) -> list[SourceRow]:
    """The sources that speak for a site of the actor's, or for none in particular."""
    return rows_of(list(queries.sources(by=by).select_related("calendar", "silence")), at)


def one(source_id: int, *, by: Actor, at: datetime) -> SourceRow:
    found = queries.sources(by=by).select_related("calendar", "silence").filter(pk=source_id)
    rows = rows_of(list(found), at)
    if not rows:
        raise NotFound("There is no such source, or it speaks for a site you do not work for.")
    return rows[0]


def named(slug: str, *, by: Actor) -> int:
    """The id of a source by its slug."""
    pk = queries.sources(by=by).filter(slug=slug).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound("There is no such source, or it speaks for a site you do not work for.")
    return pk


def rows_of(sources: Sequence[Source], at: datetime) -> list[SourceRow]:
    held = held_by([source.pk for source in sources])
    counted = today(sources, at)
    return [row_of(source, held.get(source.pk, 0), counted[source.pk]) for source in sources]


def row_of(source: Source, held: int, counted: Today) -> SourceRow:
    site, calendar = source.site, source.calendar
    return SourceRow(
        source.pk,
        source.slug,
        source.name,
        source.site_id,
        site.name if site else "",
        site.slug if site else "",
        source.zone.key,
        source.last_signal_at,
        source.rhythm,
        source.every_minutes,
        source.daily_by,
        source.calendar_id,
        calendar.name if calendar else "",
        source.catch_up_minutes,
        source.late_is_usual,
        source.expected_at,
        source.silent_since,
        source.back_at,
        source.silence.pk if source.silence else None,
        str(source.silence or ""),
        source.quarantined_at,
        source.doubt,
        held,
        counted,
    )


def held_by(source_ids: Sequence[int]) -> dict[int, int]:
    """How many findings wait for each."""
    waiting = Hold.objects.filter(source__in=source_ids, released_at__isnull=True).order_by()
    return dict(waiting.values_list("source").annotate(number=Count("pk")))


def today(sources: Iterable[Source], at: datetime) -> Mapping[int, Today]:
    """Since midnight where each source's site is."""
    midnights = {
        source.pk: datetime.combine(at.astimezone(source.zone).date(), time(), source.zone)
        for source in sources
    }
    rows = SourceHour.objects.filter(source__in=midnights, hour__gt=at - TWO_DAYS).order_by()
    found: dict[int, Today] = defaultdict(Today)
    for pk, hour, signals, refused in rows.values_list("source_id", "hour", "signals", "refused"):
        if hour >= midnights[pk]:
            known = found[pk]
            found[pk] = Today(known.signals + signals, known.refused + refused)
    return found


def held_lines(
    *, by: Actor, source_id: int | None = None, case_id: int | None = None
) -> list[HeldLine]:
    """What waits about subjects of the actor's, the oldest first; of a source, or of a silence's case."""
    waiting = access.visible(
        Hold.objects.filter(released_at__isnull=True),
        by,
        site="subject__site_id",
        team="subject__team_id",
    )
    if source_id is not None:
        waiting = waiting.filter(source=source_id)
    if case_id is not None:
        waiting = waiting.filter(case=case_id)
    fields = (
        "subject_id",
        "subject__reference",
        "subject__kind",
        "title",
        "rule",
        "since",
        "held_at",
    )
    return [HeldLine(*row) for row in waiting.order_by("pk").values_list(*fields)[:HELD_SHOWN]]
