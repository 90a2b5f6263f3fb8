"""What a recorded entry makes us owe outside: playbooks first, then the mirrors of linked cases (B1)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from exceptions_app.cases.models import Case
from exceptions_app.outbox.models import Connection, Delivery, Withheld
from exceptions_app.outbox.owing import Owed, owe_many, withhold
from exceptions_app.playbooks.models import Playbook
from exceptions_app.playbooks.wording import sentence
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import DeliveryState, Fate, Moment, Operation, Severity

#: What a linked ticket is told of, and as which operation; comments only if they are shared.
MIRRORED = {
    "case.acknowledged": Operation.UPDATE,
    "case.assigned": Operation.UPDATE,
    "case.claimed": Operation.UPDATE,
    "case.released": Operation.UPDATE,
    "case.started": Operation.UPDATE,
    "case.waiting": Operation.UPDATE,
    "case.resumed": Operation.UPDATE,
    "case.severity_raised": Operation.UPDATE,
    "case.severity_lowered": Operation.UPDATE,
    "clock.breached": Operation.UPDATE,
    "case.commented": Operation.COMMENT,
    "case.resolved": Operation.CLOSE,
    "case.dismissed": Operation.CLOSE,
    "case.reopened": Operation.REOPEN,
}
#: When a case is told of by itself, each as the moment that playbooks know.
MOMENTS = {
    **{moment: moment for moment in Moment.values},
    "case.split": Moment.OPENED.value,
    "case.cleared": Moment.OPENED.value,
}
#: What the record of one of many is still told, lest it says what is not so any more.
OF_CHILDREN = frozenset({Operation.CLOSE, Operation.REOPEN, Operation.COMMENT})
#: Whether a platform can do an operation; wired in config/apps.py, since the domain knows no platform.
can: list[Callable[[str, Operation], bool]] = []
GONE = (DeliveryState.DEAD, DeliveryState.SKIPPED, DeliveryState.SUPERSEDED)


def on_recorded(entries: Sequence[Entry]) -> None:
    """Owe what playbooks and links ask for, in the transaction that wrote the entries.

    Of a case in quarantine it is withheld; one of many in an event is told of by the event.
    """
    moving = [entry for entry in entries if entry.verb in MIRRORED or entry.verb in MOMENTS]
    if not moving:
        return
    cases = {
        case.pk: case
        for case in Case.objects.filter(
            pk__in={entry.case_id for entry in moving}, imported=False
        ).select_related("site", "team", "assignee")
    }
    moving = [entry for entry in moving if entry.case_id in cases]
    told = mirrored_to(cases)
    apart = {case.pk for case in cases.values() if case.parent_id is None}
    owed = [
        one
        for entry in moving
        for one in mirrors(entry, told.get(entry.case_id, set()))
        if one.case_id in apart or one.operation in OF_CHILDREN
    ]
    owed += pushes([entry for entry in moving if entry.case_id in apart], cases, told)
    quarantined = {case.pk for case in cases.values() if case.quarantine_id}
    withhold([one for one in owed if one.case_id in quarantined], at=entries[0].at)
    owe_many([one for one in owed if one.case_id not in quarantined], at=entries[0].at)


def mirrored_to(cases: Iterable[int]) -> dict[int, set[int]]:
    """Per case, the connections that have, or are owed, its record."""
    told: dict[int, set[int]] = {}
    rows = Delivery.objects.filter(case__in=cases, operation=Operation.CREATE).exclude(
        state__in=GONE
    )
    would = Withheld.objects.filter(case__in=cases, operation=Operation.CREATE, fate=Fate.WITHHELD)
    of_whom = ("case_id", "connection_id")
    for case_id, connection_id in rows.values_list(*of_whom).union(would.values_list(*of_whom)):
        told.setdefault(case_id, set()).add(connection_id)
    return told


def mirrors(entry: Entry, connections: Iterable[int]) -> list[Owed]:
    operation = MIRRORED.get(entry.verb)
    if operation is None or (entry.verb == "case.commented" and not entry.data.get("shared")):
        return []
    return [owed(entry, pk, operation) for pk in sorted(connections) if not came_from(entry, pk)]


def came_from(entry: Entry, connection_id: int) -> bool:
    """Nothing is echoed back to where it came from (Y2)."""
    return entry.actor_kind == "platform" and entry.actor_id == str(connection_id)


def owed(entry: Entry, connection_id: int, operation: Operation) -> Owed:
    return Owed(
        entry.case_id,
        connection_id,
        operation,
        f"{entry.pk}:{connection_id}:{operation}",
        sentence(entry),
    )


def pushes(
    entries: Sequence[Entry], cases: dict[int, Case], told: dict[int, set[int]]
) -> list[Owed]:
    """What the playbooks of these moments push; a case that a connection has already is only mirrored.

    What is owed to a connection that is switched off waits for it, or nobody would know what it missed.
    """
    moments = {MOMENTS[entry.verb] for entry in entries if entry.verb in MOMENTS}
    if not moments:
        return []
    on = Playbook.objects.filter(enabled=True, moment__in=moments)
    playbooks = list(on.select_related("connection"))
    found = []
    for entry in entries:
        case = cases[entry.case_id]
        for playbook in playbooks:
            target, platform = playbook.connection_id, playbook.connection.platform
            if (
                playbook.moment == MOMENTS.get(entry.verb)
                and fits(playbook, case)
                and target not in told.get(case.pk, set())
            ):
                told.setdefault(case.pk, set()).add(target)
                found.append(owed(entry, target, Operation.CREATE))
                if case.evidence and any(one(platform, Operation.ATTACH) for one in can):
                    found.append(owed(entry, target, Operation.ATTACH))
    return found


def fits(playbook: Playbook, case: Case) -> bool:
    """Whether the playbook is for this case: its site, its connection's site, and every condition."""
    at_site = playbook.site_id in (None, case.site_id) and serves(playbook.connection, case)
    return at_site and all(holds(condition, case) for condition in playbook.conditions)


def serves(connection: Connection, case: Case) -> bool:
    return connection.site_id in (None, case.site_id)


#: What a condition may ask of a case.
FIELDS: Mapping[str, Callable[[Case], str]] = {
    "severity": lambda case: Severity(case.severity).slug,
    "exception_type": lambda case: case.exception_type,
    "tier": lambda case: case.tier,
    "site": lambda case: case.site.slug,
    "team": lambda case: case.team.slug if case.team else "",
    "rule": lambda case: case.rule,
}


def holds(condition: dict[str, Any], case: Case) -> bool:
    """``{"field": "severity", "is": ["critical", "high"]}``: the field is one of these."""
    return FIELDS[condition["field"]](case) in wanted(condition)


def wanted(condition: dict[str, Any]) -> list[Any]:
    """What the field may be; one value may stand alone."""
    given = condition["is"]
    return given if isinstance(given, list) else [given]
