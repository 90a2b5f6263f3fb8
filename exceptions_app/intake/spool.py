"""The signals of one file in time order, on disk: made row by row, read piece by piece, lost without harm.

It holds nothing that the file and its mapping do not say; whoever finds none makes it again.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

#: When, row, and place within the row: the order of all signals of the file.
Place = tuple[str, int, int]
BEGIN: Place = ("", 0, 0)


class Spooled(NamedTuple):
    place: Place
    signal: dict[str, Any]


class Spool:
    """A file of SQLite beside the uploaded one."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.execute("PRAGMA synchronous = OFF")  # lost in a crash, it is made again
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS signal (at TEXT, line INT, place INT, body TEXT,"
            " PRIMARY KEY (at, line, place)) WITHOUT ROWID"
        )
        self.database.execute("CREATE TABLE IF NOT EXISTS reading (lines INT)")

    def lines(self) -> int:
        """How many rows of the file are in it."""
        (found,) = self.database.execute("SELECT max(lines) FROM reading").fetchone()
        return found or 0

    def add(self, signals: Iterable[tuple[int, int, dict[str, Any]]], *, lines: int) -> None:
        """What these rows stand for, and how far the file is read with them."""
        rows = [
            (signal["occurred_at"], line, place, json.dumps(signal))
            for line, place, signal in signals
        ]
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO signal VALUES (?, ?, ?, ?)", rows)
            self.database.execute("DELETE FROM reading")
            self.database.execute("INSERT INTO reading VALUES (?)", (lines,))

    def count(self) -> int:
        (found,) = self.database.execute("SELECT count(*) FROM signal").fetchone()
        return int(found)

    def after(self, place: Place, most: int) -> Sequence[Spooled]:
        rows = self.database.execute(
            "SELECT at, line, place, body FROM signal WHERE (at, line, place) > (?, ?, ?)"
            " ORDER BY at, line, place LIMIT ?",
            (*place, most),
        )
        return [Spooled((at, line, part), json.loads(body)) for at, line, part, body in rows]

    def close(self) -> None:
        self.database.close()
