"""Events over time: fetching in what belongs to one, and settling what was in one that is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from exceptions_app.asking import asked
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.looking import look
from exceptions_app.detection.masses import RULE, Group, Near, absorb, going_on, unparented
from exceptions_app.errors import DeskError
from exceptions_app.people.access import by_rule
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.vocabulary import OPEN_STATUSES, Status

OPEN = ", ".join(f"'{status}'" for status in OPEN_STATUSES)
#: The settled events in which cases are open: from one event to the next, whatever is in each is not read.
SETTLED = f"""
    WITH RECURSIVE events (id) AS (
        (SELECT parent_id FROM exceptions_app_case
         WHERE parent_id IS NOT NULL AND status IN ({OPEN}) ORDER BY parent_id LIMIT 1)
        UNION ALL
        SELECT (SELECT parent_id FROM exceptions_app_case
                WHERE parent_id > events.id AND status IN ({OPEN}) ORDER BY parent_id LIMIT 1)
        FROM events WHERE events.id IS NOT NULL
    )
    SELECT events.id FROM events JOIN exceptions_app_case AS event ON event.id = events.id
    WHERE event.status NOT IN ({OPEN})
"""  # noqa: S608 - made of constants
#: A case that opened so long before the event belongs to it still.
BEFORE = timedelta(minutes=30)
MOST = 500
SETTLED_AT_ONCE = 100


def tend(at: datetime) -> int:
    """Fetch in and settle; how many cases were touched."""
    return gather(at) + settle(at)


def gather(at: datetime) -> int:
    """Fetch in what somebody held, or opened unseen, while its event opened."""
    touched = 0
    for event, near in strays(list(going_on(at))):
        with transaction.atomic():
            touched += absorb(near, event, at=at)
    return touched


def strays(events: Sequence[Case]) -> list[tuple[Case, list[Near]]]:
    belonging = {event.pk: belongs(event) for event in events if "trait" in event.evidence}
    if not belonging:
        return []
    wanted = Q()
    for condition in belonging.values():
        wanted |= condition
    fields = ("pk", "number", "severity", "opened_at", "site_id", "exception_type", "traits")
    rows = list(unparented().filter(wanted).values_list(*fields)[:MOST])
    found = []
    for event in events:
        near = [
            Near(pk, number, bad, opened_at, ())
            for pk, number, bad, opened_at, *of in rows
            if is_in(event, opened_at, *of)
        ]
        rows = [row for row in rows if not is_in(event, *row[3:])]
        if near:
            found.append((event, near))
    return found


def belongs(event: Case) -> Q:
    group = group_of(event)
    return Q(
        site=group.site_id,
        exception_type=group.exception_type,
        traits__contains=[group.trait],
        opened_at__gt=event.opened_at - BEFORE,
    )


def is_in(
    event: Case, opened_at: datetime, site_id: int, exception_type: str, traits: Sequence[str]
) -> bool:
    group = group_of(event)
    same = (site_id, exception_type) == (group.site_id, group.exception_type)
    return same and group.trait in traits and opened_at > event.opened_at - BEFORE


def group_of(event: Case) -> Group:
    told = event.evidence
    return Group(event.site_id, str(told.get("type", "")), str(told.get("trait", "")))


def settle(at: datetime) -> int:
    """Resolve what was in a resolved event and has no trouble of its own; the rest stands alone again."""
    settled = [pk for (pk,) in asked(SETTLED)]
    if not settled:
        return 0
    children = list(
        Case.objects.filter(parent__in=settled, status__in=OPEN_STATUSES)
        .select_related("parent", "subject")
        .order_by("pk")[:SETTLED_AT_ONCE]
    )
    troubled = still_found(children, at)
    return sum(settle_one(child, at, troubled=child.key in troubled) for child in children)


def still_found(children: Sequence[Case], at: datetime) -> frozenset[str]:
    """The keys of what the rules find of their subjects now."""
    subjects = {child.subject_id: child.subject for child in children if child.subject}
    policy = policies.held()
    known = facts_of(subjects.values(), policy.hours)
    return frozenset(
        f"{subject.site_id}:{finding.key}"
        for subject in subjects.values()
        for finding in look(known[subject.pk], at, policy, subject.site_id)
    )


def settle_one(child: Case, at: datetime, *, troubled: bool) -> bool:
    by, parent = by_rule(RULE), child.parent
    seen = Seen(child.pk)
    try:
        if troubled or parent is None or parent.status == Status.DISMISSED:
            why = "It has trouble of its own." if troubled else f"{parent} was dismissed."
            triage.split(seen, by=by, at=at, reason=why)
        else:
            cause = parent.cause or "many at once"
            lifecycle.resolve(seen, by=by, at=at, cause=cause, text=f"Resolved with {parent}.")
    except DeskError:  # somebody settled or split it meanwhile
        return False
    return True
