"""Keeps a few child processes running under one parent, and ends them all with it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config import lifeline

PATIENCE = 8.0
_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PAUSE, _LONGEST_PAUSE = 0.5, 15.0
# A child that lived this long was well; its next failure is a first one again.
_SETTLED = 10.0


@dataclass
class Child:
    """A command of ours, where its output goes (None: to ours), and how its life went so far."""

    name: str
    command: Sequence[str]
    log: Path | None = None
    gone: signal.Signals = signal.SIGTERM
    failures: int = 0
    started: float = 0.0
    due: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start in a session of its own, so that the terminal's Ctrl-C reaches only the parent."""
        self.started = time.monotonic()
        output = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                env=lifeline.thrown(self.gone),
            )
        finally:
            if output:
                output.close()

    def look(self, say: Callable[[str], None]) -> None:
        """Start it when it is time; notice that it ended, and put the next start off a little."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.kill_group()
            pause = self._pause(code)
            self.due = time.monotonic() + pause
            where = f" See {self.log}." if self.log else ""
            say(f"{self.name} ended ({_why(code)}) and starts again in {pause:g} s.{where}")

    def ask_to_stop(self) -> None:
        """Tell the child alone; it ends its own children in order."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, until: float) -> None:
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=max(0.0, until - time.monotonic()))

    def kill_group(self) -> None:
        """Kill the child and what it left behind: orphans keep the group of their dead parent."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _pause(self, code: int) -> float:
        """Wait longer for a child that keeps failing; one killed from outside did not fail."""
        if code < 0 or time.monotonic() - self.started > _SETTLED:
            self.failures = 0
        self.failures += 1
        return float(min(_LONGEST_PAUSE, _PAUSE * 2 ** (self.failures - 1)))


@contextmanager
def stopping(children: Sequence[Child]) -> Iterator[None]:
    """Whatever happens inside, end with no child left: ask all, wait for the slowest, then kill."""
    try:
        yield
    finally:
        with _undisturbed():
            for child in children:
                child.ask_to_stop()
            until = time.monotonic() + PATIENCE
            for child in children:
                child.await_end(until)
                child.kill_group()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let whoever presses Ctrl-C twice still have an orderly end."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _TO_STOP}
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)


def _why(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
