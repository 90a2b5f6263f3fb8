"""The commands that run for long: how they start, and how they end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from config import home
from tests.config.conftest import processes_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Looks for processes in /proc.")


@contextmanager
def running(command, database_url, folder, *options):
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, str(home.ROOT / "manage.py"), command, *options],
            env={**os.environ, "FLAGSTAND_HOME": str(folder), "DATABASE_URL": database_url},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def met(condition, seconds=90.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def clusters(folder):
    return re.findall(r"Q Cluster (\S+) \[desk\] running", (folder / "out").read_text())


def test_a_worker_told_to_stop_leaves_nobody(own_home, database_url):
    with running("worker", database_url, own_home) as worker:
        assert met(lambda: clusters(own_home)), (own_home / "out").read_text()

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=30) == 0

    assert processes_of(own_home) == []


def test_a_cluster_killed_outright_is_replaced_with_all_its_children(own_home, database_url):
    with running("worker", database_url, own_home) as worker:
        assert met(lambda: clusters(own_home))
        first = set(processes_of(own_home)) - {worker.pid}
        os.kill(min(first), signal.SIGKILL)

        assert met(lambda: len(clusters(own_home)) == 2)
        assert not first & set(processes_of(own_home))


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def alive(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            return answer.read()
    except OSError:
        return b""


def test_the_web_process_serves_until_told_to_stop(own_home, database_url, port):
    with running("web", database_url, own_home, "--port", str(port)) as web:
        assert met(lambda: alive(port)) == b"alive\n"

        web.send_signal(signal.SIGTERM)

        assert web.wait(timeout=30) == 0


def serving(folder):
    """The processes that said that they serve."""
    told = (folder / "out").read_text()
    return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", told)]


def test_of_several_web_processes_one_that_dies_is_replaced(
    own_home, database_url, port, monkeypatch
):
    monkeypatch.setenv("WEB_PROCESSES", "2")
    with running("web", database_url, own_home, "--port", str(port)) as web:
        assert met(lambda: len(serving(own_home)) == 2), (own_home / "out").read_text()
        os.kill(serving(own_home)[0], signal.SIGKILL)

        assert met(lambda: len(serving(own_home)) == 3)
        assert alive(port) == b"alive\n"

        web.send_signal(signal.SIGTERM)

        assert web.wait(timeout=30) == 0
        assert met(lambda: not processes_of(own_home), seconds=20)


def test_several_web_processes_end_with_the_one_that_started_them(
    own_home, database_url, port, monkeypatch
):
    monkeypatch.setenv("WEB_PROCESSES", "2")
    with running("web", database_url, own_home, "--port", str(port)) as web:
        assert met(lambda: len(serving(own_home)) == 2), (own_home / "out").read_text()

        web.kill()

        assert met(lambda: not processes_of(own_home), seconds=20)
    assert alive(port) == b""


def test_a_setting_that_makes_no_sense_is_one_sentence_and_no_traceback(own_home):
    told = subprocess.run(
        [sys.executable, str(home.ROOT / "manage.py"), "check"],
        env={**os.environ, "PORT": "eighty"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr == (
        "Flagstand cannot start. PORT is 'eighty'. Write a whole number, 1 to 65535.\n"
    )


def test_hsts_is_about_the_desk_and_nothing_beneath_its_domain(own_home):
    told = subprocess.run(
        [sys.executable, str(home.ROOT / "manage.py"), "diffsettings"],
        env={**os.environ, "BASE_URL": "https://desk.example.com"},
        capture_output=True,
        text=True,
        check=True,
    )

    found = [line for line in told.stdout.splitlines() if line.startswith("SECURE_HSTS")]
    assert found == ["SECURE_HSTS_SECONDS = 31536000"]


def test_serving_others_without_secrets_is_refused(own_home):
    told = subprocess.run(
        [sys.executable, str(home.ROOT / "manage.py"), "check"],
        env={**os.environ, "ALLOWED_HOSTS": "desk.example.com"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.stderr.startswith("Flagstand cannot start. Neither SECRET_KEY nor SECRET_KEY_FILE")
