"""The clocks loop: whatever comes due, within a moment; any number may run over one database."""

import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from connectors import tasks
from exceptions_app.cases import clockwatch
from exceptions_app.detection.watch import look_again
from exceptions_app.outbox import queue

TURN = 0.3
MOST = 500
_BEAT_EVERY = 5.0
_LONGEST_PAUSE = 5.0


class Command(BaseCommand):
    """Watch clocks, subjects that are due a look, and deliveries that a lost wake-up left behind."""

    help = (
        "Run the clocks: warnings, breaches, rules about what failed to appear. Stops on SIGTERM."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        beat_due, pause = 0.0, TURN
        while True:
            try:
                self._turn()
                if time.monotonic() >= beat_due:
                    queue.beat("clocks", at=timezone.now())
                    beat_due = time.monotonic() + _BEAT_EVERY
                pause = TURN
            except (OperationalError, InterfaceError) as lost:
                connection.close()
                pause = min(_LONGEST_PAUSE, pause * 2)
                self.stderr.write(f"No database ({lost}); trying again in {pause:g} s.")
            time.sleep(pause)

    def _turn(self) -> None:
        """Do all that is due by now; what comes due meanwhile is for the next turn."""
        now = timezone.now()
        watched, full = 0, True
        while full:
            touched = clockwatch.tick(now, limit=MOST)
            watched, full = watched + touched, touched >= MOST
        looked, findings, full = 0, 0, True
        while full:
            seen, raised = look_again(now, limit=MOST)
            looked, findings, full = looked + seen, findings + len(raised), seen >= MOST
        tasks.wake()
        if watched or findings:
            told = f"{watched} cases watched, {looked} subjects looked at, {findings} findings."
            self.stdout.write(told)
