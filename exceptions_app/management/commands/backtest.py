"""Replay a history as it was known at each moment, and judge what would have been decided (D1)."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exceptions_app.backtest import history
from exceptions_app.backtest.running import Report, run
from exceptions_app.detection.policy import SHIPPED
from exceptions_app.errors import DeskError
from exceptions_app.intake import mappings

HELP = """Replay a file of history as it was known at each moment, and judge what would have been decided.

The figures on top are of the whole policy: the rules, the alerts of learned risk, and its catch-all on the
last day. A subject counts once, from its first alert; lead is from there to the end of the promise (a
promised day ends with it). subjects are those whose promise was due from --from on and whose outcome is
known; recall is of all that were missed. precision_at_recall_80 is of the model asked for: the subjects
still open exactly so many days before the end of the promise (lead_3_days) are ranked by their chance as
of then, and it is the precision down to where 80 % of all missed promises are found; who had ended by then
is no alert, and who had not begun cannot be found. For service requests there is a look at 48 hours of age
too (age_48_hours); who was younger at the end of the file is not judged. precision_at_recall_80_from is the
same of the promises due from each of the last eight Mondays on: a young history shows there from when on it
has learned enough. reminders is of appointments: of the likeliest to be missed so many days before, how many
were, and how many times more than of all (lift). The same under "plain" and "trained" with the calibration,
under "rules" what the rules do alone."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", required=True, help="A mapping's name, or its file")
        parser.add_argument(
            "--from",
            dest="start",
            help="Judge promises due from this date on; all before is learned",
        )
        parser.add_argument("--model", choices=("plain", "trained"), default="plain")
        parser.add_argument("--json", action="store_true", help="One JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        started = perf_counter()
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        try:
            mapping = mappings.find(options["mapping"])
            past = history.from_file(options["file"], mapping)
            report = run(
                past,
                SHIPPED,
                model=options["model"],
                start=day(options["start"], past),
                progress=self.progress,
            )
        except DeskError as refusal:
            raise CommandError(str(refusal)) from refusal
        took = round(perf_counter() - started, 1)
        if options["json"]:
            self.stdout.write(json.dumps({**report.document, "seconds": took}, indent=1))
        else:
            self.stdout.write(told(report, took))

    def progress(self, heard: int, of: int, at: datetime) -> None:
        """A line that rewrites itself on a terminal, and stays silent in a pipe."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{heard:,} of {of:,} signals, as of {at:%Y-%m-%d}", ending="")


def day(value: str | None, past: history.History) -> datetime | None:
    """The beginning of a day where the subjects are."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=past.zone)
    except ValueError as error:
        raise CommandError("--from takes a date such as 2017-10-01.") from error


def told(report: Report, took: float) -> str:
    figures = report.document
    ranks = ", ".join(f"{k}: {v}" for k, v in figures["precision_at_recall_80"].items())
    return (
        f"{figures['subjects']:,} subjects, {figures['missed']:,} missed. "
        f"{figures['alerts_per_100']} alerts per 100, precision {figures['precision']}, "
        f"recall {figures['recall']}, {figures['mean_lead_days']} days before the promise on average. "
        f"Precision at recall 0.80 ({figures['model']}): {ranks}. {took} s. {figures['output_hash']}"
    )
