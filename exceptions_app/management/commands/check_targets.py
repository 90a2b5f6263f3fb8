"""``check_targets FILE``: does our calendar reproduce the targets another system published?

A first step when moving to Flagstand. It needs no database and writes nothing.
"""

import csv
import gzip
import json
import zlib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError

from exceptions_app.errors import DeskError, Refused
from exceptions_app.sla.comparison import Comparison, explain
from exceptions_app.sla.hours import Hours, instant, missing_years
from exceptions_app.sla.notation import hours_words, read_length, shown
from exceptions_app.sla.published import ANY_TYPE, PRESETS, Layout, preset_for
from exceptions_app.sla.working_time import Length

#: Malformed rows are all counted; so many are named.
NAMED_ROWS = 20
#: Option, field of the layout, help. What is not given comes from the preset.
OPTIONS = (
    ("--opened", "opened", "column with the time of opening"),
    ("--target", "target", "column with the published target"),
    ("--closed", "closed", "column with the time of closing"),
    ("--outcome", "outcome", "column with the published verdict"),
    ("--type", "type", "column with the type that --length speaks of"),
    ("--key", "key", "column with the number of the case"),
    ("--met", "met", "word of a verdict: the target was met (ONTIME)"),
    ("--missed", "missed", "word of a verdict: the target was missed (OVERDUE)"),
    ("--zone", "zone", "time zone of the hours, and of times without an offset"),
    ("--hours", "week", '"mon-fri 08:30-17:00; sat 10:00-14:00"'),
    ("--holidays", "region", "public holidays of a country or region: DE, US-MA"),
)


class Command(BaseCommand):
    help = "Compare the targets another system published with those our hours give."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header, plain or gzip")
        parser.add_argument("--json", action="store_true", help="print only the shares, as JSON")
        parser.add_argument("--preset", choices=sorted(PRESETS), help="by default the header tells")
        for option, name, words in OPTIONS:
            parser.add_argument(option, dest=name, help=words)
        parser.add_argument("--holidays-from", type=int, help="first year with holidays entered")
        parser.add_argument(
            "--length",
            action="append",
            default=[],
            help='"TYPE=1 business day", or without a type for all others; may be repeated',
        )
        parser.add_argument("--extracted", help="when the file was extracted; else it is inferred")
        parser.add_argument("--misses", type=int, default=10, help="how many of the worst to show")

    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        try:
            self._compare(path, options)
        except DeskError as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except (csv.Error, EOFError, zlib.error) as error:
            raise CommandError(f"{path} is damaged, or no CSV file: {error}") from error

    def _compare(self, path: Path, options: Mapping[str, Any]) -> None:
        with _opened(path) as file:
            rows = csv.reader(file)
            header = next(rows, [])
            layout = _layout(header, options)
            hours = layout.hours()
            extracted_at = _extracted(options["extracted"], layout)
            comparison = Comparison(hours, layout.lengths, keep=max(0, options["misses"]))
            left_out = list(_take(rows, header, layout, comparison))
        extracted_at = extracted_at or comparison.extracted_at()
        if options["json"]:
            shares: dict[str, object] = {k: t.shares() for k, t in comparison.tallies.items()}
            shares["outcome"] = comparison.outcome(extracted_at)[1]
            self.stdout.write(json.dumps(shares))
        else:
            self._report(layout, hours, comparison, extracted_at)
        for sentence in _named(left_out):
            self.stderr.write(sentence)

    def _report(
        self, layout: Layout, hours: Hours, comparison: Comparison, extracted_at: datetime | None
    ) -> None:
        holidays = f"{layout.region} from {layout.holidays_from}" if layout.region else "none"
        self.stdout.write(f"{layout.zone}, {layout.week}, holidays {holidays}\n\n")
        self.stdout.write(f"{'':22}{'cases':>8}{'within 60 s':>14}{'within 2 min':>14}")
        for group, tally in comparison.tallies.items():
            cases, close, near = tally.shares().values()
            name = group.replace("_", " ")
            self.stdout.write(f"{name:22}{cases:>8}{_percent(close):>14}{_percent(near):>14}")
        judged, agreed = comparison.outcome(extracted_at)
        self.stdout.write(f"{'outcome':22}{judged:>8}{_percent(agreed):>14}\n\n")
        for line in (*_notes(hours, comparison, extracted_at), "", *_misses(hours, comparison)):
            self.stdout.write(line)


def _opened(path: Path) -> TextIO:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    opener = gzip.open if zipped else open
    return cast("TextIO", opener(path, "rt", encoding="utf-8-sig", errors="replace", newline=""))


def _layout(header: Sequence[str], options: Mapping[str, Any]) -> Layout:
    layout = PRESETS[options["preset"]] if options["preset"] else preset_for(header)
    given = {name: options[name] for _, name, _ in OPTIONS if options[name] is not None}
    if options["holidays_from"] is not None:
        given["holidays_from"] = options["holidays_from"]
    if options["length"]:
        given["lengths"] = dict(_length(text) for text in options["length"])
    layout = replace(layout, **given)
    layout.refuse_unless_fit(header)
    return layout


def _length(text: str) -> tuple[str, Length]:
    kind, _, length = text.rpartition("=")
    return kind.strip() or ANY_TYPE, read_length(length)


def _extracted(text: str | None, layout: Layout) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"“{text}” is no time. Write one such as 2026-03-31 08:30.") from error
    return at if at.tzinfo else instant(at.date(), at.time(), layout.tz())


def _take(
    rows: Any, header: Sequence[str], layout: Layout, comparison: Comparison
) -> Iterator[str]:
    """Feed the rows to the comparison; yields a sentence for each that cannot be read."""
    zone = layout.tz()
    for row in rows:
        try:
            case = layout.read(rows.line_num, _fields(header, row), zone)
        except Refused as reason:
            yield f"Line {rows.line_num}: {reason}."
        else:
            comparison.add(case)


def _fields(header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if len(row) != len(header):
        raise Refused(f"{len(row)} fields, the header has {len(header)}")
    return dict(zip(header, row, strict=True))


def _named(left_out: Sequence[str]) -> Iterator[str]:
    if left_out:
        yield f"{len(left_out)} malformed rows left out:"
        yield from left_out[:NAMED_ROWS]
    if len(left_out) > NAMED_ROWS:
        yield f"and {len(left_out) - NAMED_ROWS} more."


def _notes(hours: Hours, comparison: Comparison, extracted_at: datetime | None) -> Iterator[str]:
    if comparison.untargeted:
        yield f"{comparison.untargeted} cases have no published target and were left out."
    if comparison.undecided:
        yield f"{comparison.undecided} cases have a target, but no published outcome yet."
    for kind, cases in comparison.unruled.most_common():
        yield f'{cases} of type “{kind}” have no length; give one with --length "{kind}=…".'
    if extracted_at:
        yield f"Open cases were judged as of {shown(extracted_at, hours.zone)}."
    if comparison.span and (
        missing := missing_years(hours, *(at.date() for at in comparison.span))
    ):
        yield f"No holidays are known for {', '.join(map(str, missing))}."


def _misses(hours: Hours, comparison: Comparison) -> Iterator[str]:
    worst = comparison.worst()
    if worst:
        yield "The worst misses:"
    for miss in worst:
        case, zone = miss.case, hours.zone
        yield f"{case.key} {case.type}, off by {hours_words(miss.off)}: {explain(miss, hours)}"
        for name, at in (
            ("opened", case.opened_at),
            ("published", miss.published_at),
            ("ours", miss.ours_at),
        ):
            yield f"    {name:10}{shown(at, zone)}"


def _percent(share: float | int | None) -> str:
    return "-" if share is None else f"{share:.3%}"
