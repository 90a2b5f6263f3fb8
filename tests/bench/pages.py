"""Asking the desk in this very process, as a browser or a program would: how long, and what it showed."""

import gc
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from exceptions_app.models import User

WARM = 3


@dataclass
class Times:
    """What it took, try by try: seconds on the wall and of the processor, and the ids of cases shown."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    shown: list[list[int]] = field(default_factory=list)


def signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return client


def ask(client: Client, urls: Iterable[str]) -> Times:
    """Open these pages one after the other; the first few are opened twice, to be warm."""
    urls, times = list(urls), Times()
    for url in urls[:WARM]:
        client.get(url)
    # As config/asgi.py does in the web process.
    gc.collect()
    gc.freeze()
    for url in urls:
        html = timed(times, partial(client.get, url)).content.decode()
        times.shown.append([int(pk) for pk in re.findall(r'<tr [^>]*data-case="(\d+)"', html)])
    return times


def timed(times: Times, request: Callable[[], Any]) -> Any:
    before = database_time()
    began, cpu = time.perf_counter(), time.process_time()
    answer = request()
    times.cpu.append(time.process_time() - cpu)
    times.seconds.append(time.perf_counter() - began)
    times.database.append(database_time() - before)
    if answer.status_code != 200:
        raise RuntimeError(f"Answered {answer.status_code}: {answer.content[:500]!r}")
    return answer


def database_time() -> float:
    """Seconds of a processor that our connection's server process has had; 0 where that cannot be read."""
    server = connection.connection
    if server is None or server.info.host != "127.0.0.1":
        return 0
    process = Path("/proc", str(server.info.backend_pid))
    try:
        if (process / "comm").read_text().strip() != "postgres":
            return 0
        return int((process / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0
