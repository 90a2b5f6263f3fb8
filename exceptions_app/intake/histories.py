"""One teller of a site's history at a time: each looks at all that is asleep there, as of its own moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import QuerySet

from exceptions_app.asking import asked
from exceptions_app.errors import NotAllowedNow
from exceptions_app.intake.models import TableImport
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import ImportMode, ImportState

LOCK = 0x68697374
TOLD_BY_HAND = """
    SELECT objid::bigint FROM pg_locks JOIN pg_database d ON d.oid = pg_locks.database
    WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND d.datname = current_database()
"""
BUSY = "History of “{}” is being taken in already. Wait until that is done, then run it again."


@contextmanager
def telling(site: Site) -> Iterator[None]:
    """Tell a site's history by hand; imports of its history wait until this is left or its process ends.

    The lock is that of a transaction, which PgBouncer bears, on a connection of its own: what is told commits
    in many.
    """
    own = connection.copy()
    try:
        own.set_autocommit(autocommit=False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, site.pk])
            (is_ours,) = cursor.fetchone()
        # Whoever claims an import looks for the lock, so this looks after it has it.
        if not is_ours or running().filter(site=site).exists():
            raise NotAllowedNow(BUSY.format(site))
        yield
    finally:
        own.rollback()
        own.close()


def told_by_hand() -> list[int]:
    """The sites whose history somebody tells from the command line."""
    return [pk for (pk,) in asked(TOLD_BY_HAND, [LOCK])]


def running() -> QuerySet[TableImport]:
    """The imports of history that have begun and not ended, whether or not anybody works on them just now."""
    return TableImport.objects.filter(state=ImportState.RUNNING, mode=ImportMode.HISTORY)
