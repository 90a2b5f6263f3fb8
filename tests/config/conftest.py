"""A folder of one's own, with a server of one's own."""

import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from config import embedded


def processes_of(folder):
    """Give the processes whose environment names this home; zombies have none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"FLAGSTAND_HOME={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


@pytest.fixture
def own_home(monkeypatch):
    """Give a folder below /tmp, and not pytest's, which nobody but its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="flagstand test "))
    folder.chmod(0o711)
    monkeypatch.setenv("FLAGSTAND_HOME", str(folder))
    for name in ("DATABASE_URL", "DATABASE_URL_FILE"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    # What a failed test left behind would hold the server.
    for pid in processes_of(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    embedded.remove()
    shutil.rmtree(folder)
