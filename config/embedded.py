"""The PostgreSQL that comes along: whoever needs it starts it, the last one to leave stops it."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import IO, Any

import psycopg

from config import home
from config.cluster import SHARED, USER, Account, CannotServe, Cluster, is_made

DATABASE = "flagstand"
_KNOWN = "server.json"
_TRIES = 5


def url() -> str:
    """Say where the database is, or will be as soon as somebody starts it."""
    return _url(_known(_cluster()), DATABASE)


def running() -> bool:
    return _answers(_cluster())


@contextmanager
def served() -> Iterator[str]:
    """Have the server for a while, shared with everybody else who does.

    Each user holds a shared lock that the kernel drops with the process, even after kill -9.
    """
    cluster = _cluster()
    with (cluster.place / "users.lock").open("a") as use:
        with _alone(cluster):
            fcntl.flock(use, fcntl.LOCK_SH)
            _start(cluster)
        try:
            yield url()
        finally:
            with _alone(cluster):
                if _is_last(use):
                    cluster.stop()


def remove() -> bool:
    """Throw the data away; refuse (False) while anybody uses it."""
    cluster = _cluster()
    with (cluster.place / "users.lock").open("a") as use, _alone(cluster):
        if not _is_last(use):
            return False
        if cluster.is_alive():
            cluster.stop()
        shutil.rmtree(cluster.data, ignore_errors=True)
        (cluster.place / _KNOWN).unlink(missing_ok=True)
    return True


def _cluster() -> Cluster:
    """Find the place for the data: our folder, unless PostgreSQL's account cannot get there."""
    account, place = Account.for_us(), home.folder() / "postgres"
    if not is_made(place / "data") and not account.reaches(place.parent):
        place = SHARED / sha256(os.fsencode(place)).hexdigest()[:12]
    place.mkdir(mode=home.MODE, parents=True, exist_ok=True)
    if is_made(place / "data"):
        account = Account.owning(place / "data")
    return Cluster(place, account)


def _start(cluster: Cluster) -> None:
    if _answers(cluster):
        return
    cluster.make(_known(cluster)["password"])
    for attempt in range(_TRIES):
        if not cluster.is_alive() and not _is_free(_known(cluster)["port"]):
            _write(cluster, {**_known(cluster), "port": _free_port()})
        try:
            cluster.start(_known(cluster)["port"])
        except CannotServe:
            # After a crash the old server's children need a moment; a port may be taken meanwhile.
            if attempt == _TRIES - 1:
                raise
            time.sleep(0.5 * (attempt + 1))
        else:
            break
    _make_database(cluster)


def _make_database(cluster: Cluster) -> None:
    with psycopg.connect(_url(_known(cluster), "postgres"), autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _answers(cluster: Cluster) -> bool:
    """Ask with our own password: whatever else listens on that port does not count."""
    if not cluster.is_alive():
        return False
    try:
        psycopg.connect(_url(_known(cluster), DATABASE), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _known(cluster: Cluster) -> dict[str, Any]:
    """Remember port and password, beside the data that they belong to."""
    file = cluster.place / _KNOWN
    known: dict[str, Any] = json.loads(home.once(file, _invented))
    return known


def _invented() -> str:
    return json.dumps({"port": _free_port(), "password": secrets.token_urlsafe(24)})


def _write(cluster: Cluster, known: dict[str, Any]) -> None:
    fresh = cluster.place / f"{_KNOWN}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(known))
    fresh.replace(cluster.place / _KNOWN)


def _url(known: dict[str, Any], database: str) -> str:
    server = f"127.0.0.1:{known['port']}"
    return f"postgres://{USER}:{known['password']}@{server}/{database}?sslmode=disable"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    with (cluster.place / "change.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last(use: IO[str]) -> bool:
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
