"""The whole desk on one machine: prepare the database, keep every process running, say how to get in."""

import fcntl
import json
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command

from config import home, schedules, tables
from config.supervisor import Child

_READY_WITHIN = 60.0
Say = Callable[[str], None]


class CannotShow(RuntimeError):
    """The demo cannot run; the message says what to do."""


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the folder, since two demos over one database would tell every story twice."""
    with (home.folder() / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotShow(
                f"A demo with the data in {home.folder()} is running already. Stop it with Ctrl-C "
                "there, or give this one its own folder: FLAGSTAND_HOME=~/other make demo"
            ) from None
        yield


def require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotShow(
                f"Port {port} is for root only. Take another: PORT=8001 make demo"
            ) from None
        except OSError:
            raise CannotShow(
                f"Port {port} is in use. Stop what runs there, or take another: "
                f"PORT={port + 1} make demo"
            ) from None


def prepare(say: Say) -> None:
    """Bring the tables up to date and fill an empty desk; an existing one keeps its data."""
    missing, too_old = tables.standing()
    if too_old:
        raise CannotShow(tables.TOO_OLD)
    if missing:
        say("Making the tables.")
        call_command("migrate", verbosity=0)
    schedules.sync()
    if get_user_model().objects.exists():
        # The home may have told its stories to another database before.
        call_command("seed_demo", keys=True, verbosity=0)
    else:
        say("Filling the desk with sites, people and sign-ins.")
        call_command("seed_demo", verbosity=0)


def children() -> list[Child]:
    """Name what runs."""
    logs = home.folder() / "logs"
    for place in (logs, home.folder() / "files"):
        place.mkdir(mode=0o700, exist_ok=True)
        place.chmod(0o700)
    return [
        Child(name, _command(command, *options), logs / f"{name}.log")
        for name, command, options in (
            ("web", "web", ["--port", str(settings.PORT)]),
            ("clocks", "runclocks", []),
            ("worker", "worker", []),
            ("stories", "stories", []),
        )
    ]


def await_page(url: str, web: Child) -> None:
    """Return when the first page is there."""
    until = time.monotonic() + _READY_WITHIN
    while not _answers(url):
        if web.process and web.process.poll() is not None:
            raise CannotShow(f"The web process does not start. Its last words:\n{_tail(web.log)}")
        if time.monotonic() > until:
            raise CannotShow(f"No page after {_READY_WITHIN:g} s. See {web.log}.")
        time.sleep(0.05)


def sign_ins() -> list[str]:
    """Give one line per person who may sign in to the demo, as seed_demo left them."""
    file = home.folder() / "sign-ins.json"
    if not file.exists():
        return []
    people = json.loads(file.read_text())
    return [f"{p['username']:<14} {p['password']:<22} {p['name']}, {p['role']}" for p in people]


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(home.ROOT / "manage.py"), *arguments]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own address)
            return True
    except urllib.error.HTTPError as told:
        return told.code < 500
    except OSError:
        return False


def _tail(log: Path | None) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-12:]) if log else ""
