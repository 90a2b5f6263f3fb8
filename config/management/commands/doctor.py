"""Say how this installation is, and what to do about what is wrong."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config import diagnosis


class Command(BaseCommand):
    """Look at settings, database, queue, clock, workers, secrets and connections."""

    help = "Say what is fine and what to do about the rest; exit code 1 if anything is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print it for a program.")

    def handle(self, *_: Any, **options: Any) -> None:
        lines = diagnosis.everything()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in lines], indent=2))
        else:
            for line in lines:
                mark = "fine " if line.fine else "WRONG"
                self.stdout.write(f"{mark}  {line.name:<12} {line.says}")
        if not all(line.fine for line in lines):
            sys.exit(1)
