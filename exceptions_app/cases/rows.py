"""Frozen rows of cases as lists show them; read by ids in a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max

from exceptions_app.cases.inside import children_of
from exceptions_app.cases.models import Case
from exceptions_app.outbox.models import Delivery, Link
from exceptions_app.sla.models import Clock
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import (
    OPEN_STATUSES,
    OWED,
    TROUBLED,
    ActorKind,
    ExceptionType,
    Severity,
    Status,
    TargetKind,
)


@dataclass(frozen=True, slots=True)
class ClockFace:
    """One clock of a case as it stands."""

    id: int
    kind: TargetKind
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    paused: bool
    stopped_at: datetime | None
    breached_at: datetime | None
    paused_since: datetime | None = None

    @property
    def running(self) -> bool:
        return self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Badge:
    """A platform that knows of the case, and how that stands: linked, sending or failed."""

    platform: str
    name: str
    state: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list."""

    id: int
    number: int
    title: str
    severity: Severity
    status: Status
    exception_type: str
    site_id: int
    site: str
    site_slug: str
    time_zone: str
    team_id: int | None
    team: str
    assignee_id: int | None
    assignee: str
    subject_id: int | None
    reference: str
    customer: str
    tier: str
    value: Decimal | None
    promised_at: datetime | None
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    breached: bool
    waiting_for: str
    repeats: int
    rule: str
    imported: bool
    version: int
    changed_at: datetime
    clock: ClockFace | None
    links: tuple[Badge, ...]
    team_slug: str = ""
    assignee_username: str = ""
    parent_id: int | None = None
    parent_number: int | None = None
    quarantine: str = ""
    #: How many cases an event has in it, and how many of them are open.
    inside: int = 0
    inside_open: int = 0

    @property
    def parent(self) -> str:
        return f"EX-{self.parent_number}" if self.parent_number else ""

    @property
    def shown_number(self) -> str:
        return f"EX-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def settled_at(self) -> datetime | None:
        return self.resolved_at or self.closed_at

    @property
    def type_label(self) -> str:
        return str(ExceptionType(self.exception_type).label)


#: The columns of a row that come straight from the case and what it points at.
COLUMNS = (
    "id",
    "number",
    "title",
    "severity",
    "status",
    "exception_type",
    "site_id",
    "site__name",
    "site__slug",
    "site__time_zone",
    "team_id",
    "team__name",
    "team__slug",
    "assignee_id",
    "assignee__first_name",
    "assignee__last_name",
    "assignee__username",
    "subject_id",
    "reference",
    "customer_name",
    "tier",
    "value",
    "promised_at",
    "opened_at",
    "resolved_at",
    "closed_at",
    "due_at",
    "breached",
    "waiting_for",
    "repeats",
    "rule",
    "imported",
    "version",
    "changed_at",
    "parent_id",
    "parent__number",
    "quarantine__name",
)


def rows_of(case_ids: Collection[int]) -> dict[int, Row]:
    """The rows of these cases. Whoever asks has made sure that the actor may see them."""
    if not case_ids:
        return {}
    cases = Case.objects.filter(pk__in=case_ids).order_by().values(*COLUMNS)
    clocks = clocks_of(case_ids, [case["id"] for case in cases if case["status"] == Status.WAITING])
    links = badges_of(case_ids)
    inside = children_of(
        [case["id"] for case in cases if case["exception_type"] == ExceptionType.MASS_EVENT]
    )
    return {
        case["id"]: row_of(
            case,
            clocks.get(case["id"], ()),
            links.get(case["id"], ()),
            inside.get(case["id"], (0, 0)),
        )
        for case in cases
    }


def row_of(
    case: Mapping[str, Any],
    clocks: Iterable[ClockFace],
    links: Iterable[Badge],
    inside: tuple[int, int],
) -> Row:
    full_name = f"{case['assignee__first_name'] or ''} {case['assignee__last_name'] or ''}".strip()
    return Row(
        **{name: case[name] for name in COLUMNS if "__" not in name and name not in SHAPED},
        severity=Severity(case["severity"]),
        status=Status(case["status"]),
        site=case["site__name"],
        site_slug=case["site__slug"],
        time_zone=case["site__time_zone"],
        team=case["team__name"] or "",
        assignee=full_name or case["assignee__username"] or "",
        customer=case["customer_name"],
        clock=next_clock(clocks),
        links=tuple(sorted(links, key=lambda badge: WORST_FIRST.index(badge.state))),
        team_slug=case["team__slug"] or "",
        assignee_username=case["assignee__username"] or "",
        parent_number=case["parent__number"],
        quarantine=case["quarantine__name"] or "",
        inside=inside[0],
        inside_open=inside[1],
    )


WORST_FIRST = ("failed", "sending", "linked")
SHAPED = ("severity", "status", "customer_name")


def next_clock(clocks: Iterable[ClockFace]) -> ClockFace | None:
    """The running clock that is due first; a paused one only if no other runs."""
    running = [clock for clock in clocks if clock.running]
    due = [clock for clock in running if clock.due_at]
    return (
        min(due, key=lambda clock: (clock.due_at, clock.id)) if due else next(iter(running), None)
    )


FACE = tuple(field.name for field in fields(ClockFace) if field.name != "paused_since")


def clocks_of(case_ids: Collection[int], waiting: Collection[int]) -> dict[int, list[ClockFace]]:
    """Every clock of each case, in the order of starting."""
    since = waiting_since(waiting)
    found: dict[int, list[ClockFace]] = defaultdict(list)
    clocks = Clock.objects.filter(case__in=case_ids).order_by("case_id", "id")
    for case_id, *rest in clocks.values_list("case_id", *FACE):
        face = ClockFace(*rest)
        if face.paused and case_id in since:
            face = replace(face, paused_since=since[case_id])
        found[case_id].append(face)
    return found


def waiting_since(case_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these cases last began to wait."""
    if not case_ids:
        return {}
    waits = Entry.objects.filter(case__in=case_ids, verb="case.waiting").order_by()
    return dict(waits.values_list("case_id").annotate(since=Max("at")))


def badges_of(case_ids: Collection[int]) -> dict[int, list[Badge]]:
    """Which platforms know of each case; what is still owed or has failed shows before what is linked."""
    states: dict[tuple[int, str, str], str] = {}
    urls: dict[tuple[int, str, str], str] = {}
    links = Link.objects.filter(case__in=case_ids).order_by("case_id", "connection__name")
    for case_id, platform, name, url in links.values_list(
        "case_id", "connection__platform", "connection__name", "url"
    ):
        states[case_id, platform, name] = "linked"
        urls[case_id, platform, name] = url
    # A delivery in one of these says more about a link than the link itself.
    owed = Delivery.objects.filter(case__in=case_ids, state__in=OWED + TROUBLED).order_by(
        "position"
    )
    for case_id, platform, name, state in owed.values_list(
        "case_id", "connection__platform", "connection__name", "state"
    ):
        states[case_id, platform, name] = "failed" if state in TROUBLED else "sending"
    found: dict[int, list[Badge]] = defaultdict(list)
    for (case_id, platform, name), state in states.items():
        found[case_id].append(Badge(platform, name, state, urls.get((case_id, platform, name), "")))
    return found


@dataclass(frozen=True, slots=True)
class LastChange:
    """The newest entry of a case: what was done, and by whom."""

    verb: str
    actor_kind: str
    actor_id: str
    actor: str

    def is_by(self, user_id: int) -> bool:
        return self.actor_kind == ActorKind.PERSON and self.actor_id == str(user_id)


def last_changes(case_ids: Collection[int]) -> dict[int, LastChange]:
    """Who last did something to each case."""
    newest = Entry.objects.filter(case__in=case_ids).order_by("case_id", "-seq").distinct("case_id")
    told = newest.values_list("case_id", "verb", "actor_kind", "actor_id", "actor_name")
    return {pk: LastChange(*row) for pk, *row in told}
