"""How the tables stand: which migrations are missing, and whether they are too old for these."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: The last commit with the migrations that were made one by one, which the first one now replaces.
BEFORE = "953509e"
TOO_OLD = (
    f"Its tables are older than this version can bring up to date. Run manage.py migrate at commit {BEFORE} "
    "first, then this one again."
)


def standing() -> tuple[int, bool]:
    """How many migrations are not applied, and whether some of those that were replaced are, and some not."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    applied = loader.applied_migrations.keys()
    replaced = (set(one.replaces) for one in loader.disk_migrations.values() if one.replaces)
    too_old = any(one & applied and one - applied for one in replaced)
    return len(executor.migration_plan(loader.graph.leaf_nodes())), too_old
