"""How the tables stand: which migrations are missing, and whether they are too old for these."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: The last commit with the migrations that were made one by one, which the first one now replaces.
BEFORE = "953509e"
TOO_OLD = (
    f"Its tables are older than this version can bring up to date. Run manage.py migrate at commit {BEFORE} "
    "first, then this one again."
)


def missing() -> int:
    """How many migrations are not applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def too_old() -> bool:
    """Whether some of those that were replaced are applied, and some are not."""
    loader = MigrationExecutor(connection).loader
    applied = loader.applied_migrations.keys()
    replaced = (set(one.replaces) for one in loader.disk_migrations.values() if one.replaces)
    return any(one & applied and one - applied for one in replaced)
