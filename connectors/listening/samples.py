"""Bodies as vendors send them, with times and ids of today: to try a source with, and to test formats on."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "sources" / "samples"
#: ``{now-26h}``, ``{day+3d}``, ``{unix}``, ``{id}``, ``{number}``; ``unix`` or ``number`` alone is a number.
BLANK = re.compile(r"\{(now|day|unix|id|number)(?:([+-]\d+)([dhm]))?\}")
UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class Sample:
    """One body; ``beyond`` says why the contract has nothing to say about it."""

    name: str
    title: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    beyond: str = ""

    def filled(self, at: datetime, mark: str) -> "Sample":
        """As it would be sent now; ``mark``, in hexadecimal, makes its ids."""
        body, headers = (fill(part, at, mark) for part in (self.body, dict(self.headers)))
        return Sample(self.name, self.title, body, headers, self.beyond)

    @property
    def raw(self) -> bytes:
        return json.dumps(self.body, ensure_ascii=False).encode()


@cache
def samples(slug: str) -> tuple[Sample, ...]:
    """Those of a format; the first leaves nothing open behind it."""
    return tuple(Sample(**one) for one in json.loads((FOLDER / f"{slug}.json").read_text()))


def fill(found: Any, at: datetime, mark: str) -> Any:
    if isinstance(found, dict):
        return {name: fill(value, at, mark) for name, value in found.items()}
    if isinstance(found, list):
        return [fill(value, at, mark) for value in found]
    if not isinstance(found, str):
        return found
    if (whole := BLANK.fullmatch(found)) and whole[1] in ("unix", "number"):
        return int(said(whole, at, mark))
    return BLANK.sub(lambda blank: said(blank, at, mark), found)


def said(blank: re.Match[str], at: datetime, mark: str) -> str:
    kind, count, unit = blank.groups()
    then = at + timedelta(**{UNITS[unit]: int(count)}) if unit else at
    spoken = {
        "now": f"{then:%Y-%m-%dT%H:%M:%SZ}",
        "day": f"{then:%Y-%m-%d}",
        "unix": str(int(then.timestamp())),
        "id": mark,
        "number": str(int(mark, 16)),
    }
    return spoken[kind]
