"""Tell stories: a dealer group, a depot and a shop whose promises are mostly kept, in compressed time."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.stories.colleagues import Colleagues
from config.stories.desk import Away, Desk
from config.stories.sources import Sources, Unknown, explained, speak
from exceptions_app.asking import AWAY
from exceptions_app.demo import grievances, history
from exceptions_app.demo.stories.base import Saying
from exceptions_app.management.commands.seed_demo import COLLEAGUES, TOKEN

PACE = 60.0
_TURN, _LONGEST_PAUSE = 0.5, 5.0
#: The share of a turn that the past may take; the rest belongs to whoever looks at the desk.
_FOR_THE_PAST = 0.7
_LEFT = "stories-left.json"
_log = structlog.stdlib.get_logger("desk.stories")


class Command(BaseCommand):
    """Sources that send signals and colleagues who work on what comes of them, all through the API."""

    help = "Tell the demo's stories through the API until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--speed", type=float, default=PACE, help="Minutes of the story in a minute."
        )
        parser.add_argument("--seed", type=int, help="The same stories in the same order.")
        parser.add_argument("--base-url", help="Another desk than this one.")
        parser.add_argument("--token", help="A token that may send signals and read cases.")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["speed"] <= 0:
            raise CommandError("The speed is a number above 0; 60 makes a minute a second.")
        here = options["base_url"] is None and settings.LOCAL
        desk = Desk(options["base_url"] or f"http://127.0.0.1:{settings.PORT}")
        token = options["token"] or kept(TOKEN)
        rng = Random(options["seed"])  # noqa: S311 - seeded so that a run can be repeated
        sources = Sources(rng, options["speed"], timezone.now())
        sources.remember(left_unsaid())
        tokens = json.loads(kept(COLLEAGUES)) if here else {}
        colleagues = Colleagues(rng, options["speed"], tokens, token)
        try:
            self._tell(desk, token, sources, colleagues, past(sources) if here else iter(()))
        except Unknown as refusal:
            raise CommandError(
                f"The desk does not take the signals: {refusal}. Run manage.py seed_demo again."
            ) from None
        finally:
            remember(sources)

    def _tell(
        self,
        desk: Desk,
        token: str,
        sources: Sources,
        colleagues: Colleagues,
        past: Iterator[None],
    ) -> None:
        pause = _TURN
        while True:
            began = time.monotonic()
            try:
                for line in speak(sources, desk, token, timezone.now()):
                    _log.info("told", **line)
                for answer in colleagues.act(desk, timezone.now()):
                    if not answer.ok:
                        _log.info("refused", why=explained(answer))
                pause = _TURN
            except Away as problem:
                pause = min(_LONGEST_PAUSE, pause * 2)
                _log.warning("the desk is away", why=str(problem), again_in=pause)
            while time.monotonic() - began < _TURN * _FOR_THE_PAST and next(past, 0) is None:
                pass
            time.sleep(max(0.05, pause - (time.monotonic() - began)))


def past(sources: Sources) -> Iterator[None]:
    """Tell the past, again after the database was away; it knows what it told.

    What of it is still to come, the sources tell.
    """
    at = timezone.now()
    while True:
        try:
            yield from history.tell(at, later=sources.remember)
            grievances.complain(at)
        except AWAY as lost:
            _log.warning("no database", why=str(lost))
            connection.close()
            yield
        else:
            connection.close()
            return


def kept(name: str) -> str:
    file = Path(settings.FLAGSTAND_HOME) / name
    if not file.exists():
        raise CommandError(f"There is no {file}. Run manage.py seed_demo first.")
    return file.read_text().strip()


def left_unsaid() -> list[Saying]:
    file = Path(settings.FLAGSTAND_HOME) / _LEFT
    if not file.exists():
        return []
    rows = json.loads(file.read_text())
    file.unlink()
    return [Saying(datetime.fromisoformat(row["at"]), row["item"]) for row in rows]


def remember(sources: Sources) -> None:
    """What was planned is said at the next start, so that a stop breaks no promise for good."""
    rows = [{"at": one.at.isoformat(), "item": one.item} for one in sources.left()]
    (Path(settings.FLAGSTAND_HOME) / _LEFT).write_text(json.dumps(rows))
