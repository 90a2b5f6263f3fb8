"""The clocks loop and the story-teller as processes: what a round does, and how they end and go on."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection

from config import home
from config.management.commands import runclocks
from exceptions_app.demo import people, seeding
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Delivery, Entry, Heartbeat, Signal
from exceptions_app.people.access import SYSTEM
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SourceFactory,
    TargetFactory,
    open_case,
)
from tests.intake.stories import booked

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Signals as Linux has them.")


@contextmanager
def running(folder, database_url, *command):
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, str(home.ROOT / "manage.py"), *command],
            env={**os.environ, "FLAGSTAND_HOME": str(folder), "DATABASE_URL": database_url},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def stop(process):
    """Tell it to end, and see that it does; on an idle machine that takes a fifth of a second."""
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=30) == 0


def at_rest():
    """Whether nobody else does anything in this test's database; what was sent has arrived by then."""
    time.sleep(0.2)
    others = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")  # noqa: S608
        return cursor.fetchone() == (0,)


def met(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def test_one_round_breaches_what_is_due_and_finds_what_failed_to_appear(db):
    TargetFactory(kind="acknowledge", amount=30)
    case = open_case(at=NOON)
    SourceFactory()
    accept(
        [booked(milestones={"checked_in": {"expected_at": NOON.isoformat()}})], by=SYSTEM, at=NOON
    )

    runclocks.turn(NOON + HOUR)

    assert Entry.objects.filter(case=case, verb="clock.breached").count() == 1
    assert Case.objects.filter(rule="appointment.not_checked_in").count() == 1


def test_a_round_more_does_nothing_more(db):
    TargetFactory(kind="acknowledge", amount=30)
    open_case(at=NOON)
    runclocks.turn(NOON + HOUR)
    before = Entry.objects.count()

    runclocks.turn(NOON + HOUR)

    assert Entry.objects.count() == before


def test_more_than_fits_into_one_round_is_done_in_several():
    left = [runclocks.MOST, runclocks.MOST, 7, 99]

    assert runclocks.until_idle(lambda: left.pop(0)) == 2 * runclocks.MOST + 7
    assert left == [99]


def test_a_round_wakes_a_worker_for_what_a_lost_wake_up_left_behind(db):
    PlaybookFactory(connection=ConnectionFactory())
    open_case(at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_q_ormq")

    runclocks.turn(NOON + MINUTE)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq")
        assert cursor.fetchone()[0] == 1
    assert Delivery.objects.count() == 1


@LINUX
def test_two_loops_say_one_thing_survive_a_cut_connection_and_stop_at_once(tmp_path, database_url):
    TargetFactory(kind="acknowledge", amount=1)
    ours, other = tmp_path / "a", tmp_path / "b"
    ours.mkdir()
    other.mkdir()
    with running(ours, database_url, "runclocks") as one, running(other, database_url, "runclocks"):
        assert met(lambda: Heartbeat.objects.filter(name="clocks").count() == 2)
        cut_every_other_connection()
        first = open_case(at=NOON)

        assert met(lambda: Entry.objects.filter(case=first, verb="clock.breached").exists())
        assert met(lambda: "no database" in (ours / "out").read_text())
        assert met(lambda: "the database is back" in (ours / "out").read_text())
        stop(one)

    assert Entry.objects.filter(case=first, verb="clock.breached").count() == 1


def cut_every_other_connection():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@LINUX
def test_the_story_teller_tells_until_it_is_told_to_stop_and_keeps_what_is_left(
    tmp_path, database_url, live_server
):
    seeding.seed(NOON)
    token = seeding.keys({}, NOON)[people.BRIDGE]
    options = ("--base-url", live_server.url, "--token", token, "--seed", "3", "--speed", "600")
    with running(tmp_path, database_url, "stories", *options) as teller:
        assert met(lambda: Signal.objects.count() > 20), (tmp_path / "out").read_text()

        stop(teller)

    assert met(at_rest)
    left = json.loads((tmp_path / "stories-left.json").read_text())
    assert len(left) > 5
    # What it was telling just then it tells again, and the desk knows it.
    told = Signal.objects.filter(external_id__in=[one["item"]["external_id"] for one in left])
    assert told.values("receipt").distinct().count() <= 1


@LINUX
def test_without_a_token_the_story_teller_says_what_to_do(tmp_path, database_url):
    with running(tmp_path, database_url, "stories") as teller:
        assert teller.wait(timeout=30) == 1

    assert "Run manage.py seed_demo first." in (tmp_path / "out").read_text()
