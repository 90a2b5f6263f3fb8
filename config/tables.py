"""How the tables stand: which migrations are missing, and whether they are too old for these."""

import time
from collections.abc import Callable, Sequence

import structlog
from django.core.checks import CheckMessage, Error
from django.core.management.base import CommandError
from django.db import InternalError, connection
from django.db.migrations.executor import MigrationExecutor

from exceptions_app.asking import AWAY

#: The last commit with the migrations that were made one by one, which the first one now replaces.
BEFORE = "953509e"
TOO_OLD = (
    f"Its tables are older than this version can bring up to date. Run manage.py migrate at commit {BEFORE} "
    "first, then this one again."
)
#: It is away, or takes no changes; both pass.
PASSING = (*AWAY, InternalError)
FIRST_PAUSE, LONGEST_PAUSE = 0.6, 5.0
_log = structlog.stdlib.get_logger("desk.tables")


def standing() -> tuple[int, bool]:
    """How many migrations are not applied, and whether some of those that were replaced are, and some not."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    applied = loader.applied_migrations.keys()
    replaced = (set(one.replaces) for one in loader.disk_migrations.values() if one.replaces)
    too_old = any(one & applied and one - applied for one in replaced)
    return len(executor.migration_plan(loader.graph.leaf_nodes())), too_old


def problem() -> str:
    """Why nobody can work with them, or nothing."""
    missing, too_old = standing()
    if too_old:
        return TOO_OLD
    return f"{missing} migrations are missing: manage.py migrate" if missing else ""


def when_there(begin: Callable[[], object]) -> None:
    """Begin once there is a database, however long that takes; refuse to with other tables than ours."""
    pause = FIRST_PAUSE
    while True:
        try:
            if wrong := problem():
                raise CommandError(wrong)
            begin()
        except PASSING as lost:
            connection.close()
            _log.warning("no database", why=str(lost).strip(), again_in=pause)
            time.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        else:
            return


def can_be_migrated(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Say where to come from, before ``migrate`` fails halfway; others do not ask of a database."""
    too_old = bool(databases) and standing()[1]
    return [Error(TOO_OLD, id="flagstand.E011")] if too_old else []
