"""Saying how often a source has to speak, and that its lateness is usual (I6)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction

from exceptions_app.detection.silence import plan
from exceptions_app.errors import NotFound, Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.sla.models import Calendar
from exceptions_app.sla.working_time import NeverOpens
from exceptions_app.subjects.source_models import WEEK_OF_MINUTES, Source
from exceptions_app.vocabulary import Rhythm

DAY_OF_MINUTES = 24 * 60


#: What matters with some rhythms only.
MATTERS: Mapping[str, Collection[str]] = {
    "every_minutes": (Rhythm.ELAPSED, Rhythm.WORKING),
    "daily_by": (Rhythm.DAILY,),
    "calendar_id": ("", Rhythm.WORKING, Rhythm.DAILY),
}


@dataclass(frozen=True)
class Expected:
    """How a source should speak; without a rhythm nobody waits for it."""

    rhythm: str = ""
    every_minutes: int | None = None
    daily_by: time | None = None
    calendar_id: int | None = None
    catch_up_minutes: int = 5
    late_is_usual: bool = False


def expected_of(source: Source) -> Expected:
    """What is expected of it now."""
    return Expected(
        source.rhythm,
        source.every_minutes,
        source.daily_by,
        source.calendar_id,
        source.catch_up_minutes,
        source.late_is_usual,
    )


def managed(source_id: int, *, by: Actor) -> Source:
    """The source, locked, if the actor manages it; one of no site is managed by those of every site."""
    rows = Source.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    source = rows.filter(access.shared(by), pk=source_id).first()
    if source is None:
        raise NotFound("There is no such source, or it speaks for a site you do not work for.")
    access.insist(by, "manage_sources", site_id=source.site_id)
    return source


@transaction.atomic
def expect(source_id: int, wanted: Expected, *, by: Actor, at: datetime) -> Source:
    """Wait for its words from now on as this says."""
    source = managed(source_id, by=by)
    insist_sensible(wanted)
    source.rhythm, source.late_is_usual = wanted.rhythm, wanted.late_is_usual
    daily = wanted.rhythm == Rhythm.DAILY
    source.every_minutes = wanted.every_minutes if wanted.rhythm and not daily else None
    source.daily_by = wanted.daily_by if daily else None
    source.calendar_id = wanted.calendar_id if wanted.rhythm != Rhythm.ELAPSED else None
    source.catch_up_minutes = wanted.catch_up_minutes
    try:
        plan(source, at)
    except NeverOpens as problem:
        raise Refused.about("calendar", str(problem)) from problem
    source.save()
    return source


def insist_effective(said: Mapping[str, Any], rhythm: str) -> None:
    """Refuse what would be said and not kept, since nothing of that rhythm asks for it."""
    wrong = {
        name.removesuffix(
            "_id"
        ): f"Leave it out, or say a rhythm of {', '.join(filter(None, rhythms))}."
        for name, rhythms in MATTERS.items()
        if said.get(name) is not None and rhythm not in rhythms
    }
    if wrong:
        raise Refused("; ".join(f"{name}: {why}" for name, why in wrong.items()), wrong)


def insist_sensible(wanted: Expected) -> None:
    wrong = {}
    if wanted.rhythm and wanted.rhythm not in Rhythm.values:
        wrong["rhythm"] = f"Choose one of {', '.join(Rhythm.values)}, or nothing."
    if wanted.rhythm in (Rhythm.ELAPSED, Rhythm.WORKING) and not (
        0 < (wanted.every_minutes or 0) <= WEEK_OF_MINUTES
    ):
        wrong["every_minutes"] = f"Say every how many minutes, from 1 to {WEEK_OF_MINUTES:,}."
    if wanted.rhythm == Rhythm.DAILY and wanted.daily_by is None:
        wrong["daily_by"] = "Say by what time of day."
    if not 0 <= wanted.catch_up_minutes <= DAY_OF_MINUTES:
        wrong["catch_up_minutes"] = f"Say a number of minutes from 0 to {DAY_OF_MINUTES:,}."
    if wanted.calendar_id and not Calendar.objects.filter(pk=wanted.calendar_id).exists():
        wrong["calendar"] = "There is no such calendar."
    if wrong:
        raise Refused(next(iter(wrong.values())), wrong)
