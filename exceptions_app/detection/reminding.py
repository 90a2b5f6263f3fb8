"""Whom to remind: the open appointments most likely to be missed, with the chance and why (D2).

They are no cases: the chance is seldom so high that anybody would have to act, and a reminder costs little.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import QuerySet

from exceptions_app.detection.foreseeing import holding, learned
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import AHEAD, shape_of
from exceptions_app.people.access import Actor
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import SubjectKind

#: So many are weighed, those promised first, and so many shown.
WEIGHED, SHOWN = 500, 50
DAY = timedelta(days=1)
KINDS = tuple(kind for kind, journey in JOURNEYS.items() if journey.reminded)


@dataclass(frozen=True)
class Reminder:
    """One whom to remind; ``usual`` is the share of all that was missed lately."""

    subject_id: int
    chance: float
    usual: float
    booked_ahead: timedelta | None

    @property
    def reason(self) -> str:
        booked = ""
        if self.booked_ahead is not None:
            days = round(self.booked_ahead / DAY)
            booked = f"booked {days} day{'' if days == 1 else 's'} ahead; "
        said = f"{booked}of those that stood alike, {self.chance:.0%} were missed, of all {self.usual:.0%}"
        return said[0].upper() + said[1:]


def reminders(subjects: QuerySet[Subject], *, at: datetime) -> list[Reminder]:
    """The likeliest to be missed first; none of a site at which nothing was learned yet."""
    models = {(row.site_id, row.kind): model for row, model in learned(KINDS)}
    there = subjects.filter(site__in={site_id for site_id, _ in models})
    soonest = list(there.order_by("promised_at", "pk")[:WEIGHED])
    known = facts_of(soonest)
    found = [
        reminder
        for one in soonest
        if (model := models.get((one.site_id, one.kind)))
        and (reminder := weighed(one.pk, known[one.pk], model, at))
    ]
    return sorted(found, key=lambda one: (-one.chance, one.subject_id))[:SHOWN]


def nobody(due: QuerySet[Subject], *, by: Actor) -> str:
    """Why there is nobody to remind: nothing learned, nothing due, or the one elsewhere than the other."""
    goes_by = {one.site for kind in KINDS for one in holding(kind, by=by)}
    what = " and ".join(kind.plural for kind in KINDS)
    if not goes_by:
        return (
            f"It goes by what was learned of a site's {what}, and nothing is switched on at yours. In the "
            f"report of a backtest of {what}, press “List whom to remind by what it learned”."
        )
    at = ", ".join(sorted(goes_by))
    there = set(due.order_by().values_list("site__name", flat=True).distinct())
    if not there:
        return (
            f"It goes by what was learned at {at}. None of the open {what} is due between two hours and "
            "three days from now; sooner it is too late to remind of them."
        )
    if not there & goes_by:
        return f"Open {what} are due at {', '.join(sorted(there))}, but it goes by what was learned at {at}."
    return f"Of the open {what} that are due, none can be compared with what was learned at {at}."


def weighed(subject_id: int, facts: Facts, model: Model, at: datetime) -> Reminder | None:
    """By the look that is nearest to the promise from now."""
    if facts.promised_at is None:
        return None
    left = ceil((facts.promised_at - at) / DAY)
    aheads = shape_of(SubjectKind(facts.kind)).aheads
    look = AHEAD, min(aheads, key=lambda days: (abs(days - left), days))
    chance = model.chance(facts, at, look)
    if chance is None:
        return None
    booked_ahead = facts.promised_at - facts.opened_at if facts.opened_at else None
    return Reminder(subject_id, chance, model.missed.shares(())[0], booked_ahead)
