"""How a connection may be used now: its rate budget and its circuit, shared by all workers through one row.

The budget is the generic cell rate algorithm: requests at an even pace, and a tenth of them in a burst. The
circuit opens after five failures in a row, and then lets one delivery through at a time, ever less often,
until one succeeds; nobody needs to close it. A platform that asks to be left alone is left alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database

from exceptions_app.asking import asked, ids
from exceptions_app.outbox.models import Gate
from exceptions_app.outbox.rates import Rate

FAILURES, FIRST_REST, LONGEST_REST = 5, timedelta(seconds=15), timedelta(minutes=10)
#: How long a probe of an open circuit keeps the others waiting: as long as its lease.
PROBE = timedelta(seconds=60)

# In one order, so that two who ask for the same connections do not wait for each other.
ADMIT = """
    INSERT INTO exceptions_app_gate AS g (connection_id, budget_at, free_at, failures)
    SELECT asked.id, %(at)s + asked.every, %(at)s + asked.every - asked.burst, 0
    FROM unnest(%(ids)s::bigint[], %(every)s::interval[], %(burst)s::interval[])
         AS asked (id, every, burst)
    ORDER BY asked.id
    ON CONFLICT (connection_id) DO UPDATE SET
        budget_at = greatest(g.budget_at, %(at)s) + (excluded.budget_at - %(at)s),
        free_at = greatest(g.budget_at, %(at)s) + (excluded.free_at - %(at)s),
        held_until = CASE WHEN g.opened_at IS NULL THEN g.held_until ELSE %(at)s + %(probe)s END
    WHERE g.free_at <= %(at)s AND (g.held_until IS NULL OR g.held_until <= %(at)s)
    RETURNING g.connection_id
"""
ANSWERED = """
    UPDATE exceptions_app_gate g SET failures = 0, opened_at = NULL, held_until = NULL
    FROM (SELECT connection_id FROM exceptions_app_gate
          WHERE connection_id = ANY(%s) AND failures > 0 ORDER BY connection_id FOR UPDATE) failing
    WHERE g.connection_id = failing.connection_id
"""
SPEND = """
    UPDATE exceptions_app_gate SET budget_at = greatest(budget_at, %(at)s) + %(every)s,
        free_at = greatest(budget_at, %(at)s) + %(every)s - %(burst)s
    WHERE connection_id = %(connection)s
"""
FAILED = """
    INSERT INTO exceptions_app_gate AS g (connection_id, budget_at, free_at, failures)
    VALUES (%(connection)s, %(at)s, %(at)s, 1)
    ON CONFLICT (connection_id) DO UPDATE SET
        failures = g.failures + 1,
        opened_at = CASE WHEN g.failures + 1 >= %(most)s THEN coalesce(g.opened_at, %(at)s) END,
        held_until = CASE WHEN g.failures + 1 >= %(most)s THEN %(at)s + least(
            %(longest)s, %(first)s * power(2, least(g.failures + 1 - %(most)s, 10))) ELSE g.held_until END
"""


def admit(connection_id: int, rate: Rate, *, at: datetime) -> bool:
    """Take one request's worth of the budget, unless it is used up or the circuit is open."""
    return connection_id in admit_each({connection_id: rate}, at=at)


def admit_each(rates: Mapping[int, Rate], *, at: datetime) -> set[int]:
    """The same of several connections at once; those that may be used."""
    given: dict[str, Any] = {
        "ids": list(rates),
        "every": [rate.every for rate in rates.values()],
        "burst": [rate.burst for rate in rates.values()],
    }
    return {pk for (pk,) in asked(ADMIT, given | {"at": at, "probe": PROBE})}


def spend(connection_id: int, rate: Rate, *, at: datetime, requests: int) -> None:
    """An operation took so many requests more than the one it was admitted with."""
    given: dict[str, Any] = {"connection": connection_id, "at": at, "every": rate.every * requests}
    with database.cursor() as cursor:
        cursor.execute(SPEND, given | {"burst": rate.burst})


def note_answer(*connection_ids: int) -> None:
    """They answer: whatever was open is closed."""
    asked(ANSWERED, [ids(connection_ids)], answers=False)


def note_failure(connection_id: int, *, at: datetime) -> None:
    """It does not answer, or cannot be used as it is set up."""
    given: dict[str, Any] = {"connection": connection_id, "at": at}
    rests = {"first": FIRST_REST, "longest": LONGEST_REST, "most": FAILURES}
    with database.cursor() as cursor:
        cursor.execute(FAILED, given | rests)


def hold(connection_id: int, *, until: datetime) -> None:
    """The platform asks to be left alone."""
    Gate.objects.update_or_create(
        connection_id=connection_id,
        defaults={"held_until": until},
        create_defaults={"held_until": until, "budget_at": until, "free_at": until},
    )


def next_admission(connection_id: int, at: datetime) -> datetime:
    """When there is a point in asking again."""
    gate = Gate.objects.filter(connection=connection_id).first()
    return max(at, gate.free_at, gate.held_until or at) if gate else at
