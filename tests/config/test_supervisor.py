"""Children that are kept running, and that end with their parent."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from config import home
from config.supervisor import Child, stopping

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]
# A parent that starts one child which forks another, as a worker does.
PARENT = """
import signal, subprocess, sys, time
from config import lifeline
child = [sys.executable, "-c", sys.argv[1]]
subprocess.Popen(child, env=lifeline.thrown(signal.SIGKILL), start_new_session=True)
time.sleep(600)
"""
CHILD = """
import os, time
from config import lifeline
lifeline.hold()
os.fork()
print(os.getpid(), flush=True)
time.sleep(600)
"""


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def pid_of(child):
    assert child.process
    return child.process.pid


def until(met, seconds=10.0):
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.05)
    return met()


def looked_at(child, said, met):
    def look():
        child.look(said.append)
        return met()

    return until(look)


@pytest.fixture
def said():
    return []


def test_a_child_that_dies_is_started_again_and_told_of(said):
    child = Child("web", FOREVER)
    with stopping([child]):
        child.look(said.append)
        first = pid_of(child)
        os.kill(first, signal.SIGKILL)

        looked_at(child, said, lambda: child.process and pid_of(child) != first)

        assert is_running(pid_of(child))
    assert said == ["web ended (killed by SIGKILL) and starts again in 0.5 s."]


def test_a_child_that_cannot_live_is_started_ever_more_rarely(said, tmp_path):
    child = Child("web", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "web.log")
    with stopping([child]):
        looked_at(child, said, lambda: len(said) == 2)

    told = f"See {tmp_path}/web.log."
    assert said == [
        f"web ended (exit code 3) and starts again in {pause} s. {told}" for pause in ("0.5", "1")
    ]


def test_everything_ends_with_an_error_inside():
    child = Child("web", FOREVER)

    with suppress(RuntimeError), stopping([child]):
        child.start()
        pid = pid_of(child)
        raise RuntimeError

    assert not is_running(pid)


def test_a_child_that_does_not_listen_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr("config.supervisor.PATIENCE", 0.2)
    log = tmp_path / "log"
    child = Child("web", DEAF, log=log)

    with stopping([child]):
        child.start()
        pid = pid_of(child)
        until(lambda: log.read_text() == "deaf\n")

    assert not is_running(pid)


@pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux tells a child that its parent died."
)
def test_children_and_what_they_forked_end_with_a_parent_killed_outright(tmp_path):
    output = tmp_path / "pids"
    with output.open("w") as pids:
        parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], cwd=home.ROOT, stdout=pids)
    until(lambda: len(output.read_text().split()) == 2)
    family = [int(pid) for pid in output.read_text().split()]
    assert all(is_running(pid) for pid in family)

    parent.kill()
    parent.wait()

    assert until(lambda: not any(is_running(pid) for pid in family))
