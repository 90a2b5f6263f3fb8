"""The lists of subjects: what is promised, overdue or at risk, a page at a time, and how many there are."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from exceptions_app.errors import Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects import queries
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.lookup import identified_by, newest_like
from exceptions_app.subjects.models import Milestone, Subject
from exceptions_app.subjects.queries import Wanted
from exceptions_app.subjects.rows import SubjectRow, rows_of
from exceptions_app.vocabulary import OPEN_STATUSES

PAGE_SIZE = 50
#: Counting stops here; beyond it a page says "1,000+".
CAP = 1_000
#: More that are recognised by what somebody typed are of no use to them.
NAMED = 200
REMIND = "remind"
#: Whom to remind is asked from so long before the promise, until so long.
REMINDED_AHEAD, TOO_LATE = timedelta(days=3), timedelta(hours=2)


@dataclass(frozen=True)
class Page:
    """A stretch of a list; ``after`` asks for the next one and is empty at the end."""

    rows: tuple[SubjectRow, ...]
    after: str = ""


Condition = Callable[[Actor, datetime], Q]


@dataclass(frozen=True)
class View:
    """A list of subjects: who belongs on it, and whether those promised first come first."""

    slug: str
    label: str
    condition: Condition
    by_promise: bool


def awaited() -> Q:
    """More is expected, and what was promised has not happened yet, be it kept or late."""
    happened = Q(pk__in=[])
    for kind, journey in JOURNEYS.items():
        if journey.keeps not in journey.ends:
            done = Milestone.objects.filter(
                subject=OuterRef("pk"), name=journey.keeps, actual_at__isnull=False
            )
            happened |= Q(kind=kind) & Q(Exists(done))
    return Q(ended_at=None, imported=False) & ~happened


def promised(_: Actor, __: datetime) -> Q:
    return Q(promised_at__isnull=False) & awaited()


def is_overdue(at: datetime) -> Q:
    return Q(promised_at__lt=at) & awaited()


def unattended(_: Actor, at: datetime) -> Q:
    """Overdue, and no case about it is open: nobody is on it."""
    cared_for = Subject.objects.filter(pk=OuterRef("pk"), cases__status__in=OPEN_STATUSES)
    return is_overdue(at) & ~Q(Exists(cared_for))


def due_today(by: Actor, at: datetime) -> Q:
    """Promised for what is today at the subject's own site."""
    today = Q(pk__in=[])
    for zone, sites in zones(by).items():
        start, end = day_of(at, ZoneInfo(zone))
        today |= Q(site__in=sites, promised_at__gte=start, promised_at__lt=end)
    return today & awaited()


def to_remind(_: Actor, at: datetime) -> Q:
    """Whose customers are to come within the next days, and not at once."""
    kinds = [kind for kind, journey in JOURNEYS.items() if journey.reminded]
    soon = Q(promised_at__gt=at + TOO_LATE, promised_at__lte=at + REMINDED_AHEAD)
    return Q(kind__in=kinds) & soon & awaited()


def at_risk(_: Actor, at: datetime) -> Q:
    return queries.at_risk(at) & Q(imported=False)


def with_case(_: Actor, __: datetime) -> Q:
    """As the board has it: what history opened is not for anybody to work."""
    found = Subject.objects.filter(cases__status__in=OPEN_STATUSES, cases__imported=False)
    return Q(pk__in=found.order_by().values("pk"))


VIEWS: Mapping[str, View] = {
    view.slug: view
    for view in (
        View("promised", "Promised", promised, by_promise=True),
        View("overdue", "Overdue", lambda _, at: is_overdue(at), by_promise=True),
        View("unattended", "Overdue, no open case", unattended, by_promise=True),
        View("today", "Due today", due_today, by_promise=True),
        View("at-risk", "At risk", at_risk, by_promise=False),
        View(REMIND, "To remind", to_remind, by_promise=True),
        View("with-case", "With an open case", with_case, by_promise=False),
        View("all", "Everything", lambda _, __: Q(), by_promise=False),
    )
}


def zones(by: Actor) -> dict[str, list[int]]:
    """The sites that the actor sees, by their zone."""
    found: dict[str, list[int]] = defaultdict(list)
    sites = access.sites(by).order_by("pk")
    for pk, zone in sites.values_list("pk", "time_zone"):
        found[zone].append(pk)
    return found


def day_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    today = at.astimezone(zone).date()
    return midnight(today, zone), midnight(today + timedelta(days=1), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def narrowed(wanted: Wanted, words: str, *, by: Actor, at: datetime) -> QuerySet[Subject]:
    """Of a kind, at a site, and with these words.

    They begin the reference, a VIN or the like, or a newer one is recognised by them.
    """
    found = queries.subjects(wanted, by=by, at=at).select_related(None)
    asked = words.strip()[:80]
    if not asked:
        return found
    named = newest_like(asked, access.visible(Subject.objects.all(), by), NAMED)
    known = Q(pk__in=[*identified_by(asked), *named])
    return found.filter(queries.beginning(asked) | known)


def of(subjects: QuerySet[Subject], view: View, *, by: Actor, at: datetime) -> QuerySet[Subject]:
    """Those that belong on a view."""
    return subjects.filter(view.condition(by, at))


def listed(subjects: QuerySet[Subject], view: View, *, by: Actor, at: datetime, after: str) -> Page:
    """One page, in a constant number of statements at any number of subjects."""
    chosen = of(subjects, view, by=by, at=at)
    chosen = chosen.order_by("promised_at", "pk") if view.by_promise else chosen.order_by("-pk")
    if after:
        chosen = chosen.filter(beyond(after, view))
    ids = list(chosen.values_list("pk", flat=True)[: PAGE_SIZE + 1])
    rows = rows_of(ids[:PAGE_SIZE], by=by)
    return Page(rows, mark(rows[-1], view) if len(ids) > PAGE_SIZE and rows else "")


def counts(subjects: QuerySet[Subject], *, by: Actor, at: datetime) -> dict[str, int]:
    """How many each view has, none counted beyond the cap."""
    chosen = subjects.order_by().values("pk")
    return {
        slug: chosen.filter(view.condition(by, at))[: CAP + 1].count()
        for slug, view in VIEWS.items()
    }


def mark(row: SubjectRow, view: View) -> str:
    """Where a page ended, as text for an address."""
    if view.by_promise and row.promised_at:
        return f"{row.promised_at.astimezone(UTC).isoformat()}_{row.id}".replace("+00:00", "Z")
    return str(row.id)


def beyond(after: str, view: View) -> Q:
    try:
        if not view.by_promise:
            return Q(pk__lt=bounded(after))
        instant, _, pk = after.partition("_")
        at = datetime.fromisoformat(instant).astimezone(UTC)
        return Q(promised_at__gte=at) & (Q(promised_at__gt=at) | Q(pk__gt=bounded(pk)))
    except (ValueError, OverflowError) as problem:
        raise Refused.misplaced() from problem


def bounded(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number
