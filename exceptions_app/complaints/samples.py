"""The shipped samples: sentences of ours in four languages, by the exception type that they are about."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from exceptions_app.complaints.learning import Sample
from exceptions_app.vocabulary import ExceptionType

FILE = Path(__file__).with_name("samples.txt")


@cache
def shipped() -> tuple[Sample, ...]:
    return tuple(read(FILE.read_text(encoding="utf-8").splitlines()))


def read(lines: list[str]) -> Iterator[Sample]:
    """``[type]`` begins a section; a line begun with # is for people."""
    label = ""
    for line in (line.strip() for line in lines):
        if line.startswith("["):
            label = ExceptionType(line.strip("[]")).value
        elif line and not line.startswith("#"):
            yield Sample(line, label)
