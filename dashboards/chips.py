"""The addresses around a board: its views, its chips, its orders and its filter menu."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from dashboards.answers import whole_number
from dashboards.filters import ANY_STATUS, PARAMETERS, CaseFilter
from dashboards.wording import length
from exceptions_app.cases.queries import SORTS, Count, Sort
from exceptions_app.models import Case, Site, Team, User
from exceptions_app.vocabulary import ExceptionType, Severity, Status

Facets = Mapping[str, Mapping[Any, int]]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to go to."""

    label: str
    url: str
    current: bool = False
    count: Count | int | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the board without it."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the filter menu."""

    label: str
    choices: tuple[Choice, ...] = field(default=())


def address(query: QueryDict) -> str:
    return f"{reverse('board')}?{query.urlencode()}" if query else reverse("board")


def changed(query: QueryDict, **values: Sequence[str]) -> QueryDict:
    """The same question with these parameters instead; an empty list takes one out."""
    other = query.copy()
    for name, given in values.items():
        other.pop(name, None)
        if given:
            other.setlist(name, list(given))
    return other


#: Slug, label, and what the view asks for.
VIEWS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("unowned", "Unowned", {"assignee": "none"}),
    ("mine", "Mine", {"assignee": "me"}),
    ("soon", "Over or due in 1 h", {"due_within": "60"}),
    ("open", "All open", {}),
)


def tabs(query: QueryDict, counts: Iterable[Count]) -> list[Choice]:
    """The views; they keep the site, and nothing else."""
    asked = {
        name: values
        for name, values in query.lists()
        if name not in {"site", "sort", "status"} and any(values)
    }
    status = query.getlist("status")
    found = []
    for (slug, label, wanted), count in zip(VIEWS, counts, strict=True):
        other = QueryDict(mutable=True)
        for name in ("site", "sort"):
            if query.getlist(name):
                other.setlist(name, query.getlist(name))
        for name, value in wanted.items():
            other[name] = value
        current = asked == {name: [value] for name, value in wanted.items()} and status in (
            [],
            ["open"],
        )
        found.append(Choice(label, address(other), current, count, slug))
    return found


def sorts(query: QueryDict, current: Sort, usual: str) -> list[Choice]:
    """The orders; the usual one needs no word in the address."""
    return [
        Choice(
            sort.label,
            address(changed(query, sort=[] if sort.slug == usual else [sort.slug])),
            sort is current,
        )
        for sort in SORTS.values()
    ]


NAMES = {
    "type": "type",
    "due_within": "over or due in",
    "opened_after": "opened since",
    "opened_before": "opened before",
    "changed_after": "changed since",
    "resolved_after": "resolved since",
    "resolved_before": "resolved before",
    "imported": "from history",
    "part_of": "part of",
    "q": "search",
    "assignee": "owner",
}


def chips(filters: CaseFilter, query: QueryDict) -> list[Chip]:
    """What narrows the list now; the default of open cases is no chip."""
    found = []
    for name in PARAMETERS:
        values = [value for value in query.getlist(name) if value]
        for value in values:
            rest = [other for other in values if other != value]
            without = address(changed(query, **{name: rest}))
            found.append(Chip(NAMES.get(name, name), shown(filters, name, value), without))
    return found


def shown(filters: CaseFilter, name: str, value: str) -> str:
    """A value as the person chose it."""
    words = {
        "me": "me",
        "none": "nobody",
        "true": "yes",
        "false": "no",
        ANY_STATUS: "any",
    }
    if name == "part_of":
        return event_named(value)
    if name == "due_within" and value.isdecimal():
        return length(int(value) * 60)
    if name.endswith(("_after", "_before")):
        return instant(value)
    if name in {"status", "severity", "type", "site", "team", "target"}:
        choices = dict(filters.form.fields[name].choices)
        return str(choices.get(value, value))
    plain = {"assignee", "breached", "acknowledged", "resolved", "imported"}
    return words.get(value.lower(), value) if name in plain else value


def event_named(value: str) -> str:
    """The number of the event that cases are part of."""
    found = Case.objects.filter(pk=whole_number(value) or 0).first()
    return str(found or "nothing")


def instant(value: str) -> str:
    """An instant of an address as a day, or as it stands if it is none."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{at.day} {at:%b %Y, %H:%M} {at.tzname() or ''}".rstrip()


def menu(filters: CaseFilter, query: QueryDict, facets: Facets | None) -> list[Group]:
    """Everything the list can be narrowed by, most used first."""
    counted = Counting(query, facets)
    sites = dict(Site.objects.values_list("slug", "pk"))
    severities = {one.slug: (one.value, str(one.label)) for one in Severity}
    return [
        Group("Severity", counted.choices("severity", "severity", severities.items())),
        Group(
            "Status",
            counted.choices(
                "status", "status", ((one.value, (one.value, one.label)) for one in Status)
            ),
        ),
        Group("Owner", (*counted.owners(), *counted.people())),
        Group(
            "Site",
            counted.choices("site", "site_id", ((s, (sites[s], n)) for s, n in filters.sites())),
        ),
        Group("Team", counted.teams(filters.teams())),
        Group(
            "Type",
            counted.choices(
                "type", "exception_type", ((o.value, (o.value, o.label)) for o in ExceptionType)
            ),
        ),
        Group(
            "Target",
            (counted.one("breached", "true", "Target missed", counted.of("breached", value=True)),),
        ),
        Group("History", (counted.one("imported", "true", "From history", None),)),
        Group(
            "Due",
            tuple(
                counted.one("due_within", str(m), f"Over or due in {length(m * 60)}", None)
                for m in (0, 30, 60, 240, 1440)
            ),
        ),
    ]


@dataclass(frozen=True)
class Counting:
    """Choices of a menu with how often each occurs, where that was counted."""

    query: QueryDict
    facets: Facets | None

    def of(self, facet: str, value: Any) -> int | None:
        return None if self.facets is None else self.facets[facet].get(value, 0)

    def one(self, name: str, value: str, label: str, count: int | None) -> Choice:
        """Pressing a choice adds it, pressing it again takes it out."""
        values = self.query.getlist(name)
        many = name in {"status", "severity", "site", "team", "type"}
        on = value in values
        rest = [other for other in values if other != value] if many else []
        return Choice(
            label,
            address(changed(self.query, **{name: rest if on else [*rest, value]})),
            on,
            count,
            name,
        )

    def choices(
        self, name: str, facet: str, rows: Iterable[tuple[str, tuple[Any, Any]]]
    ) -> tuple[Choice, ...]:
        found = [
            self.one(name, value, str(label), self.of(facet, known))
            for value, (known, label) in rows
        ]
        return tuple(choice for choice in found if choice.count != 0 or choice.current)

    def owners(self) -> tuple[Choice, ...]:
        return (
            self.one("assignee", "me", "Me", None),
            self.one("assignee", "none", "Nobody", self.of("assignee_id", None)),
        )

    def people(self) -> tuple[Choice, ...]:
        """Owners of the cases counted; without counts nobody is listed."""
        ids = [pk for pk in (self.facets or {}).get("assignee_id", {}) if pk]
        users = User.objects.filter(pk__in=ids).order_by("first_name", "username")
        return tuple(
            self.one("assignee", u.username, u.shown_name(), self.of("assignee_id", u.pk))
            for u in users
        )

    def teams(self, names: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
        """A slug stands for the teams of that name at every site."""
        slugs = dict(Team.objects.values_list("pk", "slug"))
        totals: dict[str, int] = {}
        for pk, number in (self.facets or {}).get("team_id", {}).items():
            if pk in slugs:
                totals[slugs[pk]] = totals.get(slugs[pk], 0) + number
        counted = self.facets is not None
        return tuple(
            self.one("team", slug, name, totals[slug] if counted else None)
            for slug, name in names
            if not counted or slug in totals
        )
