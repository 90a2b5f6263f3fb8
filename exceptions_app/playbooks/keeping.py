"""Playbooks as administrators make and change them, and which cases one would have pushed (B1, U5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.cases.queries import CAP, Count
from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused, Stale, refusing
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.playbooks.models import Playbook
from exceptions_app.playbooks.running import FIELDS, wanted
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import Moment, Severity

ONLY_ADMINISTRATORS = "Only an administrator of every site makes playbooks."
TAKEN = "Another playbook has this name. Choose a different one."
#: How far back a playbook is tried, and how many of what it would have pushed are shown.
SPAN, SHOWN = timedelta(days=30), 5
#: Where the database keeps what a condition asks of a case.
COLUMNS: Mapping[str, str] = {
    **{name: name for name in FIELDS},
    "site": "site__slug",
    "team": "team__slug",
}


@dataclass(frozen=True)
class Rehearsal:
    """Of the cases opened lately, how many it would have pushed as they stand now, and the newest."""

    of: Count
    pushed: Count
    newest: tuple[Case, ...]

    @property
    def a_day(self) -> float:
        return self.pushed.number / SPAN.days


def insist(by: Actor) -> None:
    if not access.may(by, "configure"):
        raise NotPermitted(ONLY_ADMINISTRATORS)


def listed(*, by: Actor) -> QuerySet[Playbook]:
    """Every playbook by name, with where it applies and what it pushes to."""
    insist(by)
    return Playbook.objects.select_related("site", "connection__site")


def one(playbook_id: int, *, by: Actor) -> Playbook:
    found = listed(by=by).filter(pk=playbook_id).first()
    if found is None:
        raise NotFound("There is no such playbook.")
    return found


def keep(playbook: Playbook, *, by: Actor, at: datetime, seen: datetime | None = None) -> Playbook:
    """Make a playbook, or change one as it was ``seen``; it holds from the next entry of a timeline on."""
    insist(by)
    playbook.changed_at, playbook.changed_by = at, by.name[:120]
    with refusing(TAKEN, "name"):
        playbook.full_clean(validate_unique=False)
        if not well_formed(playbook.conditions):
            raise Refused.about("conditions", how_to_write())
        if playbook.enabled:
            insist_possible(playbook)
        with transaction.atomic():
            insist_fresh(playbook, seen)
            playbook.save(force_update=not playbook._state.adding)
    return playbook


def insist_possible(playbook: Playbook) -> None:
    """Nobody would notice that what is asked for can never be."""
    where, served = playbook.site, playbook.connection.site
    if where and served and where != served:
        raise Refused.about(
            "site", f"{playbook.connection} is told of {served} only, so nothing would be pushed."
        )
    site = where or served
    asked = [wanted(one) for one in playbook.conditions if one["field"] == "site"]
    if site and not all(site.slug in slugs for slugs in asked):
        raise Refused.about(
            "conditions", f"Its cases are those of {site} only, and the condition wants others."
        )


def insist_fresh(playbook: Playbook, seen: datetime | None) -> None:
    """Nobody's change is undone by a form that was opened before it."""
    if playbook._state.adding:
        return
    now = Playbook.objects.select_for_update().filter(pk=playbook.pk).first()
    if now is None:
        raise NotFound("Somebody has deleted this playbook. Make a new one if it is still wanted.")
    if now.changed_at != seen:
        raise Stale(f"{now.changed_by or 'Somebody'} changed it since you looked. Load it again.")


def remove(playbook_id: int, *, by: Actor) -> Playbook:
    """Only what is off already, so that nothing stops by one slip; what was pushed stays."""
    found = one(playbook_id, by=by)
    if found.enabled:
        raise NotAllowedNow(f"“{found.name}” is on. Switch it off first, then it can be deleted.")
    found.delete()
    return found


def well_formed(conditions: Any) -> bool:
    return isinstance(conditions, list) and all(map(is_condition, conditions))


def is_condition(given: Any) -> bool:
    if not isinstance(given, dict) or set(given) != {"field", "is"} or given["field"] not in FIELDS:
        return False
    values = wanted(given)
    return bool(values) and all(isinstance(one, str) for one in values)


def how_to_write() -> str:
    return (
        'Write a list such as [{"field": "severity", "is": ["critical", "high"]}]. '
        f"Fields are {', '.join(FIELDS)}."
    )


def rehearsed(playbook: Playbook, *, by: Actor, at: datetime) -> Rehearsal:
    """Nothing is sent. Those that the connection has already would only have been kept in step."""
    insist(by)
    recent = Case.objects.filter(
        opened_at__gte=at - SPAN, imported=False, parent=None, quarantine=None
    ).order_by()
    pushed = fitting(recent, playbook)
    newest = pushed.select_related("site").order_by("-opened_at", "-pk")[:SHOWN]
    return Rehearsal(counted(recent), counted(pushed), tuple(newest))


def fitting(cases: QuerySet[Case], playbook: Playbook) -> QuerySet[Case]:
    """As ``running.fits`` decides, said to the database; and its moment came at any time."""
    for condition in playbook.conditions:
        name, values = condition["field"], wanted(condition)
        if name == "severity":
            values = [one.value for one in Severity if one.slug in values]
        is_it = Q(**{f"{COLUMNS[name]}__in": values})
        cases = cases.filter(is_it | Q(team=None) if name == "team" and "" in values else is_it)
    for site_id in filter(None, (playbook.site_id, playbook.connection.site_id)):
        cases = cases.filter(site=site_id)
    if playbook.moment == Moment.OPENED:
        return cases
    return cases.filter(
        Exists(Entry.objects.filter(case=OuterRef("pk"), verb=playbook.moment).order_by())
    )


def counted(cases: QuerySet[Case]) -> Count:
    return Count(cases.values("pk")[: CAP + 1].count())
