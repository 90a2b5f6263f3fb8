"""What a board shows: rows of cases in an order, a page at a time, and how many there are."""

import base64
import binascii
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value

from exceptions_app.cases.models import Case
from exceptions_app.cases.rows import Row, rows_of
from exceptions_app.errors import Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import OPEN_STATUSES

PAGE_SIZE = 50
#: Counting stops here; beyond it a board says "1,000+".
CAP = 1_000


@dataclass(frozen=True)
class Sort:
    """An order of the board. Cases without the leading value come last, whatever the direction."""

    slug: str
    label: str
    lead: str
    rest: tuple[str, ...]
    down: bool = False

    def fields(self, *, led: bool) -> tuple[str, ...]:
        return (self.lead, *self.rest) if led else self.rest


URGENT = Sort("urgent", "Most urgent", "due_at", ("severity", "opened_at", "id"))
SORTS: Mapping[str, Sort] = {
    sort.slug: sort
    for sort in (
        URGENT,
        Sort("newest", "Newest", "opened_at", ("id",), down=True),
        Sort("oldest", "Oldest", "opened_at", ("id",)),
        Sort("promise", "Promise", "promised_at", ("id",)),
        Sort("value", "Value", "value", ("id",), down=True),
    )
}


@dataclass(frozen=True)
class Page:
    """A stretch of the board; ``after`` asks for the next one and is empty at the end."""

    rows: tuple[Row, ...]
    after: str = ""


@dataclass(frozen=True)
class Count:
    """How many, counted no further than ``CAP``."""

    number: int

    @property
    def capped(self) -> bool:
        return self.number > CAP

    def __str__(self) -> str:
        return f"{CAP:,}+" if self.capped else f"{self.number:,}"


class RowOf(Func):
    function = "ROW"


class Beyond(Func):
    """Whether one row of values comes after another, compared from left to right."""

    template = "%(expressions)s"
    output_field = BooleanField()


def board(
    cases: QuerySet[Case],
    *,
    by: Actor,
    sort: Sort = URGENT,
    after: str = "",
    size: int = PAGE_SIZE,
) -> Page:
    """One page of the cases the actor may see, in a constant number of statements at any number of cases."""
    mark = read_mark(after, sort) if after else None
    chosen = access.visible(cases, by).order_by()
    ids: list[int] = []
    if mark is None or mark[0] is not None:
        ids += stretch(
            chosen.filter(**{f"{sort.lead}__isnull": False}),
            sort,
            mark,
            size + 1,
            led=True,
        )
    if len(ids) <= size and Case._meta.get_field(sort.lead).null:
        rest = mark[1:] if mark and mark[0] is None else None
        unled = chosen.filter(**{f"{sort.lead}__isnull": True})
        ids += stretch(unled, sort, rest, size + 1 - len(ids), led=False)
    rows = rows_of(ids[:size])
    page = tuple(rows[pk] for pk in ids[:size] if pk in rows)
    return Page(page, write_mark(page[-1], sort) if len(ids) > size and page else "")


def stretch(
    cases: QuerySet[Case],
    sort: Sort,
    mark: Sequence[Any] | None,
    size: int,
    *,
    led: bool,
) -> list[int]:
    """The next ids of the cases that have the leading value, or of those that lack it."""
    fields = sort.fields(led=led)
    if mark is not None:
        here, there = (
            RowOf(*(F(field) for field in fields)),
            RowOf(*(Value(value) for value in mark)),
        )
        cases = cases.filter(Beyond(here, there, arg_joiner=" < " if sort.down else " > "))
    # Ordered by the leading value even where it is missing: so the index is walked, not sorted.
    order = [F(field).desc() if sort.down else F(field).asc() for field in sort.fields(led=True)]
    return list(cases.order_by(*order).values_list("pk", flat=True)[:size])


def write_mark(row: Row, sort: Sort) -> str:
    """Where a page ended, as text for an address."""
    values = [told(getattr(row, field)) for field in sort.fields(led=True)]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def read_mark(mark: str, sort: Sort) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        fields = sort.fields(led=True)
        return [READERS[field](value) for field, value in zip(fields, values, strict=True)]
    except (
        ValueError,
        TypeError,
        KeyError,
        OverflowError,
        InvalidOperation,
        binascii.Error,
    ) as problem:
        raise Refused.misplaced() from problem


def instant(value: Any) -> datetime | None:
    if value is None:
        return None
    return datetime.fromisoformat(value).astimezone(UTC)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "due_at": instant,
    "opened_at": instant,
    "promised_at": instant,
    "severity": int,
    "id": int,
    "value": lambda value: None if value is None else Decimal(value),
}


def rank(row: Row, sort: Sort) -> str:
    """The row's place in the order as text, so that a page can put a changed row where it belongs."""
    parts = [
        ranked(getattr(row, field), missing="" if sort.down else "~")
        for field in sort.fields(led=True)
    ]
    return " ".join(parts)


def ranked(value: Any, *, missing: str) -> str:
    if value is None:
        return missing
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{value:020.2f}" if isinstance(value, Decimal) else f"{value:019d}"


def open_cases() -> QuerySet[Case]:
    cases: QuerySet[Case] = Case.objects.filter(status__in=OPEN_STATUSES)
    return cases


def live_cases() -> QuerySet[Case]:
    """Open cases without those of history or in an event, asked for as the board's filters do."""
    cases: QuerySet[Case] = Case.objects.filter(imported=False)
    return cases.filter(status__in=sorted(OPEN_STATUSES)).filter(parent=None)


def counted(chosen: Collection[QuerySet[Case]], *, by: Actor) -> list[Count]:
    """How many each choice has that the actor may see; one statement, and none counts beyond the cap."""
    parts: list[tuple[str, Sequence[Any]]] = []
    places: dict[int, int] = {}
    for place, cases in enumerate(chosen):
        try:
            sql, given = (
                access.visible(cases, by).order_by().values("pk")[: CAP + 1].query.sql_with_params()
            )
        except EmptyResultSet:
            continue
        if (sql, given) not in parts:  # a board mostly shows all that its widest view holds
            parts.append((sql, given))
        places[place] = parts.index((sql, given))
    numbers = selected(
        [f"(SELECT count(*) FROM ({sql}) AS chosen)" for sql, _ in parts],  # noqa: S608 - SQL of the ORM, with parameters
        [value for _, given in parts for value in given],
    )
    return [Count(numbers[places[place]] if place in places else 0) for place in range(len(chosen))]


def selected(parts: Iterable[str], params: Sequence[Any]) -> Sequence[int]:
    if not parts:
        return ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), params)
        return tuple(cursor.fetchone())


FACETS = (
    "status",
    "severity",
    "site_id",
    "team_id",
    "exception_type",
    "assignee_id",
    "breached",
)


def facets(cases: QuerySet[Case], *, by: Actor) -> dict[str, dict[Any, int]] | None:
    """How often each value occurs among the cases chosen; None where there are too many to count cheaply."""
    rows = list(access.visible(cases, by).order_by().values_list(*FACETS)[: CAP + 1])
    if len(rows) > CAP:
        return None
    found: dict[str, dict[Any, int]] = {name: {} for name in FACETS}
    for row in rows:
        for name, value in zip(FACETS, row, strict=True):
            found[name][value] = found[name].get(value, 0) + 1
    return found
