"""Kill workers at random while deliveries to every platform drain, then count what became of each one.

    python -m tests.faults.kill_workers [--kills 100] [--deliveries 2000] [--seed 1]

Starts a whole demo of its own, with connections to the sandbox of every platform, owes so many deliveries,
and sends SIGKILL to qcluster or one of its children while one is being sent. Afterwards nothing may be lost,
and nothing may be there twice; what a platform cannot tell apart may be uncertain instead.
"""

import argparse
import importlib
import os
import random
import signal
import subprocess
import sys
import time
from typing import Any

import django

from tests.faults.kill import demo, descendants, place

#: A worker that was killed may leave what it held to the end of its lease, a frozen pool is found after 15 s,
#: and what may have been made already waits until its platform's search would know of it.
LONGEST = 900.0


def main() -> None:
    asked = arguments()
    with place() as env, demo(env) as running:
        os.environ |= env
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        # Its models can only be imported now that Django knows where it is.
        backlog = importlib.import_module("tests.faults.backlog").Backlog(asked.deliveries)
        print(f"{len(backlog.connections)} connections; what is usual is counted.", flush=True)
        backlog.calibrate()
        began, load = time.monotonic(), os.getloadavg()[0]
        backlog.owe()
        killed = disturb(running, backlog, asked)
        print(f"{killed} workers killed in {time.monotonic() - began:.0f} s while they drained.")
        drained = drain(backlog)
        took, after = time.monotonic() - began, os.getloadavg()[0]
        print(f"Drained after {took:.0f} s; load {load:.1f} before, {after:.1f} after.\n")
        if not (backlog.verdict() and drained):
            sys.exit(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--deliveries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def disturb(running: subprocess.Popen[str], backlog: Any, asked: argparse.Namespace) -> int:
    """Each time a little after a worker has taken something up since the last kill, never an idle one."""
    dice, killed, seen = random.Random(asked.seed), 0, backlog.claims()
    until = time.monotonic() + LONGEST
    while killed < asked.kills and backlog.move_on() and time.monotonic() < until:
        if (claims := backlog.claims()) == seen:
            time.sleep(0.05)
            continue
        seen, until = claims, time.monotonic() + LONGEST
        time.sleep(dice.uniform(0, 1))
        victims = descendants(running.pid, ("qcluster",))
        if victims and ended(dice.choice(victims)[0]):
            killed += 1
            if killed % 10 == 0:
                print(f"{killed:4} killed: {backlog.standing()}", flush=True)
    return killed


def ended(pid: int) -> bool:
    """Whether it was we who ended it."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def drain(backlog: Any) -> bool:
    """Whoever was killed often pauses long, so it is only given up when nothing has moved for a while."""
    seen, until = "", time.monotonic() + LONGEST
    while backlog.move_on():
        if (stands := backlog.standing()) != seen:
            seen, until = stands, time.monotonic() + LONGEST
        if time.monotonic() > until:
            return False
        time.sleep(1)
    return True


if __name__ == "__main__":
    main()
