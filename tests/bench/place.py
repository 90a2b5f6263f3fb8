"""A place of the bench's own, thrown away afterwards: folder, database, a free port."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from django.core.management import call_command
from psycopg import sql

from config import embedded


@contextmanager
def place() -> Iterator[None]:
    """Where Django finds itself from here on; models can be imported inside only."""
    with tempfile.TemporaryDirectory(prefix="flagstand-bench-") as home:
        # As root, PostgreSQL runs as another account, which must be able to pass through.
        Path(home).chmod(0o711)
        port = str(free_port())
        os.environ |= {"FLAGSTAND_HOME": home, "PORT": port, "DEBUG": "0", "LOG_LEVEL": "WARNING"}
        os.environ.pop("BASE_URL", None)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        given = os.environ.get("DATABASE_URL")
        with database_beside(given) if given else embedded.served():
            django.setup()
            call_command("migrate", verbosity=0)
            yield
            django.db.connections.close_all()


@contextmanager
def database_beside(given: str) -> Iterator[None]:
    """A database of our own on the server of the given one, which is left alone."""
    name = sql.Identifier(f"flagstand_bench_{os.getpid()}")
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        parts = urlsplit(given)
        ours = parts._replace(path=f"/flagstand_bench_{os.getpid()}")
        os.environ["DATABASE_URL"] = urlunsplit(ours)
        try:
            yield
        finally:
            os.environ["DATABASE_URL"] = given
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
