"""Kill web, worker and clocks at random while signals come in, then count: nothing lost, nothing doubled.

    python -m tests.faults.kill [--kills 50] [--signals 1000] [--seed 1]

Starts a whole demo of its own (own folder, own database, no stories), posts signals over HTTP one by one
and in batches, each again until it is acknowledged, and meanwhile sends SIGKILL to processes of the demo.
Afterwards every acknowledged signal must be stored once, with one case and one ticket at the sandbox.
"""

import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KINDS = ("web", "worker", "runclocks")
BATCH = 10


def main() -> None:
    asked = arguments()
    with place() as env, demo(env) as running:
        token = command(
            env, "make_token", "bridge", "--name", "kill", "--scope", "signals:write"
        ).split()[-1]
        command(env, "shell", "-v0", "-c", ONLY_TICKETS)
        url = f"http://127.0.0.1:{env['PORT']}/api/v1/signals/"
        poster = Poster(url, token, asked.signals, asked.seed)
        killed = disturb(running, poster, asked)
        many, taken = sum(killed.values()), len(poster.acknowledged)
        print(f"{many} kills: {dict(killed)}; {taken} signals acknowledged.")
        verdict(env, poster.acknowledged)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--signals", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def place() -> Iterator[dict[str, str]]:
    """The environment of a demo with a folder and a database of its own, and no stories."""
    with tempfile.TemporaryDirectory(prefix="flagstand-kill-") as home:
        # The demo drops to another account where this one is root; it must be able to pass through.
        Path(home).chmod(0o711)
        port = os.environ.get("PORT") or str(free_port())
        yield os.environ | {"FLAGSTAND_HOME": home, "PORT": port, "STORIES": "0"}


@contextmanager
def demo(env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "manage.py", "demo"], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE
    )
    try:
        assert running.stdout
        for line in running.stdout:
            if line.startswith("Ready"):
                break
        else:
            sys.exit("The demo did not start.")
        threading.Thread(target=running.stdout.read, daemon=True).start()
        yield running
    finally:
        running.terminate()
        running.wait(timeout=60)


def command(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=env,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"manage.py {' '.join(words)} failed: {done.stdout}{done.stderr}")
    return done.stdout


class Poster(threading.Thread):
    """Posts every signal until it is acknowledged, however often the web process dies under it."""

    def __init__(self, url: str, token: str, signals: int, seed: int) -> None:
        super().__init__()
        self.url, self.token, self.acknowledged = url, token, list[str]()
        self.signals = [missed(f"kill-{seed}-{n}") for n in range(signals)]
        self.retries = 0
        self.suffered = 0.0

    def run(self) -> None:
        waiting = list(self.signals)
        while waiting:
            size = random.choice((1, 1, BATCH))
            batch, waiting = waiting[:size], waiting[size:]
            while not self.post(batch):
                self.retries += 1
                time.sleep(0.1)
            self.acknowledged += [item["external_id"] for item in batch]
            time.sleep(0.02 * size)

    def post(self, batch: list[dict[str, Any]]) -> bool:
        body = json.dumps(batch[0] if len(batch) == 1 else batch).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.url, body, headers), timeout=10
            ) as answer:
                told = {item["outcome"] for item in json.load(answer)["items"]}
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500:
                sys.exit(f"Refused: {refusal.read().decode()}")
            return False
        except (OSError, ValueError):
            return False
        assert told <= {"stored", "duplicate"}, told
        return True


def missed(name: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    subject = {"reference": name, "site": "harbour-north", "customer": {"name": "Kill Test"}}
    name_and_type = {"external_id": name, "type": "appointment.no_show"}
    return {"source": "scheduler", **name_and_type, "occurred_at": now, "subject": subject}


def disturb(
    running: subprocess.Popen[str],
    poster: Poster,
    asked: argparse.Namespace,
    *,
    kinds: Iterable[str] = KINDS,
    pause: tuple[float, float] = (0.2, 1.2),
) -> Counter[str]:
    """SIGKILL at random moments, spread over the posting; the supervisor starts what died again."""
    dice, killed = random.Random(asked.seed), Counter[str]()
    poster.start()
    while sum(killed.values()) < asked.kills:
        time.sleep(dice.uniform(*pause))
        victims = descendants(running.pid, kinds)
        if victims:
            pid, kind = dice.choice(victims)
            os.kill(pid, signal.SIGKILL)
            killed[kind] += 1
            poster.suffered = sum(killed.values()) / asked.kills
    poster.join()
    return killed


def descendants(parent: int, kinds: Iterable[str] = KINDS) -> list[tuple[int, str]]:
    """The demo's web, worker (its cluster and that one's children too) and clocks processes."""
    found, parents = [], {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().rsplit(")", 1)
            words = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        parents[int(name.split()[0])] = (int(rest.split()[1]), words)
    for pid in parents:
        above, line = pid, []
        while above in parents and above != parent:
            line.append(parents[above][1])
            above = parents[above][0]
        kind = next((k for k in kinds if re.search(rf"manage\.py {k}\b", " ".join(line))), None)
        if above == parent and pid != parent and kind:
            found.append((pid, kind))
    return found


# What counts is the tickets; the other platforms' budgets would take a quarter of an hour.
# So many no-shows at once are an event, whose children have no tickets of their own: here they are to.
ONLY_TICKETS = """
from exceptions_app.models import MassLimit, Playbook
Playbook.objects.exclude(connection__platform='zendesk').update(enabled=False)
MassLimit.objects.update(enabled=False)
"""
COUNT = """
from exceptions_app.models import Case, Delivery, Signal
from exceptions_app.timeline.entries import verify
from connectors.models import SandboxRecord
from collections import Counter
import json
names = Signal.objects.filter(external_id__startswith='kill-').values_list('external_id', flat=True)
cases = Case.objects.filter(reference__startswith='kill-')
tickets = SandboxRecord.objects.filter(connection__platform='zendesk')
waiting = Delivery.objects.filter(state__in=('waiting', 'sending')).count()
states = Counter(Delivery.objects.filter(case__in=cases).values_list('state', flat=True))
numbers = Counter(f'EX-{n}' for n in cases.values_list('number', flat=True))
held = Counter(t for t in tickets.values_list('data__external_id', flat=True) if t in numbers)
print('COUNTED ' + json.dumps({
    'signals': list(names), 'cases': list(cases.values_list('reference', flat=True)), 'tickets': held,
    'numbers': list(numbers), 'waiting': waiting, 'states': states, 'breaks': len(verify()),
}))
"""


def verdict(env: dict[str, str], acknowledged: list[str]) -> None:
    until = time.monotonic() + 600  # Zendesk bears 200 a minute
    while True:
        told = command(env, "shell", "-v0", "-c", COUNT)
        counted = json.loads(told.split("COUNTED ")[1])
        if not counted["waiting"] or time.monotonic() > until:
            break
        time.sleep(5)
    once = {
        "every acknowledged signal stored once": Counter(counted["signals"])
        == Counter(acknowledged),
        "one case for each": Counter(counted["cases"]) == Counter(acknowledged),
        "one ticket for each case": counted["tickets"] == dict.fromkeys(counted["numbers"], 1),
        "no delivery waits": counted["waiting"] == 0,
        "the timeline holds": counted["breaks"] == 0,
    }
    print(f"{len(counted['signals'])} signals, {len(counted['cases'])} cases, "
          f"{sum(counted['tickets'].values())} tickets, deliveries {counted['states']}")  # fmt: skip
    for claim, holds in once.items():
        print(f"{'ok  ' if holds else 'FAIL'} {claim}")
    if not all(once.values()):
        sys.exit(1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
