"""The demo: what it refuses, and that nothing of it is left when it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from django.core.management import CommandError, call_command

from config import demo, embedded, home
from config.supervisor import Child, stopping
from tests.config.conftest import processes_of

READY_WITHIN = 120.0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def all_gone(folder):
    end = time.monotonic() + 60
    while time.monotonic() < end and (processes_of(folder) or embedded.running()):
        time.sleep(0.1)
    return not processes_of(folder) and not embedded.running()


def started(folder, port):
    """Start it, and wait for the line that says so."""
    process = subprocess.Popen(
        [sys.executable, str(home.ROOT / "manage.py"), "demo"],
        env={**os.environ, "FLAGSTAND_HOME": str(folder), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    told = []
    for line in process.stdout or ():
        told.append(line)
        if line.startswith("Ctrl-C"):
            return process, told
    pytest.fail(f"The demo ended: {told}")


def test_a_port_in_use_is_said_with_what_to_do():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(demo.CannotShow, match=r"is in use.*PORT=\d+ make demo"),
    ):
        demo.require_free(taken.getsockname()[1])


def test_a_second_demo_over_the_same_data_is_refused(own_home):
    with demo.only_one(), pytest.raises(demo.CannotShow, match="running already"), demo.only_one():
        pass


def test_a_running_demo_is_not_reset(own_home, settings):
    settings.EMBEDDED = True

    with demo.only_one(), pytest.raises(CommandError, match="running already"):
        call_command("demo_reset")


def test_somebody_elses_database_is_not_reset(own_home, settings):
    settings.EMBEDDED = False

    with pytest.raises(CommandError, match="yours to empty"):
        call_command("demo_reset")


def test_a_reset_leaves_nothing_of_the_demo_and_everything_else(own_home, settings, capsys):
    settings.EMBEDDED = True
    (own_home / "holiday.jpg").touch()
    (own_home / "stories-token").touch()
    with embedded.served():
        (own_home / "sign-ins.json").write_text("[]")
    home.remembered("secret_key", lambda: "hush")

    call_command("demo_reset")

    left = {path.name for path in own_home.rglob("*") if path.is_file()}
    assert left == {"demo.lock", "users.lock", "change.lock", "holiday.jpg"}


def test_the_sign_ins_are_shown_as_the_seed_left_them(own_home):
    ana = {"name": "Ana Ruiz", "username": "ana", "password": "pass", "role": "manager"}
    (own_home / "sign-ins.json").write_text(json.dumps([ana]))

    shown = [line.split() for line in demo.sign_ins()]

    assert shown == [["ana", "pass", "Ana", "Ruiz,", "manager"]]


def test_nobody_is_shown_before_the_seed(own_home):
    assert demo.sign_ins() == []


def test_a_web_process_that_does_not_start_is_told_with_its_last_words(tmp_path):
    words = "raise SystemExit('no module named desk')"
    web = Child("web", [sys.executable, "-c", words], log=tmp_path / "web.log")
    web.start()

    with (
        stopping([web]),
        pytest.raises(demo.CannotShow, match=r"does not start.*\nno module named desk"),
    ):
        demo.await_page("http://127.0.0.1:9/", web)


@pytest.mark.skipif(sys.platform != "linux", reason="Looks for processes in /proc.")
def test_the_demo_shows_a_page_and_leaves_no_process_however_it_ends(own_home):
    port = free_port()

    for end in (signal.SIGKILL, signal.SIGINT):
        process, told = started(own_home, port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/") as page:
            assert page.status == 200
        assert re.search(rf"Ready after [\d.]+ s: http://127.0.0.1:{port}/", "".join(told))
        process.send_signal(end)
        process.communicate()

        assert all_gone(own_home), processes_of(own_home)
