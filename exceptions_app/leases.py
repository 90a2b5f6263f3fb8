"""Long work that one worker has for a while: whoever dies leaves it to the next, and writes no more.

``token`` fences a worker that was given up for dead; ``tries`` give up what stops again and again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet

LEASE = timedelta(minutes=2)
#: So many times in a row without any progress, and it is given up.
TRIES = 5
GIVEN_UP = "It stopped several times at the same place. The log says why; tell an administrator."
RUNNING = "running"


@contextmanager
def only_one(*name: int) -> Iterator[bool]:
    """Whether nobody else has what this names, until it is let go; no transaction need be open meanwhile.

    One number of 64 bits, or two of 32, as PostgreSQL's advisory locks are named.
    """
    marks = ", ".join(["%s"] * len(name))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({marks})", name)
        (granted,) = cursor.fetchone()
        try:
            yield granted
        finally:
            if granted:
                cursor.execute(f"SELECT pg_advisory_unlock({marks})", name)


class TakenOver(Exception):
    """It was cancelled, or another worker has it now; only for whoever works on it."""


class Leased(models.Model):
    """A row to work on for as long as its ``state`` is running."""

    state: Any
    token = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text="In a row, without progress")

    class Meta:
        abstract = True


L = TypeVar("L", bound=Leased)


def left(at: datetime) -> Q:
    """Nobody works on it."""
    return Q(leased_until=None) | Q(leased_until__lt=at)


@transaction.atomic
def claim(rows: QuerySet[L], at: datetime, give_up: Callable[[L], None]) -> L | None:
    """The first of these; one that was tried too often is given up, and must be none of them then."""
    locked = rows.select_for_update(skip_locked=True, of=("self",))
    while (found := locked.first()) is not None:
        found.token, found.tries = found.token + 1, found.tries + 1
        found.leased_until, found.state = at + LEASE, RUNNING
        found.save(update_fields=["token", "tries", "leased_until", "state"])
        if found.tries <= TRIES:
            return found
        give_up(found)
    return None


def held(of: L) -> QuerySet[L]:
    """Its row, as long as nobody else has claimed it."""
    rows: QuerySet[L] = type(of)._default_manager.all()
    return rows.filter(pk=of.pk, token=of.token, state=RUNNING)


def note(of: Leased, at: datetime, **changes: Any) -> None:
    """Write down how far it is, and have it for another while."""
    if not held(of).update(leased_until=at + LEASE, **changes):
        raise TakenOver


def give_back(of: Leased) -> None:
    held(of).update(leased_until=None)


def end(of: Leased, state: str, **changes: Any) -> None:
    held(of).update(**changes | {"state": state, "leased_until": None})
