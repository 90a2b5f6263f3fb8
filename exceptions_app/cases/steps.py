"""Which verbs a person may use on a case now, and why not the others."""

from collections.abc import Callable
from dataclasses import dataclass

from django_fsm import can_proceed

from exceptions_app.cases.models import Case
from exceptions_app.people import access
from exceptions_app.people.access import Actor


@dataclass(frozen=True)
class Step:
    """A verb on a case: whether it is open to this person now, else a sentence that says why not."""

    verb: str
    label: str
    allowed: bool
    why: str


def anybody(case: Case) -> bool:
    return case.is_open


def owned(case: Case) -> bool:
    return case.is_open and case.assignee_id is not None


def parted(case: Case) -> bool:
    return case.is_open and case.parent_id is not None


STEPS: tuple[tuple[str, str, Callable[[Case], bool]], ...] = (
    ("acknowledge", "Acknowledge", lambda case: can_proceed(case.acknowledge)),
    ("start", "Start work", lambda case: can_proceed(case.start)),
    ("claim", "Assign to me", anybody),
    ("assign", "Assign to…", anybody),
    ("release", "Release", owned),
    ("wait", "Wait for…", lambda case: can_proceed(case.wait)),
    ("resume", "Resume", lambda case: can_proceed(case.resume)),
    ("resolve", "Resolve", lambda case: can_proceed(case.resolve)),
    ("close", "Close", lambda case: can_proceed(case.close)),
    ("dismiss", "Dismiss", lambda case: can_proceed(case.dismiss)),
    ("reopen", "Reopen", lambda case: can_proceed(case.reopen)),
    ("change_severity", "Change severity", anybody),
    ("split", "Split off", parted),
    ("comment", "Comment", lambda _: True),
)


def steps(case: Case, by: Actor) -> tuple[Step, ...]:
    """Every verb, in the order in which a case usually takes them."""
    return tuple(
        Step(verb, label, not (why := why_not(case, by, verb, possible)), why)
        for verb, label, possible in STEPS
        if possible is not parted or case.parent_id is not None
    )


def why_not(case: Case, by: Actor, verb: str, possible: Callable[[Case], bool]) -> str:
    """Empty if they may."""
    if possible is owned and case.is_open and not possible(case):
        return "Nobody has it; there is nothing to release."
    if not possible(case):
        return f"Not possible while the case is {case.get_status_display()}."
    if not access.may(by, verb, site_id=case.site_id, team_id=case.team_id):
        return "Your role does not cover this. Ask a lead or an administrator of the site."
    return ""
