"""Noticing that a source which should speak does not, and believing it again once it does (T20, I6)."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening
from exceptions_app.detection import holding, keyed
from exceptions_app.detection.rhythms import Beat
from exceptions_app.errors import DeskError
from exceptions_app.people.access import by_rule
from exceptions_app.people.models import Site
from exceptions_app.sla.calendars import hours_of
from exceptions_app.sla.hours import ALWAYS, Hours
from exceptions_app.subjects.models import Signal
from exceptions_app.subjects.source_models import Source
from exceptions_app.timeline.entries import record
from exceptions_app.vocabulary import ExceptionType, Rhythm, Severity
from exceptions_app.writing import update

RULE = "source.silent"
STATE = ("expected_at", "silent_since", "back_at", "silence")
#: A post that tells of nothing older than this is no backlog.
FRESH = timedelta(minutes=5)
log = logging.getLogger(__name__)


def watch(at: datetime) -> list[Case]:
    """Look at the sources that are due a word or are silent; the cases of those that fell silent."""
    over = look(at)
    for case_id, why in over:
        settle(case_id, why, at)
    holding.release(at)
    return fallen_silent(at)


def due_sources(condition: Q) -> list[Source]:
    """Locked, one finder waiting for the other, so that whoever looks next knows who is silent."""
    rows = Source.objects.select_for_update(of=("self",), no_key=True).filter(condition)
    return list(rows.select_related("site", "silence").order_by("pk"))


@transaction.atomic
def fallen_silent(at: datetime) -> list[Case]:
    sources = due_sources(Q(expected_at__lte=at, silent_since__isnull=True))
    if not sources:
        return []
    beats = beats_of(sources)
    due = {source.pk: overdue(source, beats.get(source.pk), at) for source in sources}
    silent = [source for source in sources if due[source.pk]]
    sites = sites_of(silent)
    telling = [source for source in silent if source.pk in sites]
    cases = keyed.open_or_take_up(
        [opening(source, sites[source.pk], due[source.pk] or at, at) for source in telling], at=at
    )
    for source, case in zip(telling, cases, strict=True):
        source.silence = case
    update(sources, STATE)
    return cases


def overdue(source: Source, beat: Beat | None, at: datetime) -> datetime | None:
    """Since when a word was due; None if it came, and then the next one is waited for."""
    if beat is None or source.expected_at is None:
        source.expected_at = None
        return None
    heard = source.last_signal_at
    since = max(filter(None, (heard, source.waited_from)), default=None)
    due = next_due(beat, since) if since else source.expected_at
    if due is None or due > at:
        source.expected_at = due
        return None
    source.silent_since, source.expected_at = heard or due, None
    return due


def next_due(beat: Beat, heard: datetime) -> datetime | None:
    try:
        return beat.after(heard)
    except DeskError as problem:
        log.warning("no next word can be due: %s", problem)
        return None


def opening(source: Source, site_id: int, due: datetime, at: datetime) -> Opening:
    heard = source.last_signal_at
    last = f"Its last signal came {source.local(heard)}" if heard else "It has never spoken"
    return Opening(
        title=f"{source.name} has gone silent"[:200],
        exception_type=ExceptionType.SOURCE_SILENT,
        severity=Severity.HIGH,
        site_id=site_id,
        by=by_rule(RULE),
        at=at,
        description=f"{last}; another was due by {source.local(due)}. What would only be found because it "
        "says nothing is held back until it speaks again. See whether it runs, and who can mend it.",
        rule=RULE,
        key=f"source:{source.slug}",
        since=due,
        evidence={
            "source": source.slug,
            "last_signal_at": heard.isoformat() if heard else None,
            "due_at": due.isoformat(),
            "rhythm": source.rhythm,
        },
    )


def sites_of(sources: Iterable[Source]) -> dict[int, int]:
    """Where the case of each belongs: its own site, else that of what it told last, else any."""
    found = {source.pk: source.site_id for source in sources if source.site_id}
    for source in sources:
        if source.pk not in found:
            told = Signal.objects.filter(source=source, subject__isnull=False).order_by("-pk")
            site_id = told.values_list("subject__site_id", flat=True).first()
            site_id = site_id or Site.objects.order_by("pk").values_list("pk", flat=True).first()
            if site_id:
                found[source.pk] = site_id
    return found


@transaction.atomic
def look(at: datetime) -> list[tuple[int, str]]:
    """See who speaks again; the cases that are over, with the reason."""
    sources = due_sources(Q(silent_since__isnull=False))
    if not sources:
        return []
    beats = beats_of(sources)
    before = {one.pk: state_of(one) for one in sources}
    ended = {one.pk: end(one, beats, at) for one in sources}
    update([one for one in sources if before[one.pk] != state_of(one)], STATE)
    silences = ((before[pk][2], why) for pk, why in ended.items() if why)
    return [(case.pk, why) for case, why in silences if case and case.is_open]


def state_of(source: Source) -> tuple[datetime | None, datetime | None, Case | None]:
    return source.silent_since, source.back_at, source.silence


def end(source: Source, beats: dict[int, Beat], at: datetime) -> str:
    """Why its silence is over; empty while it lasts."""
    beat, heard = beats.get(source.pk), source.last_signal_at
    if beat is None:
        return believed(source, None, "Nobody waits for it any more.")
    if source.silent_since and heard and heard > source.silent_since:
        if source.back_at is None:
            source.back_at = heard
            tell_back(source, at)
        if at >= caught_up_at(source, heard):
            length = source.back_at - source.silent_since
            why = f"It speaks again, having said nothing for {in_words(length)}."
            return believed(source, next_due(beat, heard), why)
    elif source.silence and not source.silence.is_open:
        return believed(source, next_due(beat, at), "Somebody settled the case of its silence.")
    return ""


def believed(source: Source, due: datetime | None, why: str) -> str:
    source.silent_since, source.back_at, source.silence, source.expected_at = None, None, None, due
    return why


def caught_up_at(source: Source, heard: datetime) -> datetime:
    """When it has told what it kept to itself: some time after it is back, or after its last old news."""
    grace = timedelta(minutes=source.catch_up_minutes)
    told_of = source.heard_from or heard
    backlog = heard - told_of > max(grace, FRESH)
    since = heard if backlog or source.back_at is None else source.back_at
    return since + grace


def tell_back(source: Source, at: datetime) -> None:
    if source.silence and source.silence.is_open:
        told = {"source": source.name}
        record(source.silence.pk, "source.back", by=by_rule(RULE), at=at, data=told)


def settle(case_id: int, why: str, at: datetime) -> None:
    """Resolve the case of a silence by itself."""
    held = holding.held_on(case_id)
    told = f"{why} {held:,} held {'finding is' if held == 1 else 'findings are'} looked at again."
    keyed.end(case_id, RULE, at=at, cause="Source speaks again", text=told)


def in_words(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02} min" if hours else f"{minutes} min"


def beats_of(sources: Sequence[Source]) -> dict[int, Beat]:
    """How each that is waited for has to speak."""
    calendars = {source.pk: calendar_of(source) for source in sources}
    hours = hours_of(calendar for calendar in calendars.values() if calendar)
    return {
        source.pk: beat_of(source, hours.get(calendars[source.pk] or 0))
        for source in sources
        if source.rhythm
    }


def calendar_of(source: Source) -> int | None:
    """Its own; working time is else counted in the hours of its site."""
    of_site = source.site.calendar_id if source.site else None
    return source.calendar_id or (of_site if source.rhythm == Rhythm.WORKING else None)


def beat_of(source: Source, hours: Hours | None) -> Beat:
    rhythm = Rhythm(source.rhythm)
    zone = hours.zone if hours else source.zone
    kept = hours if hours and rhythm != Rhythm.ELAPSED else ALWAYS(zone)
    every = timedelta(minutes=source.every_minutes or 0)
    return Beat(rhythm, kept, every, source.daily_by or time(0))


def plan(source: Source, at: datetime) -> None:
    """Wait for its next word from now on, as its rhythm says; unsaved."""
    beat = beats_of([source]).get(source.pk)
    wait(source, beat, at)


def wait(source: Source, beat: Beat | None, at: datetime) -> None:
    source.waited_from = beat.heard_at_latest(at) if beat else None
    waits = beat is not None and source.silent_since is None
    source.expected_at = beat.after(beat.heard_at_latest(at)) if beat and waits else None


@transaction.atomic
def wait_anew(at: datetime) -> None:
    """The desk was away, so that nobody could speak to it: what is due is due from now on."""
    sources = due_sources(Q(expected_at__isnull=False))
    beats = beats_of(sources)
    for source in sources:
        try:
            wait(source, beats.get(source.pk), at)
        except DeskError as problem:
            log.warning("no next word can be due: %s", problem)
            source.expected_at = None
    update(sources, ("expected_at", "waited_from"))
