"""How the demo's colleagues worked on a past case: mostly in time, and with a cause in the end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from exceptions_app.cases import clockwatch, lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.demo import names, people
from exceptions_app.demo.stories.base import Item
from exceptions_app.intake.accept import accept
from exceptions_app.intake.replay import heard_at
from exceptions_app.people import access
from exceptions_app.people.access import SYSTEM, Actor, person
from exceptions_app.people.models import User
from exceptions_app.sla import working_time
from exceptions_app.sla.calendars import hours_by_clock
from exceptions_app.sla.models import Clock, length_of
from exceptions_app.vocabulary import LengthKind, Role, TargetKind

Act = Callable[[Seen, Actor, datetime], object]

#: These take longer than the others, so that the reports have something to say.
SLOW = {"harbour-south": 1.7, "lumen-oak": 1.2}
AWAITED = ("the customer", "the supplier", "the carrier", "the workshop")
_MINUTE = timedelta(minutes=1)
#: The clocks loop is about so late.
_SOON = timedelta(milliseconds=200)


@dataclass(frozen=True)
class Colleagues:
    """Everybody who may own a case."""

    everybody: tuple[Actor, ...]

    @classmethod
    def all(cls) -> "Colleagues":
        working = [one.username for one in people.PEOPLE if one.role in (Role.STAFF, Role.LEAD)]
        users = User.objects.filter(username__in=working).order_by("username")
        return cls(tuple(person(user) for user in users))

    def of(self, site_id: int, team_id: int | None) -> list[Actor]:
        return [
            one
            for one in self.everybody
            if access.may(one, "claim", site_id=site_id, team_id=team_id)
        ]


@dataclass(frozen=True)
class Step:
    at: datetime
    act: Act


def work(
    rng: Random, case: Case, at: datetime, colleagues: Colleagues, news: Sequence[Item] = ()
) -> None:
    """Take the case as far as it had come by ``at``; ``news`` is what is heard meanwhile."""
    owner = rng.choice(colleagues.of(case.site_id, case.team_id))
    live([*plan(rng, case), *hearing(news)], case, owner, at)


def leave(case: Case, at: datetime, news: Sequence[Item]) -> None:
    """Let time pass over a case that nobody looks at."""
    live(hearing(news), case, SYSTEM, at)


def live(steps: Iterable[Step], case: Case, owner: Actor, at: datetime) -> None:
    for step in sorted(steps, key=lambda step: step.at):
        if step.at > at:
            break
        pass_time(case, step.at)
        step.act(Seen(case.pk), owner, step.at)
    pass_time(case, at)


def pass_time(case: Case, at: datetime) -> None:
    """Let the case's clocks speak as soon as they have something to say."""
    due = Clock.objects.filter(case=case, next_at__lt=at - _SOON).order_by("next_at")
    while (moment := due.values_list("next_at", flat=True).first()) is not None:
        clockwatch.tick(moment + _SOON)


def plan(rng: Random, case: Case) -> list[Step]:
    """Claim, say something, perhaps wait, resolve; each so far into its target as this case was lucky."""
    reached = moments(rng, case)
    claimed = reached[TargetKind.ACKNOWLEDGE]
    resolved = max(reached[TargetKind.RESOLVE], claimed + 20 * _MINUTE)
    spoken = claimed + (resolved - claimed) * rng.uniform(0.05, 0.3)
    remark = rng.choice(names.REMARKS.get(case.exception_type, names.ANY_REMARK))
    cause = rng.choice((*names.CAUSES.get(case.exception_type, ()), *names.ANY_CAUSE))
    steps = [Step(claimed, claim), Step(spoken, saying(remark))]
    if rng.random() < 0.15:
        begins = spoken + (resolved - spoken) * 0.3
        steps.append(Step(begins, waiting(rng.choice(AWAITED))))
        steps.append(Step(spoken + (resolved - spoken) * 0.8, resume))
    return [*steps, Step(resolved, resolving(cause))]


def moments(rng: Random, case: Case) -> dict[str, datetime]:
    """Each target is reached at some share of its length, now and then at more than all of it."""
    slow = SLOW.get(case.site.slug, 1.0)
    clocks = list(Clock.objects.filter(case=case))
    hours = hours_by_clock(clocks)
    return {
        clock.kind: working_time.advance(
            clock.started_at,
            span(clock) * share(rng) * slow,
            length_of(clock).measure(hours[clock.pk]),
        )
        for clock in clocks
    }


def span(clock: Clock) -> timedelta:
    """How much counted time a target is; a business day has about nine hours of it."""
    if clock.length_kind == LengthKind.BUSINESS_DAYS:
        return timedelta(hours=9) * clock.amount
    return length_of(clock).span


def share(rng: Random) -> float:
    return rng.uniform(1.05, 2.2) if rng.random() < 0.1 else rng.triangular(0.03, 0.9, 0.2)


def claim(seen: Seen, by: Actor, at: datetime) -> None:
    triage.claim(seen, by=by, at=at)


def resume(seen: Seen, by: Actor, at: datetime) -> None:
    lifecycle.resume(seen, by=by, at=at)


def saying(text: str) -> Act:
    return lambda seen, by, at: triage.comment(seen, by=by, at=at, text=text, shared=True)


def waiting(awaited: str) -> Act:
    return lambda seen, by, at: lifecycle.wait(seen, by=by, at=at, waiting_for=awaited)


def resolving(cause: str) -> Act:
    return lambda seen, by, at: lifecycle.resolve(seen, by=by, at=at, cause=cause)


def hearing(news: Iterable[Item]) -> list[Step]:
    return [Step(datetime.fromisoformat(item["occurred_at"]), heard(item)) for item in news]


def heard(item: Item) -> Act:
    return lambda _, __, at: accept([item], by=SYSTEM, at=at, moment=heard_at)
