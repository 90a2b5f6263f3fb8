"""Some weeks of past cases, told through the desk's own functions as of their moments; nothing goes out."""

from datetime import datetime, timedelta
from random import Random

from django.db import connection, transaction

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.demo import names
from exceptions_app.demo.stories.base import Item
from exceptions_app.demo.stories.catalogue import PLOTS, Plot
from exceptions_app.demo.stories.catalogue import tell as tell_story
from exceptions_app.demo.working import Colleagues, work
from exceptions_app.detection.watch import look_again
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.replay import heard_at
from exceptions_app.people.access import SYSTEM
from exceptions_app.people.models import Site, Team
from exceptions_app.vocabulary import ExceptionType, Severity

WEEKS = 6
KEPT, BROKEN, FLAGGED, LATELY = 450, 200, 20, 22
#: So long it takes at most from the beginning of a story until it breaks.
BREAKS_WITHIN = timedelta(hours=2)
_BREAKING = [plot for plot in PLOTS if plot.breaks]
_KEEPING = [plot for plot in PLOTS if not plot.breaks]
_LOCK = 4_127_001


def tell(at: datetime, *, seed: int = 7) -> int:
    """Tell it once, in one transaction, so that nobody sees half of it; how many cases that made."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if Case.objects.exists():
            return 0
        rng = Random(seed)  # noqa: S311 - the same history every time is the point
        keep_promises(rng, at)
        colleagues, later = Colleagues.all(), []
        for begins in past(rng, at, BROKEN):
            case, news = break_one(rng, begins, at)
            work(rng, case, at, colleagues)
            later += news
        hear(later, at)
        for opened_at in past(rng, at, FLAGGED):
            work(rng, flag(rng, opened_at, colleagues), at, colleagues)
        for begins in lately(rng, at):
            case, news = break_one(rng, begins, at)
            work(rng, case, at, colleagues, news)
        return Case.objects.count()


def past(rng: Random, at: datetime, count: int) -> list[datetime]:
    """Moments of the weeks before the last few days, mostly on working days, in order."""
    first = at - timedelta(weeks=WEEKS)
    days = [day for day in range(WEEKS * 7 - 4) if (first + timedelta(days=day)).weekday() < 6]
    return sorted(
        first + timedelta(days=rng.choice(days), minutes=rng.uniform(0, 24 * 60 - 1))
        for _ in range(count)
    )


def lately(rng: Random, at: datetime) -> list[datetime]:
    """Moments of the last day and a half, most of them in the last hours."""
    return sorted(
        at - BREAKS_WITHIN - timedelta(hours=36 * rng.random() ** 3) for _ in range(LATELY)
    )


def chosen(rng: Random, plots: list[Plot]) -> Plot:
    return rng.choices(plots, [plot.weight for plot in plots])[0]


def keep_promises(rng: Random, at: datetime) -> None:
    """The many subjects that nobody had to look at."""
    items: list[Item] = []
    for index, begins in enumerate(past(rng, at, KEPT)):
        said = tell_story(chosen(rng, _KEEPING), rng, begins=begins, number=f"{20_000 + index}")
        items += [saying.item for saying in said]
    hear(items, at)


def break_one(rng: Random, begins: datetime, at: datetime) -> tuple[Case, list[Item]]:
    """A story that breaks: the case that comes of it, and what its sources say after that."""
    number = f"{10_000 + Case.objects.count()}"
    items = [s.item for s in tell_story(chosen(rng, _BREAKING), rng, begins=begins, number=number)]
    broken = begins + BREAKS_WITHIN
    hear([item for item in items if moment_of(item) <= broken], at)
    look_again(broken, as_it_was=True)
    case = Case.objects.select_related("site").get(reference=items[0]["subject"]["reference"])
    return case, [item for item in items if broken < moment_of(item) <= at]


def hear(items: list[Item], at: datetime) -> None:
    for start in range(0, len(items), MOST):
        accept(items[start : start + MOST], by=SYSTEM, at=at, moment=heard_at)


def moment_of(item: Item) -> datetime:
    return datetime.fromisoformat(item["occurred_at"])


def flag(rng: Random, at: datetime, colleagues: Colleagues) -> Case:
    """A case that somebody raised by hand."""
    kind, severity, title, team_slug, description = rng.choice(names.FLAGS)
    site = rng.choice(list(Site.objects.filter(slug__startswith="harbour").order_by("slug")))
    customer = rng.choice(names.CUSTOMERS)
    by = rng.choice(colleagues.of(site.pk, None))
    opening = Opening(
        title=title.format(customer=customer),
        exception_type=ExceptionType(kind),
        severity=Severity.named(severity),
        site_id=site.pk,
        team_id=Team.objects.get(site=site, slug=team_slug).pk,
        customer_name=customer,
        description=description,
        evidence={"flagged_by": by.name},
        by=by,
        at=at,
        imported=True,
    )
    return open_cases([opening], at=at)[0]
