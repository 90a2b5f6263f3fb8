"""Workers and clocks wait for a database, and refuse to work on tables that are not theirs."""

from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import InternalError, OperationalError
from django.db.migrations.recorder import MigrationRecorder

from config import tables


@pytest.mark.parametrize("lost", [OperationalError, InternalError])
def test_what_begins_without_a_database_waits_for_it(monkeypatch, lost):
    paused: list[float] = []
    asked = iter([lost("It is away."), lost("It is away."), ""])

    def problem():
        if told := next(asked):
            raise told
        return ""

    monkeypatch.setattr(tables, "problem", problem)
    monkeypatch.setattr(tables, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr("time.sleep", paused.append)

    tables.when_there(lambda: paused.append(0))

    assert paused == [tables.FIRST_PAUSE, 2 * tables.FIRST_PAUSE, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["worker", "runclocks"])
def test_nobody_works_before_migrate(command):
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()

    with pytest.raises(CommandError, match="1 migrations are missing"):
        call_command(command)


@pytest.mark.django_db
def test_tables_that_cannot_be_migrated_say_from_where_to_come():
    MigrationRecorder.Migration.objects.filter(name="0028_events_of_cases").delete()

    (told,) = run_checks(tags=["database"], databases=["default"])

    assert (told.id, told.msg) == ("flagstand.E011", tables.TOO_OLD)
