"""Reading CSV files as they come: plain or gzipped, with commas or something else, within bounds (I4)."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from exceptions_app.errors import Refused
from exceptions_app.intake.columns import ColumnMapping
from exceptions_app.intake.reading import Reader, Row

MOST_ROWS = 5_000_000
LONGEST_LINE = 1_000_000
#: A small gzip file may hold millions of them, which nobody would see as rows.
MOST_EMPTY = 10_000
#: Row, column and reason.
Problem = tuple[int, str, str]
#: The first column of a file of refused rows.
WHY = "Refused because"
DELIMITERS = (",", ";", "\t", "|")


@contextmanager
def table(path: Path) -> Iterator["csv.DictReader[str]"]:
    """The file as rows with the names of its head; what is no CSV is refused in a sentence."""
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            head = next(lines(file), "")
            file.seek(0)
            yield csv.DictReader(lines(file), delimiter=max(DELIMITERS, key=head.count))
    except UnicodeDecodeError:
        raise Refused(
            "The file is not in UTF-8. Save it as “CSV UTF-8” and choose it again."
        ) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Refused(
            "The file ends early or is no gzip file that can be read. Choose it again."
        ) from None
    except csv.Error as error:
        raise Refused(f"The file is no CSV: {error}.") from None


def lines(file: IO[str]) -> Iterator[str]:
    empty = 0
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Refused(f"A line is longer than {LONGEST_LINE:,} characters; this is no CSV.")
        empty = 0 if line.strip() else empty + 1
        if empty > MOST_EMPTY:
            raise Refused(
                f"More than {MOST_EMPTY:,} empty lines follow each other; this is no CSV."
            )
        yield line


def head(path: Path, count: int) -> tuple[list[str], list[Row]]:
    """The columns, and the first rows."""
    with table(path) as found:
        rows: list[Row] = list(islice(found, count))
        return list(found.fieldnames or ()), rows


def rows(path: Path, mapping: ColumnMapping) -> Iterator[Reader]:
    """Every row, to be read as the mapping says."""
    with table(path) as found:
        insist_on_columns(mapping, found.fieldnames or ())
        for number, row in enumerate(found):
            if number >= MOST_ROWS:
                raise Refused(f"The file has more than {MOST_ROWS:,} rows; split it.")
            yield mapping.reader(row)


def refused_rows(path: Path, problems: Iterable[Problem]) -> Iterator[list[str]]:
    """The head, and each row that was refused as it was, both after why; it can be mended and uploaded."""
    with table(path) as found:
        head = list(found.fieldnames or ())
        skip = head[:1] == [WHY]
        yield [WHY, *head[skip:]]
        cells = enumerate(filter(None, found.reader), start=2)
        for row, group in groupby(problems, key=itemgetter(0)):
            why = " ".join(f"{column}: {reason}" for _, column, reason in group)
            was = next((one for number, one in cells if number == row), [])
            yield [why, *was[skip:]]


def delimiter(path: Path) -> str:
    with table(path) as found:
        return str(found.reader.dialect.delimiter)


def insist_on_columns(mapping: ColumnMapping, there: Any) -> None:
    missing = mapping.columns - set(there)
    if missing:
        raise Refused(
            f"The file has no column {', '.join(sorted(missing))}; is “{mapping.name}” its mapping?"
        )
