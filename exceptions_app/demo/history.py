"""Some weeks of past cases, told through the desk's own functions as of their moments; nothing goes out.

What is open still is live: it is on the board, overdue promises are watched, and the rest of such a story is
handed over to be told when its time comes.

Told bit by bit, each in a transaction of its own: whoever stops in between goes on later, and a clocks
loop that runs meanwhile never sees half a life.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from django.db import transaction

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.demo import names
from exceptions_app.demo.stories.base import Item, Saying
from exceptions_app.demo.stories.catalogue import PLOTS, Plot
from exceptions_app.demo.stories.catalogue import tell as tell_story
from exceptions_app.demo.working import Colleagues, leave, work
from exceptions_app.detection.watch import look_again
from exceptions_app.intake.accept import accept
from exceptions_app.intake.replay import heard_at
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site, Team
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import ExceptionType, Severity

Later = Callable[[Iterable[Saying]], None]

#: The same history every time.
SEED = 7
WEEKS = 6
LATELY, BROKEN, FLAGGED, KEPT = 22, 120, 14, 400
#: A good part of what came up in the last hours nobody has looked at yet.
LEFT_ALONE, LOOKED_AT_WITHIN = 0.45, timedelta(hours=6)
#: So long it takes at most from the beginning of a story until it breaks; what mends it comes later.
BREAKS_WITHIN = timedelta(hours=2)
_KEPT_AT_ONCE = 50


@dataclass(frozen=True)
class Past:
    """A subject of the past: its signals in time order, and the random numbers of whatever else happened."""

    rng: Random
    begins: datetime
    items: tuple[Item, ...]

    @property
    def reference(self) -> str:
        return str(self.items[0]["subject"]["reference"])


def never(_: Iterable[Saying]) -> None:
    """Nobody is there to tell what comes later."""


def tell(at: datetime, *, later: Later = never) -> Iterator[None]:
    """Tell what the desk does not know yet, first what is open still; pauses after each bit."""
    rng = Random(SEED)  # noqa: S311
    for act in bits(rng, at, Colleagues.all(), later):
        with transaction.atomic():
            act()
        yield


def bits(
    rng: Random, at: datetime, colleagues: Colleagues, later: Later
) -> Iterator[Callable[[], None]]:
    numbers = count(10_001)

    def pasts(moments: Iterable[datetime], *, broken: bool) -> list[Past]:
        return unknown([a_past(rng, begins, next(numbers), broken=broken) for begins in moments])

    for one in pasts(lately(rng, at), broken=True):
        yield partial(still_open, one, at, colleagues, later)
    kept = pasts(long_ago(rng, at, KEPT), broken=False)
    for start in range(0, len(kept), _KEPT_AT_ONCE):
        yield partial(hear_all, kept[start : start + _KEPT_AT_ONCE], at)
    for one in pasts(reversed(long_ago(rng, at, BROKEN)), broken=True):
        yield partial(long_settled, one, at, colleagues)
    for opened_at in long_ago(rng, at, FLAGGED):
        yield partial(flagged, f"F-{next(numbers)}", opened_at, at, colleagues)


def long_ago(rng: Random, at: datetime, many: int) -> list[datetime]:
    """Moments of the weeks before the last few days, none of them on a Sunday, in order."""
    first = at - timedelta(weeks=WEEKS)
    days = [day for day in range(WEEKS * 7 - 4) if (first + timedelta(days=day)).weekday() < 6]
    return sorted(
        first + timedelta(days=rng.choice(days), minutes=rng.uniform(0, 24 * 60 - 1))
        for _ in range(many)
    )


def lately(rng: Random, at: datetime) -> list[datetime]:
    """Moments of the last day and a half, most of them in the last hours."""
    return sorted(
        at - BREAKS_WITHIN - timedelta(hours=36 * rng.random() ** 3) for _ in range(LATELY)
    )


def a_past(rng: Random, begins: datetime, number: int, *, broken: bool) -> Past:
    plots = [plot for plot in PLOTS if plot.breaks is broken]
    plot: Plot = rng.choices(plots, [plot.weight for plot in plots])[0]
    own = Random(number)  # noqa: S311
    said = [one.item for one in tell_story(plot, own, begins=begins, number=f"{number}")]
    return Past(own, begins, tuple(sorted(said, key=moment_of)))


def unknown(pasts: list[Past]) -> list[Past]:
    references = {one.reference for one in pasts}
    known = set(
        Subject.objects.filter(reference__in=references).values_list("reference", flat=True)
    )
    return [one for one in pasts if one.reference not in known]


def still_open(past: Past, at: datetime, colleagues: Colleagues, later: Later) -> None:
    case, news = break_promise(past, at)
    if case.opened_at > at - LOOKED_AT_WITHIN and past.rng.random() < LEFT_ALONE:
        leave(case, at, news)
    else:
        work(past.rng, case, at, colleagues, news)
    wake(case)
    later(Saying(moment_of(item), item) for item in past.items if moment_of(item) > at)


def wake(case: Case) -> None:
    """From here on it is no history any more."""
    Subject.objects.filter(cases=case).update(imported=False)
    was_worked_here(case)


def was_worked_here(case: Case) -> None:
    """Its people worked it as it came, so that reports count it; only while it was told nothing went out."""
    Case.objects.filter(pk=case.pk).update(imported=False)


def long_settled(past: Past, at: datetime, colleagues: Colleagues) -> None:
    case, news = break_promise(past, at)
    work(past.rng, case, at, colleagues)
    hear(news, at)
    was_worked_here(case)


def break_promise(past: Past, at: datetime) -> tuple[Case, list[Item]]:
    """The case that comes of it, and what the sources say after that."""
    broken = past.begins + BREAKS_WITHIN
    hear([item for item in past.items if moment_of(item) <= broken], at)
    here = list(Subject.objects.filter(reference=past.reference).values_list("site_id", flat=True))
    look_again(broken, as_it_was=True, site_ids=here)
    case = Case.objects.select_related("site").get(reference=past.reference)
    return case, [item for item in past.items if broken < moment_of(item) <= at]


def hear_all(pasts: Iterable[Past], at: datetime) -> None:
    hear([item for one in pasts for item in one.items if moment_of(item) <= at], at)


def hear(items: list[Item], at: datetime) -> None:
    if items:
        accept(items, by=SYSTEM, at=at, moment=heard_at)


def moment_of(item: Item) -> datetime:
    return datetime.fromisoformat(item["occurred_at"])


def flagged(reference: str, opened_at: datetime, at: datetime, colleagues: Colleagues) -> None:
    """A case that somebody raised by hand."""
    if Case.objects.filter(reference=reference).exists():
        return
    rng = Random(reference)  # noqa: S311
    kind, severity, title, team_slug, description = rng.choice(names.FLAGS)
    site = rng.choice(list(Site.objects.filter(slug__startswith="harbour").order_by("slug")))
    team = Team.objects.get(site=site, slug=team_slug)
    customer = rng.choice(names.CUSTOMERS)
    by = rng.choice(colleagues.of(site.pk, team.pk))
    opening = Opening(
        title=title.format(customer=customer),
        exception_type=ExceptionType(kind),
        severity=Severity.named(severity),
        site_id=site.pk,
        team_id=team.pk,
        reference=reference,
        customer_name=customer,
        description=description,
        evidence={"flagged_by": by.name},
        by=by,
        at=opened_at,
        imported=True,
    )
    case = open_cases([opening], at=opened_at)[0]
    work(rng, case, at, colleagues)
    was_worked_here(case)
