"""A child ends with its parent, even one killed outright. Linux only; elsewhere it lives on."""

import ctypes
import os
import signal
import sys

PARENT = "FLAGSTAND_PARENT"
GONE = "FLAGSTAND_PARENT_GONE"
_PR_SET_PDEATHSIG = 1


def thrown(gone: signal.Signals) -> dict[str, str]:
    """Give the environment for a child that shall get this signal when this process is gone."""
    ours = {PARENT: str(os.getpid()), GONE: str(int(gone)), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **ours}


def hold() -> None:
    """Take hold of the line our parent threw, and pass it on to whatever this process forks."""
    parent, gone = os.environ.pop(PARENT, None), os.environ.pop(GONE, "15")
    if parent is None or sys.platform != "linux":
        return
    _die_with_parent(int(gone))
    if os.getppid() != int(parent):
        sys.exit("The process that started this one is gone.")
    os.register_at_fork(after_in_child=lambda: _die_with_parent(signal.SIGKILL))


def _die_with_parent(gone: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, gone, 0, 0, 0)
