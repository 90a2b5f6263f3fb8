"""Compare linked records with their cases now, and say what was put right."""

import json
import math
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from connectors.reconciling import reconcile


class Command(BaseCommand):
    """What a worker does every quarter of an hour."""

    help = "Compare linked records with their cases, and put right what has come apart."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the report for machines")

    def handle(self, *_: Any, **options: Any) -> None:
        report = reconcile(math.inf)
        if options["json"]:
            self.stdout.write(json.dumps(report, indent=2))
        elif not report:
            self.stdout.write("There is nothing to compare.")
        for name, counts in () if options["json"] else report.items():
            told = ", ".join(f"{count} {word}" for word, count in counts.items())
            self.stdout.write(f"{name}: {told}")
