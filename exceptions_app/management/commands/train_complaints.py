"""``train_complaints FILE``: how well would complaints of another system be recognised? It stores nothing.

A CSV with a text and a class per row; several votes may have been counted into the class, and rows without
one are left out. The same file gives the same answer each time.
"""

import csv
import gzip
import json
import zlib
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exceptions_app.complaints.checking import FOLDS, Checked, check
from exceptions_app.complaints.learning import Sample

Row = Mapping[str, str]
Known = Callable[[Row], tuple[str, ...]]

TEXT = "review_comment_title,review_comment_message"
CLASS = "most_voted_class"
WROTE, PROMISED, CAME, SCORE = (
    "review_answer_timestamp",
    "order_estimated_delivery_date",
    "order_delivered_customer_date",
    "review_score",
)


def nothing(_: Row) -> tuple[str, ...]:
    return ()


def dates(row: Row) -> tuple[str, ...]:
    """What a desk knows of the order when the text comes; a delivery of later was not known then."""
    wrote = row[WROTE]
    came = row[CAME] if row[CAME] and row[CAME] <= wrote else ""
    late = (came or wrote)[:10] > row[PROMISED][:10]
    return ("came" if came else "not come", *(("late",) if late else ()))


def dates_and_score(row: Row) -> tuple[str, ...]:
    return (*dates(row), f"score {row[SCORE]}")


#: What may be known beside the text, and the columns it takes.
VARIANTS: Mapping[str, tuple[Known, tuple[str, ...]]] = {
    "text": (nothing, ()),
    "text_and_dates": (dates, (WROTE, PROMISED, CAME)),
    "text_dates_and_score": (dates_and_score, (WROTE, PROMISED, CAME, SCORE)),
}


class Command(BaseCommand):
    help = "Tell by cross-validation how well complaints in a file are recognised."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header, plain or gzip")
        parser.add_argument("--text", default=TEXT, help="columns of the text, by commas")
        parser.add_argument("--class", dest="label", default=CLASS, help="column of the class")
        parser.add_argument("--folds", type=int, default=FOLDS)
        parser.add_argument(
            "--only", choices=VARIANTS, help="only this; else also with what is known beside it"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        try:
            rows = list(_rows(path))
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except (csv.Error, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise CommandError(f"{path} is damaged, or no CSV file: {error}") from error
        found = _tried(rows, options)
        self.stdout.write(_document(found) if options["json"] else _told(found))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _tried(rows: list[dict[str, str]], options: Mapping[str, Any]) -> dict[str, Checked]:
    columns, label = options["text"].split(","), options["label"]
    missing = [name for name in (*columns, label) if not rows or name not in rows[0]]
    if missing:
        raise CommandError(
            f"There is no column {', '.join(missing)}. Name it by --text or --class."
        )
    decided = [row for row in rows if row[label]]
    if len({row[label] for row in decided}) < 2 or not 2 <= options["folds"] <= len(decided):
        raise CommandError("It takes two classes, and between two parts and one per row.")
    wanted = (options["only"],) if options["only"] else tuple(VARIANTS)
    found = {}
    for name in wanted:
        known, needed = VARIANTS[name]
        if all(column in rows[0] for column in needed):
            samples = [
                Sample(" ".join(row[column] for column in columns), row[label], known(row))
                for row in decided
            ]
            found[name] = check(samples, options["folds"])
    return found


def _document(found: Mapping[str, Checked]) -> str:
    """The first is what a complaint always has: its text."""
    name, first = next(iter(found.items()))
    return json.dumps(
        {
            "accuracy": round(first.accuracy, 4),
            "known": name,
            "folds": first.folds,
            "by_class": {
                label: {name: round(value, 4) for name, value in row.items()}
                for label, row in first.by_class.items()
            },
            "confusion": first.confusion,
            "accuracy_with": {name: round(one.accuracy, 4) for name, one in found.items()},
        }
    )


def _told(found: Mapping[str, Checked]) -> str:
    lines = []
    for name, one in found.items():
        lines.append(f"{name.replace('_', ' ')}: right in {one.accuracy:.1%}, {one.folds} parts")
        for label, row in one.by_class.items():
            lines.append(
                f"  {label}: {row['cases']:.0f} texts, {row['recall']:.1%} found,"
                f" {row['precision']:.1%} right when said"
            )
    return "\n".join(lines)
