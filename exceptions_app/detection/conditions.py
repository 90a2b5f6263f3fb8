"""What each shape of rule asks of the facts, told one condition after the other; pure.

A shape that is missing here and in ``accounts`` is no error: its verdict stands, and nobody says more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import singledispatch

from exceptions_app.detection.rules.appointments import MovedLate, RunningOver
from exceptions_app.detection.rules.base import Late, Reported, Silent, due_at
from exceptions_app.detection.rules.deals import Unready
from exceptions_app.detection.rules.hours import lasting
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS

DASH = "–"  # noqa: RUF001 - a sentence is set with it
NOT_FOR_THIS = f"does not apply {DASH}"
SETTLED = f"does not hold {DASH}"
AFTERWARDS = "would have fired, but"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule needs: whether it is so, and how it is; ``otherwise`` leads into the sentence if not."""

    holds: bool
    said: str
    otherwise: str = NOT_FOR_THIS


@dataclass(frozen=True, slots=True)
class Account:
    """The conditions in the order in which they are told, and what decides once all of them hold."""

    conditions: tuple[Condition, ...] = ()
    because: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The facts in words, in the time of a place."""

    facts: Facts
    zone: tzinfo

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    def name(self, word: str) -> str:
        journey = JOURNEYS[self.facts.kind]
        return f"“{journey.milestones.get(word) or journey.reports.get(word, word)}”"

    def names(self, listed: Iterable[str]) -> str:
        return " or ".join(self.name(word) for word in listed)

    def missing(self, word: str, since: datetime | None) -> Condition:
        """That it has not happened since then."""
        at, name = self.facts.heard(word), self.name(word)
        if at is None or since is None or at >= since:
            said = f"{name} {self.time(at)}" if at else f"{name} has not happened"
            return Condition(at is None, said, SETTLED)
        return Condition(True, f"{name} {self.time(at)}, and not since")  # noqa: FBT003 - it is so

    def happened(self, listed: Iterable[str]) -> Condition:
        """That one of these milestones was reached, the first of them that was."""
        names = list(listed)
        for name in names:
            if at := self.facts.reached(name):
                return Condition(True, f"{self.name(name)} {self.time(at)}")  # noqa: FBT003 - it is so
        return Condition(False, f"{self.names(names)} has not happened")  # noqa: FBT003 - it is not

    def absent(self, milestone: str) -> Condition:
        """That a milestone was not reached, whatever was reported."""
        at = self.facts.reached(milestone)
        name = self.name(milestone)
        said = f"{name} {self.time(at)}" if at else f"{name} has not happened"
        return Condition(at is None, said, SETTLED)

    def before(self, word: str, last: datetime) -> Condition:
        """That it did not come after something else, which it would mend."""
        at = self.facts.heard(word)
        if at is None or at < last:
            return Condition(True, f"{self.name(word)} did not come later")  # noqa: FBT003 - it is so
        return Condition(False, f"{self.name(word)} came later, {self.time(at)}", AFTERWARDS)  # noqa: FBT003 - it is not

    def promised(self) -> Condition:
        at = self.facts.promised_at
        said = f"promised {self.time(at)}" if at else "no promise is known"
        return Condition(at is not None, said)

    def open(self) -> Condition:
        ended = self.facts.ended_at
        said = f"it ended {self.time(ended)}" if ended else "more is expected of it"
        return Condition(ended is None, said, SETTLED)


@singledispatch
def told(rule: object, words: Words) -> Account:
    """What the rule asks of these facts, by its shape."""
    return Account()


@told.register
def _(rule: Late, words: Words) -> Account:
    due = due_at(words.facts, rule.counts_from, rule.milestone)
    grace = f" plus {lasting(rule.grace)}" if rule.grace else ""
    promised = rule.counts_from == "promise"
    unknown = (
        "no promise is known" if promised else f"no time for {words.name(rule.milestone)} is known"
    )
    verb = "promised" if promised else "expected"
    expected = f"{verb} {words.time(due)}{grace}" if due else unknown
    done = words.absent(rule.milestone)
    if not done.holds and due:
        done = Condition(done.holds, f"{done.said}, {expected}", SETTLED)
    return Account((done, words.open(), Condition(due is not None, expected)), expected)


@told.register
def _(rule: RunningOver, words: Words) -> Account:
    late = told.dispatch(Late)(rule, words)
    begun = words.happened(("checked_in",))
    return Account((begun, *late.conditions), late.because)


@told.register
def _(rule: Silent, words: Words) -> Account:
    facts = words.facts
    begun = rule.begun(facts)
    last = rule.last(facts, begun) if begun else None
    limit = f"{lasting(rule.silence)}{' of opening hours' if rule.working else ''}"
    because = f"last heard {words.time(last)}, the limit is {limit} of silence" if last else ""
    conditions = (
        words.happened(rule.after),
        needed(rule.needs, facts),
        *(words.missing(name, max(begun, default=None)) for name in rule.until),
        *(words.missing(name, last) for name in rule.rests),
        words.open(),
    )
    return Account(conditions, because)


@told.register
def _(rule: Reported, words: Words) -> Account:
    facts = words.facts
    said = [
        (at, word) for word in rule.words if (at := facts.heard(word)) and rule.only(facts, word)
    ]
    last = max(said, default=None)
    heard = f"{words.name(last[1])} was reported {words.time(last[0])}" if last else ""
    other = any(facts.heard(word) for word in rule.words)
    never = "was reported, but not so that it matters" if other else "was never reported"
    conditions = [Condition(last is not None, heard or f"{words.names(rule.words)} {never}")]
    if last:
        conditions += [words.before(name, last[0]) for name in rule.unless]
    if rule.while_open:
        conditions.append(words.open())
    return Account(tuple(conditions), heard)


@told.register
def _(rule: MovedLate, words: Words) -> Account:
    report = words.facts.reports.get("rescheduled")
    before = report.before if report else None
    notice = f"the notice is {lasting(rule.notice)}"
    moved = ""
    if report and before:
        ahead = "after" if before < report.at else f"{lasting(before - report.at)} before"
        moved = f"moved {words.time(report.at)}, {ahead} its start; {notice}"
    short = bool(report and before and timedelta(0) <= before - report.at < rule.notice)
    conditions = (
        Condition(report is not None, "moved" if report else "it was never moved"),
        Condition(before is not None, moved or "no start was known before the move"),
        words.absent("checked_in"),
        Condition(short, moved, SETTLED),
    )
    return Account(conditions, moved)


@told.register
def _(rule: Unready, words: Words) -> Account:
    facts = words.facts
    promised = facts.promised_at
    missing = [words.name(name) for name in rule.needs if not facts.reached(name)]
    steps = f"{', '.join(missing)} not reached"
    ahead = f"looked at from {lasting(rule.ahead)} before"
    when = f"promised {words.time(promised)}, {ahead}: {steps}" if promised else ""
    conditions = (
        words.promised(),
        words.absent(rule.unless),
        words.open(),
        Condition(bool(missing), steps if missing else "all is ready", SETTLED),
    )
    return Account(conditions, when)


def needed(needs: Callable[[Facts], bool], facts: Facts) -> Condition:
    """A condition of a rule's own, called by its function: ``is_tracked`` reads “it is not tracked”."""
    holds = needs(facts)
    first, _, rest = needs.__name__.replace("_", " ").partition(" ")
    if first in {"is", "was"} and rest:
        return Condition(holds, f"it {first} {'' if holds else 'not '}{rest}")
    if first == "has" and rest:
        return Condition(holds, f"it has {'' if holds else 'no '}{rest}")
    return Condition(holds, "what it needs is so" if holds else "what it needs is not so")
