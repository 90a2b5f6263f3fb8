"""The report in one sentence, in pieces of which some are doors."""

from dataclasses import dataclass

from exceptions_app.reports.doors import Number
from exceptions_app.reports.sla import Report, TargetLine, headline_kind

#: A change smaller than this reads as none.
SAME = 0.005


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words; with a number behind them, they open its cases."""

    text: str
    number: Number | None = None


def headline(report: Report) -> tuple[Piece, ...]:
    """The first target, how it changed and who stands out; while nothing is decided, how many opened."""
    total = report.total
    target = total.targets[headline_kind(total)]
    if target.share is None:
        return (
            Piece(f"{total.opened} {plural(total.opened.value, 'case')} opened", total.opened),
            Piece(", and no target of theirs is decided yet."),
        )
    pieces = [
        Piece(percent(target.share), target.decided),
        Piece(f" of {target.kind.label} targets met"),
        Piece(compared(target, report.period.length_words)),
    ]
    return (*pieces, *standing_out(report), Piece("."))


def compared(target: TargetLine, length: str) -> str:
    if target.change is None:
        return ""
    points = round(abs(target.change) * 100)
    if abs(target.change) < SAME or not points:
        return f", the same as the {length} before"
    better = "better" if target.change > 0 else "worse"
    return f", {points} {plural(points, 'point')} {better} than the {length} before"


def standing_out(report: Report) -> tuple[Piece, ...]:
    found = report.outlier
    if found is None or found.target.share is None:
        return (Piece("; no team stands out"),) if report.teams > 1 else ()
    kind = found.target.kind
    of = "" if kind == headline_kind(report.total) else f" of {kind.label} targets"
    return (
        Piece("; "),
        Piece(found.label, found.target.missed),
        Piece(f" is the outlier with {percent(found.target.share)}{of}"),
    )


def percent(share: float) -> str:
    """Whole percents; all of them and none of them are said only when it is so."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        whole = 99
    if whole == 0 and share > 0:
        whole = 1
    return f"{whole} %"


def plural(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"
