"""Journeys as durations: by when each milestone is expected after another where no source says it; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import Hours
from exceptions_app.sla.notation import length_text, read_length
from exceptions_app.sla.working_time import Length, NeverOpens, due
from exceptions_app.subjects.facts import Facts, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import PromiseFrom, SubjectKind

#: What a milestone may be counted from that is none itself: the first that is known of the subject.
FIRST = "first_heard"
REASON = {
    PromiseFrom.EXPECTED: "expected by the source",
    PromiseFrom.JOURNEY: "reckoned from the journey",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long after another milestone this one may take."""

    after: str
    length: Length

    @property
    def words(self) -> str:
        return length_text(self.length)


@dataclass(frozen=True, slots=True)
class Durations:
    """The allowed durations of a kind's milestones, and where its promise comes from."""

    steps: Mapping[str, Allowed]
    promise: PromiseFrom = PromiseFrom.SAID

    def only(self, milestones: Collection[str], keeps: str) -> "Durations":
        """As much of it as somebody asks for; the rest is not reckoned a thousand times a second."""
        wanted = {*milestones, keeps} if self.promise == PromiseFrom.JOURNEY else milestones
        return Durations({n: one for n, one in self.steps.items() if n in wanted}, self.promise)


def planned(facts: Facts, durations: Durations, hours: Hours) -> Facts:
    """The facts with the expected times and the promise that a journey gives; what was said stays."""
    if facts.ended_at is not None:
        return facts
    reckoned = {}
    for name, allowed in durations.steps.items():
        step = facts.milestones.get(name)
        if step is not None and (step.actual_at or step.expected_at):
            continue
        since = facts.opened_at if allowed.after == FIRST else facts.reached(allowed.after)
        expected = None if since is None else expected_by(since, allowed.length, hours)
        if since is not None and expected is not None:
            reckoned[name] = Step(expected, None, since)
    told = () if facts.promises else promise(facts, durations, reckoned)
    if not reckoned and not told:
        return facts
    return facts.having(
        milestones={**facts.milestones, **reckoned}, promises=told or facts.promises
    )


def expected_by(since: datetime, length: Length, hours: Hours) -> datetime | None:
    """None where the hours have no opening left: nothing is expected of a site that is closed for good."""
    try:
        return due(since, length, hours)
    except NeverOpens:
        return None


def promise(facts: Facts, durations: Durations, reckoned: Mapping[str, Step]) -> tuple[Told, ...]:
    """What the customer counts on where nobody said it in so many words."""
    if durations.promise == PromiseFrom.SAID:
        return ()
    keeps = JOURNEYS[facts.kind].keeps
    step = facts.milestones.get(keeps)
    if step is not None and step.expected_at is not None:
        return (Told(step.expected_at, step.reported_at, REASON[PromiseFrom.EXPECTED]),)
    step = reckoned.get(keeps) if durations.promise == PromiseFrom.JOURNEY else None
    if step is None or step.expected_at is None:
        return ()
    return (Told(step.expected_at, step.reported_at, REASON[PromiseFrom.JOURNEY]),)


def durations_json(durations: Durations) -> dict[str, Any]:
    steps = {
        name: {"after": allowed.after, "within": allowed.words}
        for name, allowed in durations.steps.items()
    }
    return {"promise": durations.promise.value, "steps": steps}


def read_durations(kind: SubjectKind, given: Mapping[str, Any]) -> Durations:
    """Durations from what somebody sent; a refusal names each field that is wrong and what would be right."""
    wrong: dict[str, str] = {}
    named: Any = given.get("steps", {})
    if not isinstance(named, Mapping):
        raise refused({"steps": "Must be an object of milestones."})
    steps: dict[str, Allowed] = {}
    for name, step in named.items():
        try:
            steps[name] = read_step(kind, str(name), step)
        except Refused as refusal:
            wrong[f"steps.{name}"] = str(refusal)
    source = given.get("promise", PromiseFrom.SAID.value)
    if source not in PromiseFrom.values:
        wrong["promise"] = f"Must be one of {', '.join(PromiseFrom.values)}."
    wrong = wrong or circles(steps)
    if wrong:
        raise refused(wrong)
    order = {name: steps[name] for name in JOURNEYS[kind].milestones if name in steps}
    return Durations(order, PromiseFrom(source))


def refused(wrong: Mapping[str, str]) -> Refused:
    return Refused(" ".join(wrong.values()), wrong)


def read_step(kind: SubjectKind, name: str, given: Any) -> Allowed:
    known = JOURNEYS[kind].milestones
    if name not in known:
        raise Refused(f"“{name}” is no milestone of this kind. Use one of {', '.join(known)}.")
    if not isinstance(given, Mapping) or set(given) != {"after", "within"}:
        raise Refused("Say after which milestone, and within which time: after and within.")
    after = given["after"]
    if after == name or after not in (FIRST, *known):
        others = ", ".join([FIRST, *(one for one in known if one != name)])
        raise Refused(f"“{known[name]}” can be counted from one of {others}.")
    return Allowed(str(after), read_length(str(given["within"])))


def circles(steps: Mapping[str, Allowed]) -> dict[str, str]:
    """Milestones that would wait for each other."""
    wrong = {}
    for name in steps:
        seen, at = {name}, steps[name].after
        while at in steps and at not in seen:
            seen.add(at)
            at = steps[at].after
        if at == name:
            wrong[f"steps.{name}"] = (
                f"“{name}” would wait for itself. Count one of these from another milestone."
            )
    return wrong
