"""Run the workers, and start them again when they stop working."""

import signal
import sys
import time
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections
from django.db.models import Max
from django.utils import timezone

from config import home, schedules, tables
from config.supervisor import Child, stopping
from config.watchdog import Watchdog
from connectors import tasks
from exceptions_app.models import Attempt
from exceptions_app.outbox import queue

_TURN = 0.5
_TURNS_PER_VERDICT = 6


class Command(BaseCommand):
    """Run django-q2's cluster in its own process group, under a watchdog."""

    help = "Run the workers that perform deliveries, under a watchdog."
    requires_system_checks = (Tags.security,)

    def handle(self, *_: Any, **__: Any) -> None:
        tables.when_there(schedules.sync)
        command = [sys.executable, str(home.ROOT / "manage.py"), "qcluster"]
        # A cluster told to stop may hang (django-q2 #23), so without its watchdog it is killed.
        cluster = Child("qcluster", command, gone=signal.SIGKILL)
        watchdog = Watchdog()
        with stopping([cluster]):
            for turn in count():
                cluster.look(self._say)
                if turn % _TURNS_PER_VERDICT == 0 and cluster.process and self._stall(watchdog):
                    self._say(
                        "Deliveries are due and nobody works on them. Starting the workers again."
                    )
                    cluster.kill_group()
                time.sleep(_TURN)

    def _stall(self, watchdog: Watchdog) -> bool:
        now = timezone.now()
        close_old_connections()
        try:
            overdue = queue.oldest_due(now) or timedelta()
            attempts = Attempt.objects.aggregate(newest=Max("id"))["newest"] or 0
            stall = watchdog.sees_stall(overdue, attempts, now=time.monotonic())
            if not stall:
                queue.beat("worker", at=now)
                # A retry falls due without anybody's doing, and a wake-up may have got lost.
                tasks.wake()
        except Error:
            # Without a database there is no verdict; the workers wait for it as well.
            return False
        return stall

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
