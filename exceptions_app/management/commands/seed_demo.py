"""Fill an empty desk for the demo, and say how to sign in."""

import json
from argparse import ArgumentParser
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from exceptions_app.demo import grievances, history, people, seeding

SIGN_INS = "sign-ins.json"
#: The bridge's token by itself, for whoever wants to post a signal by hand.
TOKEN = "stories-token"  # noqa: S105 - the name of a file
COLLEAGUES = "stories-colleagues.json"


class Command(BaseCommand):
    """Sites, people, targets, connections; with --history some weeks of past cases as well."""

    help = "Fill the desk for the demo; what is there already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--history", action="store_true", help="Also tell some weeks of past cases, once."
        )
        parser.add_argument(
            "--keys", action="store_true", help="Only see to it that the stories' tokens work here."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError(
                "This desk serves others; demo people with printed passwords have no place on it. "
                "Make the first administrator with manage.py createsuperuser."
            )
        at = timezone.now()
        if options["keys"]:
            keep_keys(at)
            return
        sign_ins = seeding.seed(at)
        write(SIGN_INS, json.dumps([asdict(one) for one in sign_ins], indent=2, ensure_ascii=False))
        keep_keys(at)
        self.say(options, f"{len(people.PEOPLE)} people, sign-ins in {folder() / SIGN_INS}.")
        if options["history"]:
            deque(history.tell(at), maxlen=0)
            grievances.complain(at)
            self.say(options, "The past weeks are told.")

    def say(self, options: Mapping[str, Any], line: str) -> None:
        if options["verbosity"]:
            self.stdout.write(line)


def keep_keys(at: datetime) -> None:
    file = folder() / COLLEAGUES
    kept = json.loads(file.read_text()) if file.exists() else {}
    given = seeding.keys(kept, at)
    write(COLLEAGUES, json.dumps(given, indent=2))
    write(TOKEN, given.get(people.BRIDGE, ""))


def write(name: str, text: str) -> None:
    """Private, and whole or not at all."""
    fresh = folder() / f".{name}.new"
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(folder() / name)


def folder() -> Path:
    return Path(settings.FLAGSTAND_HOME)
