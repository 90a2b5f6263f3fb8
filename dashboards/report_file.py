"""A report as a file for spreadsheets: what its table shows, and nothing that a spreadsheet would run."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

from exceptions_app.reports.questions import Questions
from exceptions_app.reports.sla import Line, Report, TimeLine
from exceptions_app.vocabulary import TargetKind

#: A cell that begins so is a formula to a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | float | None


def name(report: Report) -> str:
    period = report.told
    return f"sla-by-{report.grouping}-{period.first}-to-{period.last}.csv"


def text(report: Report) -> str:
    """One row per line of the table, and the whole as the last."""
    file = StringIO()
    writer = csv.writer(file)
    kinds = shown_kinds(report)
    writer.writerow(heading(report, kinds))
    for line in (*report.lines, report.total):
        writer.writerow([harmless(cell) for cell in row(line, kinds)])
    return file.getvalue()


def questions_text(found: Questions) -> str:
    """One row per site, and the whole as the last."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(
        (
            "Site",
            "Subjects opened",
            "Questions",
            "Per 100",
            "Repeated",
            "Answered by link",
            "Visits",
        )
    )
    for one in (*found.lines, found.total):
        cells: tuple[Cell, ...] = (
            one.label,
            one.subjects,
            one.questions,
            one.per_100,
            one.repeated,
            one.answered,
            one.visits,
        )
        writer.writerow([harmless(cell) for cell in cells])
    return file.getvalue()


def shown_kinds(report: Report) -> list[TargetKind]:
    """The targets that any of the cases have."""
    return [kind for kind in TargetKind if report.total.targets[kind].cases.value]


def heading(report: Report, kinds: list[TargetKind]) -> list[str]:
    names = [str(report.grouping.label).capitalize(), "Opened", "Resolved", "Open now"]
    for kind in kinds:
        of = str(kind.label).capitalize()
        names += [f"{of}: met %", f"{of}: met % before", f"{of}: cases", f"{of}: met"]
        names += [f"{of}: missed", f"{of}: running"]
    for what in ("acknowledge", "resolve"):
        names += [f"Minutes to {what}: {part}" for part in ("cases", "median", "ninth decile")]
    return names


def row(line: Line, kinds: list[TargetKind]) -> Iterator[Cell]:
    yield from (line.label, line.opened.value, line.resolved.value, line.open.value)
    for target in (line.targets[kind] for kind in kinds):
        yield from (percent(target.share), percent(target.before), target.cases.value)
        yield from (target.met.value, target.missed.value, target.running.value)
    yield from times(line.to_acknowledge)
    yield from times(line.to_resolve)


def times(line: TimeLine) -> tuple[Cell, Cell, Cell]:
    return (line.cases.value, minutes(line.median), minutes(line.p90))


def percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def minutes(took: timedelta | None) -> float | None:
    return None if took is None else round(took.total_seconds() / 60, 1)


def harmless(cell: Cell) -> Cell:
    """Text stays text: an apostrophe keeps a spreadsheet from running it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
