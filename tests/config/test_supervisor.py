"""Children that are kept running, and that end with their parent."""

import os
import signal
import subprocess
import sys
import time
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
code = "from config import lifeline; lifeline.hold(); import os, time; os.fork(); print(os.getpid(), flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", code], env=lifeline.thrown(signal.SIGKILL), start_new_session=True)
time.sleep(600)
"""


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(met, seconds=10.0):
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        time.sleep(0.05)
    return met()


@pytest.fixture
def said():
    return []


def test_a_child_that_dies_is_started_again_and_told_of(said):
    child = Child("web", FOREVER)
    with stopping([child]):
        child.look(said.append)
        first = child.process.pid
        os.kill(first, signal.SIGKILL)

        until(lambda: child.look(said.append) or (child.process and child.process.pid != first))

        assert is_running(child.process.pid)
    assert said == ["web ended (killed by SIGKILL) and starts again in 0.5 s."]


def test_a_child_that_cannot_live_is_started_ever_more_rarely(said, tmp_path):
    child = Child("web", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "web.log")
    with stopping([child]):
        until(lambda: child.look(said.append) or len(said) == 2)

    told = f"See {tmp_path}/web.log."
    assert said == [
        f"web ended (exit code 3) and starts again in {pause} s. {told}" for pause in ("0.5", "1")
    ]


def test_everything_ends_with_an_error_inside():
    child = Child("web", FOREVER)

    with pytest.raises(RuntimeError), stopping([child]):
        child.start()
        pid = child.process.pid
        raise RuntimeError

    assert not is_running(pid)


def test_a_child_that_does_not_listen_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr("config.supervisor.PATIENCE", 0.2)
    child = Child("web", DEAF, log=tmp_path / "log")

    with stopping([child]):
        child.start()
        pid = child.process.pid
        until(lambda: child.log.read_text() == "deaf\n")

    assert not is_running(pid)


@pytest.mark.skipif(
    sys.platform != "linux", reason="Only Linux tells a child that its parent died."
)
def test_children_and_what_they_forked_end_with_a_parent_killed_outright(tmp_path):
    output = tmp_path / "pids"
    with output.open("w") as pids:
        parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=home.ROOT, stdout=pids)
    until(lambda: len(output.read_text().split()) == 2)
    family = [int(pid) for pid in output.read_text().split()]
    assert all(is_running(pid) for pid in family)

    parent.kill()
    parent.wait()

    assert until(lambda: not any(is_running(pid) for pid in family))
