"""The embedded PostgreSQL: started by the first, stopped by the last, mended after every accident."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from config import embedded, home
from config.cluster import SHARED

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="flock and fork")
USE = """
import sys
from config import embedded
with embedded.served() as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def asked(url, sql="SELECT 1"):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def another_user():
    return subprocess.Popen(
        [sys.executable, "-c", USE],
        cwd=home.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said_by(process):
    return process.stdout.readline().strip()


@pytest.fixture
def neighbour(own_home):
    """Another process that uses the same server."""
    with another_user() as process:
        yield process


def place():
    return embedded._cluster().place


def test_the_server_runs_as_long_as_it_is_needed(own_home):
    with embedded.served() as url:
        answer = asked(url)

    assert answer == [(1,)]
    assert not embedded.running()


def test_data_outlive_the_server(own_home):
    with embedded.served() as url:
        asked(url, "CREATE TABLE kept AS SELECT 42 AS answer")

    with embedded.served() as url:
        assert asked(url, "SELECT answer FROM kept") == [(42,)]


def test_the_last_one_to_leave_stops_it(neighbour):
    with embedded.served() as url:
        assert said_by(neighbour) == url

    assert embedded.running()

    neighbour.communicate("")

    assert not embedded.running()


def test_many_start_it_at_once_and_one_server_runs(own_home):
    users = [another_user() for _ in range(4)]
    urls = {said_by(user) for user in users}
    answer = asked(*urls)
    for user in users:
        user.communicate("")

    assert answer == [(1,)]
    assert not embedded.running()


def test_a_user_killed_outright_is_not_counted(neighbour):
    said_by(neighbour)
    neighbour.kill()
    neighbour.wait()
    assert embedded.running()

    with embedded.served() as url:
        asked(url)

    assert not embedded.running()


def test_a_server_killed_outright_starts_again_with_every_row(own_home):
    with embedded.served() as url:
        asked(url, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(int((place() / "data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)

        with embedded.served() as again:
            assert asked(again, "SELECT answer FROM kept") == [(42,)]


def test_a_pid_file_that_names_another_process_is_not_believed(own_home):
    with embedded.served() as url:
        asked(url)
    (place() / "data/postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n1\n5432\n\n\n\n\n")

    with embedded.served() as url:
        assert asked(url) == [(1,)]


def test_half_a_cluster_is_thrown_away_and_made_again(own_home):
    for half in ("data", "data.unfinished"):
        (own_home / "postgres" / half / "base").mkdir(parents=True)

    with embedded.served() as url:
        assert asked(url) == [(1,)]


def test_a_port_taken_meanwhile_is_changed(own_home):
    with embedded.served() as url:
        asked(url)
    port = embedded._known(embedded._cluster())["port"]

    with socket.create_server(("127.0.0.1", port)), embedded.served() as url:
        assert f":{port}/" not in url
        assert asked(url) == [(1,)]


def test_a_wrong_password_and_none_are_refused(own_home):
    with embedded.served() as url:
        password = embedded._known(embedded._cluster())["password"]

        for wrong in ("wrong", ""):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(url.replace(password, wrong))


def test_the_password_is_private(own_home):
    embedded.url()

    assert stat.S_IMODE((place() / "server.json").stat().st_mode) == 0o600


def test_data_are_not_removed_under_a_user(own_home):
    with embedded.served():
        assert not embedded.remove()

    assert embedded.remove()
    assert not (place() / "data").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root may enter such a folder as somebody else.")
def test_root_keeps_its_home_closed_and_puts_the_data_elsewhere(monkeypatch):
    closed = Path(tempfile.mkdtemp())
    monkeypatch.setenv("FLAGSTAND_HOME", str(closed / "flagstand"))

    with embedded.served() as url:
        answer, data = asked(url), place()
    embedded.remove()

    assert answer == [(1,)]
    assert data.parent == SHARED
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    shutil.rmtree(closed)
    shutil.rmtree(data)
