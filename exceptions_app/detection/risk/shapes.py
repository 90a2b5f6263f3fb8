"""What risk looks at per kind of subject: its lanes, and when it looks; data, not code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

#: Attributes of a lane. ``destination:1`` is the first part of a value written as “SP:campinas”.
Lane = tuple[str, ...]
#: A whole number of days before the end of the promise, or of hours after opening.
Look = tuple[str, int]
AHEAD, AGE = "ahead", "age"
#: Risk also learns from days around a look: so many before it, and after it.
BEFORE, AFTER = 7, 3
WEEK, DAY, HOUR, SECOND = (
    timedelta(days=7),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(seconds=1),
)


@dataclass(frozen=True)
class Shape:
    """``last`` are the lanes of the step that keeps the promise, ``first`` those of all before it.

    Both go from coarse to fine. ``rates`` are lanes, beside each other, of which each misses another share of
    its promises; “notice” is how long before its promise it was opened. ``aheads`` are the days before the
    promise at which it is asked whether it will be missed, ``ages`` the hours after opening.
    """

    last: tuple[Lane, ...] = ()
    first: tuple[Lane, ...] = ()
    rates: tuple[Lane, ...] = ()
    aheads: tuple[int, ...] = (10, 7, 5, 4, 3, 2, 1)
    ages: tuple[int, ...] = ()
    #: So many days before and after a look teach it too; none where no promise can be kept before its day, or
    #: where it goes by the pace of steps.
    around: tuple[int, int] = (BEFORE, AFTER)
    #: How often it learns anew.
    every: timedelta = WEEK

    @property
    def looks(self) -> tuple[Look, ...]:
        """Those that may raise an alert, in the order of their coming."""
        return (*((AGE, hours) for hours in self.ages), *((AHEAD, days) for days in self.aheads))

    def moments(self, facts: Facts) -> Iterator[tuple[datetime, Look]]:
        """When to look at a subject, as far as is known; the one at the promise settles what came of it."""
        if facts.promised_at is None:
            return
        ends = facts.promised_at + SECOND
        days = range(-AFTER, max(self.aheads) + BEFORE + 1) if self.aheads else range(1)
        for day in days:
            yield ends - day * DAY, (AHEAD, day)
        if opened_at := facts.reached(PATHS[facts.kind].first) or facts.opened_at:
            for hours in self.ages:
                yield opened_at + hours * HOUR, (AGE, hours)

    def taught_by(self, look: Look) -> Iterator[Look]:
        """The looks that learn from how a subject stands at this one."""
        if look[0] == AGE:
            yield look
            return
        for days in self.aheads:
            before, after = self.around
            if -after <= look[1] - days <= before:
                yield AHEAD, days


@dataclass(frozen=True)
class Path:
    """The milestones that matter to a promise: the one that keeps it, the one before, and all earlier."""

    early: tuple[str, ...]
    before: str
    keeps: str

    @property
    def first(self) -> str:
        return (*self.early, self.before)[0]


def path_of(kind: SubjectKind) -> Path:
    journey = JOURNEYS[kind]
    names = tuple(journey.milestones)
    at = names.index(journey.keeps)
    return Path(names[: at - 1], names[at - 1], journey.keeps)


PATHS: Mapping[SubjectKind, Path] = {kind: path_of(kind) for kind in JOURNEYS}
SHAPES: Mapping[SubjectKind, Shape] = {
    SubjectKind.ORDER: Shape(
        last=(("destination:1",), ("origin:1", "destination:1"), ("destination",)),
        first=(("seller",),),
        rates=(("destination:1",),),
    ),
    SubjectKind.DEAL: Shape(
        last=(("salesperson",),), first=(("lender",),), rates=(("salesperson",),)
    ),
    SubjectKind.APPOINTMENT: Shape(
        first=(("technician",), ("address",)),
        rates=(("notice",), ("technician",), ("address",)),
        aheads=(3, 2, 1),
        around=(0, 0),
    ),
    SubjectKind.REQUEST: Shape(
        last=(("severity",),),
        first=(("severity",), ("group",), ("assignee",)),
        rates=(("severity",),),
        aheads=(7, 5, 3, 2),
        ages=(48,),
        around=(0, 0),
        every=DAY,
    ),
}
PLAIN = Shape()


def shape_of(kind: SubjectKind) -> Shape:
    return SHAPES.get(kind, PLAIN)


def named(look: Look) -> str:
    return f"{look[0]} {look[1]}"


def look_named(name: str) -> Look:
    kind, _, number = name.partition(" ")
    return kind, int(number)


def keys(facts: Facts, lanes: tuple[Lane, ...]) -> tuple[str, ...]:
    """The names of a subject's lanes, from coarse to fine, as far as its attributes tell."""
    found = []
    for lane in lanes:
        parts = [part(facts, name) for name in lane]
        if all(parts):
            found.append(f"{'>'.join(lane)}={'>'.join(parts)}")
    return tuple(found)


def part(facts: Facts, name: str) -> str:
    if name == "notice":
        return notice(facts)
    name, _, depth = name.partition(":")
    value = str(facts.attributes.get(name) or "")
    return ":".join(value.split(":")[: int(depth)]) if depth else value


def notice(facts: Facts) -> str:
    """How long before its promise it was opened, in steps that double: 0, 1, 2 to 3, 4 to 7 days …"""
    opened_at = facts.reached(PATHS[facts.kind].first) or facts.opened_at
    if facts.promised_at is None or opened_at is None:
        return ""
    return str(max((facts.promised_at - opened_at).days, 0).bit_length())
