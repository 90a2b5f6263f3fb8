"""The four statements of a report: cases opened, their clocks, cases resolved, cases open.

Each reads its cases once, by ``opened_at`` or ``resolved_at`` between two instants or by being open, and
counts them as a whole, per group, per week and per team in grouping sets.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.reports.groupings import KEYS, PLACE, Grouping
from exceptions_app.reports.periods import Period
from exceptions_app.vocabulary import OPEN_STATUSES

READ = (
    "id",
    "opened_at",
    "acknowledged_at",
    "resolved_at",
    "site_id",
    "team_id",
    "exception_type",
    "severity",
    "assignee_id",
)

CHOSEN = """
    WITH chosen AS (
        SELECT c.*, {key} AS key, {place} AS place,
               date_trunc('week', c.{moment} AT TIME ZONE %s)::date AS week, c.opened_at >= %s AS present
        FROM ({cases}) c LEFT JOIN exceptions_app_team t ON t.id = c.team_id)
"""
OPENED = """
    SELECT key, week, grouping(key, week), count(*),
           count(acknowledged_at), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY extract(epoch FROM acknowledged_at - opened_at)::float8),
           count(resolved_at), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
               ORDER BY extract(epoch FROM resolved_at - opened_at)::float8)
    FROM chosen GROUP BY GROUPING SETS ((), (key), (week))
"""
# Counted finely first and rolled up after: the sets then sort a few thousand rows instead of every clock.
# The lowest id only spares the clocks of older cases; which clocks count is for the join to say.
CLOCKED = """
    , finely AS (
        SELECT present, key, week, place, k.kind,
               count(*) FILTER (WHERE k.stopped_at IS NOT NULL AND k.breached_at IS NULL) AS met,
               count(*) FILTER (WHERE k.breached_at IS NOT NULL) AS missed,
               count(*) FILTER (WHERE k.stopped_at IS NULL AND k.breached_at IS NULL) AS running
        FROM chosen JOIN exceptions_app_clock k ON k.case_id = chosen.id
        WHERE k.case_id >= (SELECT min(id) FROM chosen)
        GROUP BY present, key, week, place, k.kind)
    SELECT present, key, week, place, grouping(key, week, place), kind, sum(met)::bigint, sum(missed)::bigint,
           sum(running)::bigint
    FROM finely
    GROUP BY GROUPING SETS ((present, kind), (present, key, kind), (present, week, kind),
                            (present, place, kind))
"""
COUNTED = """
    SELECT key, week, grouping(key, week), count(*)
    FROM chosen GROUP BY GROUPING SETS ((), (key), (week))
"""
#: Which grouping set a row is of: the bits say what it is *not* grouped by.
WHOLE, PER_KEY, PER_WEEK = "whole", "key", "week"
SETS = {0b11: WHOLE, 0b01: PER_KEY, 0b10: PER_WEEK}
PER_PLACE = "place"
CLOCK_SETS = {0b111: WHOLE, 0b011: PER_KEY, 0b101: PER_WEEK, 0b110: PER_PLACE}


class At(NamedTuple):
    """Where a figure belongs: to the whole, a group, a week or a team, of the period or of the one before."""

    part: str
    key: str = ""
    present: bool = True


class Spread(NamedTuple):
    """How long something took: of how many cases, and the median and ninth decile in seconds."""

    cases: int = 0
    median: float | None = None
    p90: float | None = None


class Opened(NamedTuple):
    cases: int = 0
    acknowledged: Spread = Spread()
    resolved: Spread = Spread()


class Kept(NamedTuple):
    met: int = 0
    missed: int = 0
    running: int = 0


class Measured(NamedTuple):
    """Everything counted."""

    opened: dict[At, Opened]
    clocks: dict[tuple[At, str], Kept]
    resolved: dict[At, int]
    open: dict[At, int]


def measured(cases: QuerySet[Case], grouping: Grouping, period: Period) -> Measured:
    """Count the cases, which are already those that the reader may see."""
    opened = cases.filter(opened_at__gte=period.start, opened_at__lt=period.end)
    since_before = cases.filter(opened_at__gte=period.before, opened_at__lt=period.end)
    resolved = cases.filter(resolved_at__gte=period.start, resolved_at__lt=period.end)
    still_open = cases.filter(status__in=OPEN_STATUSES)
    return Measured(
        opened_in(selected(OPENED, opened, grouping, period)),
        clocks_in(selected(CLOCKED, since_before, grouping, period)),
        counted_in(selected(COUNTED, resolved, grouping, period, moment="resolved_at")),
        counted_in(selected(COUNTED, still_open, grouping, period)),
    )


def selected(
    statement: str,
    cases: QuerySet[Case],
    grouping: Grouping,
    period: Period,
    *,
    moment: str = "opened_at",
) -> Sequence[tuple[Any, ...]]:
    try:
        sql, given = cases.order_by().values(*READ).query.sql_with_params()
    except EmptyResultSet:
        return ()
    chosen = CHOSEN.format(key=KEYS[grouping], place=PLACE, moment=moment, cases=sql)
    with connection.cursor() as cursor:
        cursor.execute(chosen + statement, [period.zone.key, period.start, *given])
        return list(cursor.fetchall())


def key_of(part: str, key: str, week: date | None, place: str = "") -> str:
    return {WHOLE: "", PER_KEY: key, PER_WEEK: str(week), PER_PLACE: place}[part]


def opened_in(rows: Sequence[tuple[Any, ...]]) -> dict[At, Opened]:
    found = {}
    for key, week, bits, cases, acknowledged, to_acknowledge, resolved, to_resolve in rows:
        at = At(SETS[bits], key_of(SETS[bits], key, week))
        found[at] = Opened(
            cases,
            Spread(acknowledged, *(to_acknowledge or ())),
            Spread(resolved, *(to_resolve or ())),
        )
    return found


def clocks_in(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[At, str], Kept]:
    found = {}
    for present, key, week, place, bits, kind, *counts in rows:
        at = At(CLOCK_SETS[bits], key_of(CLOCK_SETS[bits], key, week, place), present)
        found[at, kind] = Kept(*counts)
    return found


def counted_in(rows: Sequence[tuple[Any, ...]]) -> dict[At, int]:
    return {At(SETS[bits], key_of(SETS[bits], key, week)): cases for key, week, bits, cases in rows}
