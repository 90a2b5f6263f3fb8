"""The clocks loop: whatever comes due, within a moment; any number may run over one database."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from config import tables
from connectors import tasks
from exceptions_app.cases import clockwatch
from exceptions_app.detection import silence, tending
from exceptions_app.detection.replanning import replan
from exceptions_app.detection.watch import look_again
from exceptions_app.outbox import queue

TURN = 0.3
MOST = 500
#: After a change of rules, so many batches are planned anew per turn: what is due does not wait for them.
_REPLANNED = 5
_BEAT_EVERY = 5.0
#: A desk that looked at nothing for so long was not there to be spoken to either.
AWAY = timedelta(minutes=2)
_LONGEST_PAUSE = 5.0
_log = structlog.stdlib.get_logger("desk.clocks")


class Command(BaseCommand):
    """Watch clocks, subjects that are due a look, and deliveries that a lost wake-up left behind."""

    help = (
        "Run the clocks: warnings, breaches, rules about what failed to appear. Stops on SIGTERM."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        tables.when_there(lambda: None)
        beat_due, pause, before = 0.0, TURN, None
        while True:
            try:
                before = before or queue.last_beat("clocks")
                now = timezone.now()
                if before and now - before > AWAY:
                    silence.wait_anew(now)
                turn(now)
                before = now
                if time.monotonic() >= beat_due:
                    queue.beat("clocks", at=timezone.now())
                    beat_due = time.monotonic() + _BEAT_EVERY
                if pause > TURN:
                    _log.info("the database is back")
                pause = TURN
            except tables.PASSING as lost:
                connection.close()
                pause = min(_LONGEST_PAUSE, pause * 2)
                _log.warning("no database", why=str(lost).strip(), again_in=pause)
            time.sleep(pause)


def turn(now: datetime) -> None:
    """Do all that is due by now; what comes due meanwhile is for the next turn."""
    for _ in range(_REPLANNED):
        if not replan(now, limit=MOST):
            break
    watched = until_idle(lambda: clockwatch.tick(now, limit=MOST))
    # Before the looks: what a source that is silent by now does not say is no finding.
    raised = [f"opened {case}" for case in silence.watch(now)]

    def look() -> int:
        seen, found = look_again(now, limit=MOST)
        raised.extend(f"{one.became} {one.case}" for one in found if one.told)
        return seen

    looked = until_idle(look)
    tending.tend(now)
    tasks.wake()
    if watched or raised:
        _log.info("came due", cases_watched=watched, subjects_looked_at=looked, raised=raised)


def until_idle(work: Callable[[], int]) -> int:
    """Repeat while there is as much to do as fits into one round; how much it was."""
    done = total = work()
    while done >= MOST:
        done = work()
        total += done
    return total
