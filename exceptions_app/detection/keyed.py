"""Cases by what they are about: the open one, one settled lately that is taken up again, or a new one."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.many import Change, before_settling, settle
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.errors import NotAllowedNow
from exceptions_app.people.access import by_rule
from exceptions_app.vocabulary import Status

#: Within so long the same thing again is the same case again.
REOPEN_WITHIN = timedelta(hours=72)


def latest_cases(keys: Iterable[str]) -> dict[str, Case]:
    """Per key the open case, else the newest; locked, so that two finders do not both join or open."""
    rows = Case.objects.select_for_update(of=("self",)).filter(key__in=sorted(keys)).order_by("pk")
    found: dict[str, Case] = {}
    for case in rows:
        if case.key not in found or not found[case.key].is_open:
            found[case.key] = case
    return found


def may_be_taken_up(case: Case, at: datetime, *, imported: bool = False) -> bool:
    """Whether it was settled, and not dismissed, less than the window ago."""
    settled_at = max(filter(None, (case.resolved_at, case.closed_at)), default=None)
    if settled_at is None or case.status not in (Status.RESOLVED, Status.CLOSED):
        return False
    return case.imported == imported and at - settled_at < REOPEN_WITHIN


def open_or_take_up(openings: Sequence[Opening], *, at: datetime) -> list[Case]:
    """The case of each, which has a key of its own: as it is if it is open, reopened, or opened."""
    known = latest_cases(one.key for one in openings)
    again = [one for one in openings if one.key in known and may_be_taken_up(known[one.key], at)]
    take_up([(known[one.key], one) for one in again], at=at)
    fresh = [one for one in openings if one.key not in known or not known[one.key].is_open]
    opened = open_cases([related(one, known.get(one.key)) for one in fresh], at=at)
    known |= {case.key: case for case in opened}
    return [known[one.key] for one in openings]


def end(case_id: int, rule: str, *, at: datetime, cause: str, text: str) -> None:
    """Resolve the case that a rule of ours has opened, unless somebody was faster."""
    with suppress(NotAllowedNow):
        lifecycle.resolve(Seen(case_id), by=by_rule(rule), at=at, cause=cause, text=text)


def related(opening: Opening, former: Case | None) -> Opening:
    return replace(opening, former_id=former.pk) if former else opening


def take_up(again: Sequence[tuple[Case, Opening]], *, at: datetime) -> None:
    if not again:
        return
    before = before_settling([case.pk for case, _ in again])
    changes = []
    for case, opening in again:
        change = Change(case)
        change.reopen(
            before.get(case.pk, ""), by=opening.by, at=opening.at, reason=opening.description
        )
        case.repeats += 1
        case.last_seen_at = case.changed_at = opening.at
        case.since = opening.since
        changes.append(change)
    settle(changes, at=at)
