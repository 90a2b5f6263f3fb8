"""The folder of this installation: embedded database, generated secrets, logs, sign-ins."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
# As root the folder stays passable, since PostgreSQL is somebody else; its files are private.
MODE = 0o711 if os.geteuid() == 0 else 0o700


class NotOurs(ImproperlyConfigured):
    """The folder cannot be written; the message says what to do."""


def folder() -> Path:
    """Give FLAGSTAND_HOME, made if need be."""
    home = Path(os.environ.get("FLAGSTAND_HOME") or ROOT / ".flagstand").expanduser().absolute()
    try:
        home.mkdir(mode=MODE, parents=True, exist_ok=True)
    except OSError as problem:
        raise NotOurs(
            f"{home} cannot be made: {problem.strerror}. Set FLAGSTAND_HOME to a folder of yours."
        ) from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise NotOurs(f"{home} belongs to somebody else. Set FLAGSTAND_HOME to a folder of yours.")
    return home


def remembered(name: str, make: Callable[[], str]) -> str:
    """Give the private file's text, made up by the first who asks."""
    return once(folder() / name, make)


def once(kept: Path, make: Callable[[], str]) -> str:
    """Write the file unless it is there; all who try at the same moment read the same text."""
    if not kept.exists():
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, prefix=f".{kept.name}-") as fresh:
            fresh.write(make())
            fresh.flush()
            with suppress(FileExistsError):
                os.link(fresh.name, kept)
    return kept.read_text()
