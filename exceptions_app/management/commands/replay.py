"""Feed a CSV through the intake as of each moment of its history."""

import csv
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from django.utils import timezone

from exceptions_app.asking import AWAY
from exceptions_app.errors import DeskError
from exceptions_app.intake import mappings
from exceptions_app.intake.histories import telling
from exceptions_app.intake.replay import Replayed, read_signals, replay, send, settle_in
from exceptions_app.management.commands.make_token import NO_TABLES

CONTINUES = "What it has fed stays. Run the same command again, and it goes on where it stopped."


class Command(BaseCommand):
    help = "Feed a CSV through the intake in time order: as history, for which nothing goes outside, or live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", required=True, help="The name of a mapping, or a file of one"
        )
        parser.add_argument(
            "--until",
            help="Let time pass up to here, an ISO time with zone; later rows are left out",
        )
        parser.add_argument(
            "--live",
            action="store_true",
            help="Hear all rows now, as if their source had just sent them; cases go outside",
        )
        parser.add_argument(
            "--errors",
            type=Path,
            help="Where refused rows go; default: FILE.errors.csv here",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        file = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        done, started = Replayed(), perf_counter()
        try:
            self.take(file, options, done)
        except DeskError as refusal:
            raise CommandError(str(refusal)) from refusal
        except ProgrammingError:
            raise CommandError(NO_TABLES.format(settings.FLAGSTAND_HOME)) from None
        except AWAY as lost:
            raise CommandError(
                f"The database did not let it finish. {CONTINUES} It said: {str(lost).strip()}"
            ) from lost
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {CONTINUES}") from None
        took = perf_counter() - started
        self.stdout.write(
            f"{done.rows:,} rows, {done.signals:,} signals: {done.stored:,} stored, "
            f"{done.duplicate:,} there already, {len(done.bad):,} refused. "
            f"{len(done.opened):,} {'case' if len(done.opened) == 1 else 'cases'} opened. "
            f"{took:.1f} s, {done.signals / took:,.0f} signals/s."
        )
        if done.bad:
            self.write_errors(done, options["errors"] or Path(f"{file.name}.errors.csv"))

    def take(self, file: Path, options: dict[str, Any], done: Replayed) -> None:
        """Read all of it, then hand it to the intake."""
        mapping = mappings.find(options["mapping"])
        site = settle_in(mapping, at=timezone.now())
        signals = read_signals(file, mapping, done)
        progress, ends = self.progress(len(signals)), until(options["until"])
        if options["live"]:
            send(signals, done, now=timezone.now, progress=progress)
            return
        with telling(site):
            replay(signals, done, site=site, until=ends, now=timezone.now(), progress=progress)

    def progress(self, total: int) -> Any:
        """A line that rewrites itself on a terminal, and stays silent in a pipe."""

        def show(fed: int, at: datetime) -> None:
            if sys.stderr.isatty():
                self.stderr.write(f"\r{fed:,} of {total:,} signals, as of {at:%Y-%m-%d}", ending="")

        return show

    def write_errors(self, done: Replayed, path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("row", "field", "reason"))
            writer.writerows((bad.row, bad.field, bad.reason) for bad in done.bad)
        self.stdout.write(f"What was refused, and why, is in {path}.")


def until(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise CommandError(
            "--until takes an ISO time such as 2018-03-01T00:00:00-03:00."
        ) from error
    if at.tzinfo is None:
        raise CommandError("--until needs a time zone, such as 2018-03-01T00:00:00-03:00.")
    return at.astimezone(UTC)
