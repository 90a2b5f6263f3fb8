"""Many at once: cases of one type with something in common become one event that absorbs them (L5)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from exceptions_app.cases.many import Change, settle
from exceptions_app.cases.mass_limits import Limit, limits_now
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening
from exceptions_app.cases.traits import traits_of
from exceptions_app.detection.keyed import open_or_take_up
from exceptions_app.people.access import by_rule
from exceptions_app.people.models import Site
from exceptions_app.subjects.source_models import Source
from exceptions_app.timeline.entries import New, announce, record_many
from exceptions_app.vocabulary import OPEN_STATUSES, ExceptionType, Severity, Shared
from exceptions_app.writing import update

RULE = "mass.event"
NEVER = (ExceptionType.MASS_EVENT, ExceptionType.SOURCE_SILENT, ExceptionType.INTEGRATION_FAILED)
#: What the closest have in common comes first: a carrier says more than a site.
CLOSEST = tuple(
    shared.value for shared in (Shared.CARRIER, Shared.LANE, Shared.SOURCE, Shared.SITE)
)
MOST_RECENT = 2_000
LISTED = 20
LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Group:
    """Cases of a type at a site that have a trait in common."""

    site_id: int
    exception_type: str
    trait: str

    @property
    def key(self) -> str:
        return f"mass:{self.site_id}:{self.exception_type}:{self.trait}"[:160]

    @property
    def shared(self) -> str:
        return self.trait.partition(":")[0]


@dataclass(frozen=True)
class Near:
    """An open case that opened lately and belongs to no event yet."""

    id: int
    number: int
    severity: int
    opened_at: datetime
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Event:
    """A group that has become too many: those about to open, by their place, and those there already."""

    group: Group
    members: tuple[int, ...]
    near: tuple[Near, ...]


def groups_of(site_id: int, exception_type: str, traits: Iterable[str]) -> tuple[Group, ...]:
    """What a case may be one of many of, closest first."""
    if exception_type in NEVER:
        return ()
    known = sorted(traits, key=lambda trait: CLOSEST.index(trait.partition(":")[0]))
    return tuple(Group(site_id, exception_type, trait) for trait in known)


def absorbed(openings: Sequence[Opening], *, at: datetime) -> list[Opening]:
    """The same, those that belong to an event with it as their parent, which is opened if it has to be."""
    groups = [groups_of_opening(one) for one in openings]
    wanted = {group for some in groups for group in some}
    if not wanted:
        return list(openings)
    lock(wanted)
    parents = dict(open_events(wanted, at))
    left = {
        place: some
        for place, some in enumerate(groups)
        if some and not any(group in parents for group in some)
    }
    limits = limits_now() if left else {}
    near = recent(left.values(), limits, at) if left else []
    for event, case in open_events_for(events(left, near, limits, at), openings, at):
        parents[event.group] = case
        absorb(event.near, case, at=at)
    children = [with_parent(one, some, parents) for one, some in zip(openings, groups, strict=True)]
    worsen(children, {case.pk: case for case in parents.values()}, at)
    return children


def groups_of_opening(one: Opening) -> tuple[Group, ...]:
    """What is known from history, or is in quarantine, is no part of an event of today."""
    if one.subject is None or one.imported or one.quarantine_id:
        return ()
    return groups_of(one.site_id, one.exception_type, traits_of(one.subject))


def with_parent(one: Opening, groups: Iterable[Group], parents: Mapping[Group, Case]) -> Opening:
    parent = next((parents[group] for group in groups if group in parents), None)
    return replace(one, parent_id=parent.pk) if parent else one


def lock(groups: Iterable[Group]) -> None:
    """One at a time per site and type: two who count at once would both find too few."""
    names = sorted({f"{group.site_id}:{group.exception_type}" for group in groups})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('flagstand.mass'), hashtext(name))"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS names(name, place) ORDER BY place",
            [names],
        )


def limit_of(group: Group, limits: Mapping[tuple[str, str], Limit]) -> Limit:
    by_type = limits.get((group.shared, group.exception_type))
    return by_type or limits.get((group.shared, "")) or Limit()


def open_events(groups: Collection[Group], at: datetime) -> list[tuple[Group, Case]]:
    """Those that go on; one that nobody resolved and that nothing joined for a day is over."""
    by_key = {group.key: group for group in groups}
    return [(by_key[case.key], case) for case in going_on(at).filter(key__in=sorted(by_key))]


def going_on(at: datetime) -> QuerySet[Case]:
    """The events that are not over."""
    of_late = Case.objects.filter(parent=OuterRef("pk"), opened_at__gt=at - LASTS)
    cases: QuerySet[Case] = Case.objects.filter(
        Q(opened_at__gt=at - LASTS) | Exists(of_late),
        exception_type=ExceptionType.MASS_EVENT,
        status__in=OPEN_STATUSES,
    )
    return cases


def unparented() -> QuerySet[Case]:
    """Open cases that rules found of what happens now, and that belong to no event."""
    cases: QuerySet[Case] = Case.objects.filter(
        status__in=OPEN_STATUSES, parent=None, imported=False, quarantine=None
    )
    return cases.exclude(traits=[]).exclude(rule="")


def recent(
    wanted: Iterable[Sequence[Group]], limits: Mapping[tuple[str, str], Limit], at: datetime
) -> list[Near]:
    groups = {group for some in wanted for group in some}
    longest = max(limit_of(group, limits).within for group in groups)
    cases = unparented().filter(
        site__in={group.site_id for group in groups},
        exception_type__in={group.exception_type for group in groups},
        opened_at__gt=at - longest,
    )
    fields = ("pk", "number", "severity", "opened_at", "site_id", "exception_type", "traits")
    rows = cases.order_by("-opened_at").values_list(*fields)[:MOST_RECENT]
    return [Near(pk, no, bad, at, groups_of(*of)) for pk, no, bad, at, *of in rows]


def events(
    left: Mapping[int, Sequence[Group]],
    near: Sequence[Near],
    limits: Mapping[tuple[str, str], Limit],
    at: datetime,
) -> list[Event]:
    """The groups that are too many, closest first; nothing belongs to two of them."""
    members: dict[Group, list[int]] = defaultdict(list)
    beside: dict[Group, list[Near]] = defaultdict(list)
    for place, groups in left.items():
        for group in groups:
            members[group].append(place)
    for one in near:
        for group in one.groups:
            beside[group].append(one)
    found: list[Event] = []
    gone: set[int] = set()
    gone_near: set[int] = set()
    for group in sorted(members, key=lambda group: CLOSEST.index(group.shared)):
        limit = limit_of(group, limits)
        mine = [place for place in members[group] if place not in gone]
        theirs = [
            one
            for one in beside[group]
            if one.id not in gone_near and one.opened_at > at - limit.within
        ]
        if mine and limit.more_than is not None and len(mine) + len(theirs) > limit.more_than:
            found.append(Event(group, tuple(mine), tuple(theirs)))
            gone.update(mine)
            gone_near.update(one.id for one in theirs)
    return found


def open_events_for(
    found: Sequence[Event], openings: Sequence[Opening], at: datetime
) -> list[tuple[Event, Case]]:
    if not found:
        return []
    names = names_of(event.group for event in found)
    parents = [parent_of(event, openings, names[event.group], at) for event in found]
    return list(zip(found, open_or_take_up(parents, at=at), strict=True))


def parent_of(event: Event, openings: Sequence[Opening], name: str, at: datetime) -> Opening:
    group, first = event.group, openings[event.members[0]]
    severities = [openings[place].severity for place in event.members]
    severities += [Severity(one.severity) for one in event.near]
    label = str(ExceptionType(group.exception_type).label)
    shared = str(Shared(group.shared).label)
    number = len(event.members) + len(event.near)
    return Opening(
        title=f"{label.capitalize()}, many at once: {shared} {name}"[:200],
        exception_type=ExceptionType.MASS_EVENT,
        severity=min(severities),
        site_id=group.site_id,
        team_id=first.team_id,
        by=by_rule(RULE),
        at=at,
        description=f"{number} cases of “{label}” with the same {shared} opened within a short time. They "
        "are in this one; whoever is told of it is not told of each. Resolve it when the cause is gone: "
        "those without trouble of their own are resolved with it.",
        rule=RULE,
        key=group.key,
        since=at,
        evidence={
            "type": group.exception_type,
            "shared": group.shared,
            "value": name,
            "trait": group.trait,
            "cases": number,
            "before": [f"EX-{one.number}" for one in event.near[:LISTED]],
        },
    )


def names_of(groups: Iterable[Group]) -> dict[Group, str]:
    """What is shared, as people call it."""
    values = {group: group.trait.partition(":")[2] for group in groups}
    sites = [value for group, value in values.items() if group.shared == Shared.SITE]
    sources = [value for group, value in values.items() if group.shared == Shared.SOURCE]
    called = {
        Shared.SITE.value: dict(Site.objects.filter(pk__in=sites).values_list("pk", "name")),
        Shared.SOURCE.value: dict(Source.objects.filter(pk__in=sources).values_list("pk", "name")),
    }
    return {
        group: called[group.shared].get(int(value), value) if group.shared in called else value
        for group, value in values.items()
    }


def absorb(near: Sequence[Near], parent: Case, *, at: datetime) -> int:
    """Put those into the event that nobody works on just now; the rest is fetched later."""
    ids = [one.id for one in near]
    cases = list(
        Case.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(pk__in=ids, parent=None)
        .order_by("pk")
    )
    for case in cases:
        case.parent = parent
    update(cases, ("parent",))
    by, told = by_rule(RULE), {"parent": str(parent), "title": parent.title}
    record_many(New(case.pk, "case.absorbed", by, at, told) for case in cases)
    return len(cases)


def worsen(children: Sequence[Opening], parents: Mapping[int, Case], at: datetime) -> None:
    """An event is as bad as the worst of what is in it; boards count anew."""
    worst: dict[int, Severity] = {}
    for one in children:
        if one.parent_id:
            worst[one.parent_id] = min(worst.get(one.parent_id, one.severity), one.severity)
    raised = {pk: severity for pk, severity in worst.items() if severity < parents[pk].severity}
    locked = Case.objects.select_for_update(of=("self",)).filter(pk__in=raised).order_by("pk")
    changes = [Change(case) for case in locked] if raised else []
    for change in changes:
        severity = raised[change.case.pk]
        why = f"One of its cases is {severity.label}."
        change.worsen(severity, by=by_rule(RULE), at=at, reason=why)
    if changes:
        settle(changes, at=at)
    for parent_id in worst.keys() - raised.keys():
        announce(parent_id)
