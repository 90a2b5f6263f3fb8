"""The doctor, the two health addresses, and what they say."""

import json
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from config import diagnosis
from exceptions_app.models import Connection, Delivery
from exceptions_app.outbox import queue
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import DeliveryState, Operation
from tests.factories import NOON, ConnectionFactory, SourceFactory, open_case

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def overdue():
    """A delivery that was due a while before NOON."""
    where = ConnectionFactory.create(name="Zendesk Berlin")
    case = open_case(at=NOON - timedelta(hours=1))
    owe(case.pk, where.pk, Operation.CREATE, at=NOON - timedelta(minutes=3), key="a")
    return Delivery.objects.get(key="a")


def test_a_fresh_database_is_fine():
    line = diagnosis.database()

    assert line.fine
    assert line.says.startswith("PostgreSQL ")


def test_missing_migrations_are_counted_with_what_to_do():
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()

    assert diagnosis.database().says == "1 migrations are missing: manage.py migrate"


def test_a_database_that_takes_no_changes_is_not_fine():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    assert diagnosis.database().says.startswith("It takes no changes (read-only).")


def test_tables_of_before_the_first_migration_took_their_place_say_from_where_to_come():
    MigrationRecorder.Migration.objects.filter(name="0028_events_of_cases").delete()

    assert "at commit 953509e first" in diagnosis.database().says


def test_the_settings_of_the_demo_are_fine():
    assert diagnosis.settings().fine


def test_an_unsafe_setting_is_told_with_its_number(settings):
    settings.SERVES_OTHERS = True

    line = diagnosis.settings()

    assert not line.fine
    assert "(flagstand.E003)" in line.says


def test_an_empty_queue_is_fine():
    assert diagnosis.waiting(NOON).fine


def test_an_overdue_delivery_is_told_with_its_age(overdue):
    line = diagnosis.waiting(NOON)

    assert not line.fine
    assert "0:03:00 overdue" in line.says


def test_a_worker_that_was_heard_of_is_alive():
    queue.beat("worker", at=NOON - 10 * SECOND)

    assert diagnosis.workers(NOON) == diagnosis.Line(
        "workers", fine=True, says="Heard of 10 s ago."
    )


def test_a_worker_long_silent_is_missed():
    queue.beat("worker", at=NOON - 60 * SECOND)

    line = diagnosis.workers(NOON)

    assert not line.fine
    assert line.says.endswith("manage.py worker")


def test_a_silent_clock_is_missed():
    assert diagnosis.clock(NOON).says.endswith("manage.py runclocks")


def test_a_connection_whose_last_try_failed_is_named(overdue):
    Connection.objects.update(failed_at=NOON, succeeded_at=NOON - SECOND)

    assert "Zendesk Berlin" in diagnosis.connections(NOON).says


def test_a_connection_that_works_again_is_fine(overdue):
    Connection.objects.update(failed_at=NOON, succeeded_at=NOON + SECOND)

    assert diagnosis.connections(NOON).says == "1 enabled, none failing."


def test_secrets_that_no_key_opens_are_counted(settings):
    ConnectionFactory.create()
    SourceFactory.create()
    SourceFactory.create(slug="dms")
    settings.FLAGSTAND_KEYS = [Fernet.generate_key().decode()]

    says = diagnosis.secrets(NOON).says

    assert says.startswith("1 connections and 2 sources are sealed with a key that FLAGSTAND_KEYS")


def test_deliveries_given_up_are_counted(overdue):
    Delivery.objects.update(state=DeliveryState.DEAD)

    assert diagnosis.connections(NOON).says == "1 deliveries were given up. Resend or skip them."


def test_deliveries_in_doubt_are_counted(overdue):
    Delivery.objects.update(state=DeliveryState.UNCERTAIN)

    assert diagnosis.connections(NOON).says.startswith("1 deliveries are in doubt. ")


def test_a_connection_that_is_switched_off_and_owes_something_is_named(overdue):
    Connection.objects.update(enabled=False)

    assert "Switched off, and owe something: Zendesk Berlin." in diagnosis.connections(NOON).says


def test_the_doctor_is_content_when_everybody_was_heard_of(capsys):
    for name in ("clocks", "worker"):
        queue.beat(name, at=timezone.now())

    call_command("doctor")

    assert "WRONG" not in capsys.readouterr().out


def test_the_doctor_fails_while_anything_is_wrong(capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("doctor")

    assert "WRONG  workers" in capsys.readouterr().out


def test_the_doctor_speaks_to_programs(capsys):
    with pytest.raises(SystemExit):
        call_command("doctor", "--json")

    lines = {line["name"]: line["fine"] for line in json.loads(capsys.readouterr().out)}
    assert lines == {
        "settings": True,
        "database": True,
        "queue": True,
        "clock": False,
        "workers": False,
        "secrets": True,
        "connections": True,
    }


def test_a_live_process_says_so_without_a_database(client):
    assert client.get("/healthz").content == b"alive\n"


def test_a_ready_process_says_who_is_silent(client):
    body = client.get("/readyz").json()

    assert body["ready"]
    assert body["silent"] == ["clocks", "worker"]
    assert body["oldest_due_seconds"] == 0


def test_a_process_that_loses_its_database_meanwhile_is_not_ready(client, monkeypatch):
    def refuse(*_):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(queue, "oldest_due", refuse)

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (503, False)


def test_a_process_without_its_tables_is_not_ready(client):
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "manage.py migrate" in answer.json()["database"]


def test_without_a_database_nothing_else_is_asked(monkeypatch):
    def refuse(*_):
        raise OperationalError("connection refused\nIs it running?")

    monkeypatch.setattr(connection, "cursor", refuse)

    lines = diagnosis.everything()

    assert [line.name for line in lines] == ["settings", "database"]
    assert lines[-1].says == "It does not answer: connection refused. Check DATABASE_URL."
