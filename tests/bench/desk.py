"""The desk's processes and the floor's, started and ended here; how much memory each kind took at most."""

import http.client
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from config import demo, home
from config.supervisor import Child, stopping
from tests.bench.place import free_port

COMMANDS = {"web": ["web"], "worker": ["worker"], "clocks": ["runclocks"]}
#: The most memory that each kind of process was seen to have, in MB, over every desk of this run.
peaks: dict[str, float] = {}


@dataclass
class Line:
    """One connection to a server, kept open."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
        kind = {"Content-Type": "application/json"}
        self.wire.request("POST", path, body, {**kind, **self.headers, **(headers or {})})
        answer = self.wire.getresponse()
        raw = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"POST {path} was answered {answer.status}: {raw[:500]!r}")
        return raw

    def timed(self, path: str, body: bytes) -> float:
        began = time.perf_counter()
        self.post(path, body)
        return time.perf_counter() - began


@dataclass(frozen=True)
class Desk:
    """Where the running desk is, and how a program signs in to it."""

    port: int
    token: str
    web: int
    pids: Mapping[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def line(self) -> Line:
        return Line(self.port, {"Authorization": f"Bearer {self.token}"})

    def send(self, signals: list[dict[str, Any]]) -> Any:
        body = json.dumps(signals).encode()
        return json.loads(self.line().post("/api/v1/signals/", body))


@contextmanager
def desk(token: str, *kinds: str) -> Iterator[Desk]:
    """Web and whatever else is named."""
    logs = home.folder() / "logs"
    logs.mkdir(exist_ok=True)
    manage = [sys.executable, str(home.ROOT / "manage.py")]
    children = [
        Child(kind, [*manage, *COMMANDS[kind]], logs / f"{kind}.log") for kind in ("web", *kinds)
    ]
    with stopping(children):
        for child in children:
            child.start()
        demo.await_page(f"{settings.BASE_URL}{settings.LOGIN_URL}", children[0])
        pids = {child.name: child.process.pid for child in children if child.process}
        yield Desk(settings.PORT, token, pids.get("web", 0), pids)
        for child in children:
            if child.process:
                note_peak(child.name, child.process.pid)


@contextmanager
def surroundings(**given: str) -> Iterator[None]:
    """Processes that start in here find these settings."""
    before = {name: os.environ.get(name) for name in given}
    os.environ |= given
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextmanager
def floor() -> Iterator[int]:
    """The bare server; gives its port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "tests.bench.floor:application",
        "--port",
        str(port),
    ]
    quiet = ["--lifespan", "off", "--log-level", "warning", "--app-dir", str(home.ROOT)]
    child = Child("floor", [*command, *quiet], home.folder() / "floor.log")
    with stopping([child]):
        child.start()
        demo.await_page(f"http://127.0.0.1:{port}/", child)
        yield port


def note_peak(kind: str, pid: int) -> None:
    """What each process had at most, and what they have now with shared pages counted once; Linux only."""
    if not Path("/proc/self/smaps_rollup").exists():
        return
    found = family(pid)
    several = f", {len(found)} processes" if len(found) > 1 else ""
    for name, file, entry in (
        ("at most (VmHWM)", "status", "VmHWM"),
        ("now (Pss)", "smaps_rollup", "Pss"),
    ):
        size = sum(memory(one, file, entry) for one in found)
        key = f"{kind}{several}, {name}"
        peaks[key] = max(peaks.get(key, 0), size)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below: list[str] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            below += children.read_text().split()
    return [pid, *(one for child in below for one in family(int(child)))]


def processor_time(pid: int) -> float:
    """Seconds of a processor that a process and all below it have had; Linux only, elsewhere 0."""
    return sum(ticks(one) for one in family(pid)) / os.sysconf("SC_CLK_TCK")


def ticks(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(words[11]) + int(words[12])


def memory(pid: int, file: str, entry: str) -> float:
    try:
        found = re.search(
            rf"^{entry}:\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text(), re.MULTILINE
        )
    except OSError:
        return 0
    return int(found[1]) / 1024 if found else 0
