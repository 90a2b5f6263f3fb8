"""Kill web and clocks at random while 20,000 signals come in: every receipt final, no signal twice.

    python -m tests.faults.kill_intake [--kills 100] [--signals 20000] [--seed 1]

Starts a demo of its own like ``tests.faults.kill``, and posts visits: some of which nobody showed up for, which
is a case at once, and some whose technician is due within seconds, which only the clocks can find. Every post is
sent until it is acknowledged, some of them again later. Within 30 s of the end each acknowledged signal must
be stored once, with one receipt that says so and can be asked why, and each trouble must have one case.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.kill import Poster, command, demo, disturb, place

SIZES = (1, 5, 50, 200, 500)
WITHIN = 30
#: A web process needs about a second to be there again; between two kills something should come through.
PAUSE = (0.8, 2.4)


class Pouring(Poster):
    """Posts batches of all sizes, no faster than the kills come, and one post in ten again."""

    def __init__(self, url: str, token: str, signals: int, seed: int) -> None:
        super().__init__(url, token, 0, seed)
        self.total, self.dice, self.seed = signals, random.Random(seed), seed

    def run(self) -> None:
        while len(self.acknowledged) < self.total:
            size = min(self.dice.choice(SIZES), self.total - len(self.acknowledged))
            batch = list(visits(self.seed, len(self.acknowledged), size))
            for _ in range(2 if self.dice.random() < 0.1 else 1):
                while not self.post(batch):
                    self.retries += 1
                    time.sleep(0.1)
            self.acknowledged += [item["external_id"] for item in batch]
            while self.suffered < len(self.acknowledged) / self.total - 0.02:
                time.sleep(0.05)


def visits(seed: int, first: int, size: int) -> Iterator[dict[str, Any]]:
    """One in twenty a no-show, one in twenty due before long."""
    now = datetime.now(UTC)
    for n in range(first, first + size):
        sort = n % 20
        due = now + (timedelta(seconds=10) if sort == 1 else timedelta(days=2))
        due -= timedelta(minutes=15) if sort == 1 else timedelta(0)
        yield {
            "source": "scheduler",
            "external_id": f"pour-{seed}-{n}",
            "type": "appointment.no_show" if sort == 0 else "appointment.booked",
            "occurred_at": now.isoformat(),
            "subject": {"reference": f"pour-{n}", "site": "harbour-north"},
            "milestones": {} if sort == 0 else {"checked_in": {"expected_at": due.isoformat()}},
        }


QUIET = """
from exceptions_app.models import Playbook
Playbook.objects.update(enabled=False)
"""
COUNT = """
from collections import Counter
import json
from exceptions_app.intake import why
from exceptions_app.models import Case, Receipt, Signal, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.timeline.entries import verify
from django.utils import timezone
signals = Signal.objects.filter(external_id__startswith='pour-').order_by('pk')
said = Counter()
for items in Receipt.objects.values_list('items', flat=True).iterator(chunk_size=50):
    said.update(line['external_id'] for line in items if line['outcome'] == 'stored' and line['external_id'].startswith('pour-'))
orphans = signals.filter(receipt=None).count()
wrong = 0
for one in signals.select_related('receipt').iterator(chunk_size=500):
    line = one.receipt.items[one.position] if one.receipt else {}
    wrong += (line.get('external_id'), line.get('outcome')) != (one.external_id, 'stored')
unasked = 0
for one in signals.filter(pk__in=list(signals.values_list('pk', flat=True))[::100]).select_related('source'):
    unasked += not why.named(one.source.slug, one.external_id, by=SYSTEM).verdicts
cases = Counter(Case.objects.filter(reference__startswith='pour-').values_list('reference', flat=True))
print('COUNTED ' + json.dumps({
    'signals': list(signals.values_list('external_id', flat=True)), 'said': said, 'orphans': orphans, 'wrong': wrong,
    'unasked': unasked, 'cases': cases, 'breaks': len(verify()),
    'due': Subject.objects.filter(reference__startswith='pour-', next_look_at__lte=timezone.now()).count(),
}))
"""


def main() -> None:
    asked = arguments()
    with place() as env, demo(env) as running:
        words = ("make_token", "bridge", "--name", "pour", "--scope", "signals:write")
        token = command(env, *words).split()[-1]
        command(env, "shell", "-v0", "-c", QUIET)
        url = f"http://127.0.0.1:{env['PORT']}/api/v1/signals/"
        poster, began = Pouring(url, token, asked.signals, asked.seed), time.monotonic()
        killed = disturb(running, poster, asked, kinds=("web", "runclocks"), pause=PAUSE)
        took = time.monotonic() - began
        print(
            f"{sum(killed.values())} kills in {took:.0f} s: {dict(killed)}; "
            f"{len(poster.acknowledged)} signals acknowledged, {poster.retries} posts repeated."
        )
        verdict(env, poster.acknowledged)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--signals", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def verdict(env: dict[str, str], acknowledged: list[str]) -> None:
    ended = time.monotonic()
    claims: dict[str, bool] = {}
    while True:
        counted = json.loads(command(env, "shell", "-v0", "-c", COUNT).split("COUNTED ")[1])
        claims = claimed(counted, acknowledged)
        if all(claims.values()) or time.monotonic() - ended > WITHIN:
            break
        time.sleep(2)
    print(
        f"{len(counted['signals'])} signals, {len(counted['said'])} of them on receipts, "
        f"{len(counted['cases'])} cases, {time.monotonic() - ended:.0f} s after the end."
    )
    for claim, holds in claims.items():
        print(f"{'ok  ' if holds else 'FAIL'} {claim}")
    if not all(claims.values()):
        sys.exit(1)


def claimed(counted: dict[str, Any], acknowledged: list[str]) -> dict[str, bool]:
    numbers = [int(name.rsplit("-", 1)[1]) for name in acknowledged]
    troubled = {f"pour-{n}": 1 for n in numbers if n % 20 in {0, 1}}
    return {
        "every acknowledged signal is stored, and once": sorted(counted["signals"])
        == sorted(acknowledged),
        "one receipt says so of each, and only one": counted["said"]
        == dict.fromkeys(acknowledged, 1),
        "each signal knows its line on that receipt": not counted["orphans"]
        and not counted["wrong"],
        "a receipt can be asked why": counted["unasked"] == 0,
        "each trouble has one case, and nothing else has": counted["cases"] == troubled,
        "nothing due is left unlooked at": counted["due"] == 0,
        "the timeline holds": counted["breaks"] == 0,
    }


if __name__ == "__main__":
    main()
