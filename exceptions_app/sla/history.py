"""From a case's timeline to the history that a clock is a function of; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from exceptions_app.sla.clockwork import RESOLVED, History, Pause
from exceptions_app.vocabulary import ActorKind, TargetKind

#: Entries that say somebody looked.
LOOKED = frozenset(
    {
        "case.acknowledged",
        "case.claimed",
        "case.started",
        "case.waiting",
        "case.resolved",
        "case.dismissed",
    }
)
#: Entries by which somebody says what is being done about it; claiming alone says nothing yet.
UPDATED = frozenset(
    {
        "case.commented",
        "case.started",
        "case.waiting",
        "case.resumed",
        "case.resolved",
        "case.dismissed",
    }
)
SETTLED = frozenset({"case.resolved", "case.dismissed"})
RESUMED = frozenset({"case.resumed", "case.reopened"}) | SETTLED
WARNED, BREACHED = "clock.warned", "clock.breached"
TELLING = LOOKED | UPDATED | SETTLED | RESUMED | {WARNED, BREACHED}


@dataclass(frozen=True)
class Event:
    """One entry of the timeline, as far as clocks care; one by a clock names its ``target``."""

    at: datetime
    verb: str
    actor_kind: str = ActorKind.PERSON
    why: str = ""
    target: str = ""
    due_at: datetime | None = None


def history(kind: TargetKind, opened_at: datetime, events: Iterable[Event]) -> History:
    """What a clock of this kind sees of the events, which come in the order in which they were recorded.

    Acknowledge and first update stop at the first entry that fulfils them. Resolve pauses in waiting, stops
    when the case settles, and after a reopening goes on with the settled time as a pause. What the clock
    itself recorded stays.
    """
    told = list(events)
    if kind == TargetKind.RESOLVE:
        found = resolve_history(opened_at, told)
    else:
        fulfils = LOOKED if kind == TargetKind.ACKNOWLEDGE else UPDATED
        found = History(opened_at, (), next((e.at for e in told if e.verb in fulfils), None))
    ours = [event for event in told if event.target == kind]
    return replace(
        found,
        warned_at=next((e.at for e in ours if e.verb == WARNED), None),
        breached_at=next((e.due_at for e in ours if e.verb == BREACHED), None),
    )


def resolve_history(opened_at: datetime, events: Iterable[Event]) -> History:
    pauses: list[Pause] = []
    since: datetime | None = None
    why = ""
    stopped: datetime | None = None
    for event in events:
        if event.verb in RESUMED and since is not None:
            pauses.append(Pause(since, event.at, why))
            since = None
        if event.verb == "case.reopened" and stopped is not None:
            pauses.append(Pause(stopped, event.at, RESOLVED))
            stopped = None
        elif event.verb in SETTLED:
            stopped = stopped or event.at
        elif event.verb == "case.waiting":
            since, why = event.at, f"waiting for {event.why}"
    if since is not None:
        pauses.append(Pause(since, None, why))
    return History(opened_at, tuple(pauses), stopped)
