"""What risk looks at per kind of subject: its lanes, and how long before the promise; data, not code."""

from collections.abc import Mapping
from dataclasses import dataclass

from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

#: Attributes of a lane. ``destination:1`` is the first part of a value written as “SP/campinas”.
Lane = tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """``last`` are the lanes of the step before the promise is kept, ``first`` those of all before it."""

    last: tuple[Lane, ...] = ()
    first: tuple[Lane, ...] = ()
    aheads: tuple[int, ...] = (10, 7, 5, 4, 3, 2, 1)


SHAPES: Mapping[SubjectKind, Shape] = {
    SubjectKind.ORDER: Shape(
        last=(("destination:1",), ("origin:1", "destination:1"), ("destination",)),
        first=(("seller",),),
    ),
}


@dataclass(frozen=True)
class Path:
    """The milestones that matter to a promise: the one that keeps it, and the one before."""

    before: str
    keeps: str
    early: tuple[str, ...]


def path_of(kind: SubjectKind) -> Path:
    journey = JOURNEYS[kind]
    names = tuple(journey.milestones)
    at = names.index(journey.keeps)
    return Path(names[at - 1], journey.keeps, names[: at - 1])


PATHS: Mapping[SubjectKind, Path] = {
    kind: path_of(kind) for kind in SubjectKind if JOURNEYS[kind].keeps
}


def keys(facts: Facts, lanes: tuple[Lane, ...]) -> tuple[str, ...]:
    """The names of a subject's lanes, from coarse to fine, as far as its attributes tell."""
    found = []
    for lane in lanes:
        parts = [part(facts, name) for name in lane]
        if all(parts):
            found.append(f"{'>'.join(lane)}={'>'.join(parts)}")
    return tuple(found)


def part(facts: Facts, name: str) -> str:
    name, _, depth = name.partition(":")
    value = str(facts.attributes.get(name) or "")
    return "/".join(value.split("/")[: int(depth)]) if depth else value
