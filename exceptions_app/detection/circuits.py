"""A connection that has not answered for long is a case of its own, settled when it answers again (T20)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection as database
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Greatest

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening
from exceptions_app.detection import keyed
from exceptions_app.detection.silence import in_words
from exceptions_app.outbox.models import Delivery, Gate
from exceptions_app.people.access import by_rule
from exceptions_app.vocabulary import OPEN_STATUSES, DeliveryState, ExceptionType, Severity

RULE = "own.circuit"
#: A circuit that opens and closes again within this time is nobody's business.
AFTER = timedelta(minutes=10)


@transaction.atomic
def watch(at: datetime) -> list[Case]:
    """Settle the cases of what answers again; open one for each connection that does not."""
    with database.cursor() as cursor:
        # One at a time, so that two watches do not open two cases.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('flagstand.circuits'))")
    cases = {case.key: case for case in Case.objects.filter(rule=RULE, status__in=OPEN_STATUSES)}
    gates = Gate.objects.filter(opened_at__isnull=False, connection__enabled=True)
    broken = {key_of(gate): gate for gate in gates.select_related("connection")}
    for key in cases.keys() - broken.keys():
        settle(cases[key], at)
    lasting = {key: gate for key, gate in broken.items() if (gate.opened_at or at) <= at - AFTER}
    fresh = [lasting[key] for key in sorted(lasting.keys() - cases.keys() - told(lasting))]
    return keyed.open_or_take_up(openings(fresh, at), at=at)


def key_of(gate: Gate) -> str:
    return f"{RULE}:{gate.connection_id}"


def told(broken: dict[str, Gate]) -> set[str]:
    """Those of which a case was raised since they broke: somebody has settled it, and knows."""
    rows = Case.objects.filter(key__in=broken).annotate(seen=Greatest("opened_at", "last_seen_at"))
    seen = rows.values_list("key", "seen")
    return {key for key, at in seen if at and at >= (broken[key].opened_at or at)}


def openings(gates: Sequence[Gate], at: datetime) -> list[Opening]:
    sites = sites_of(gates)
    waiting = untold(gates)
    return [opening(gate, sites[gate.connection_id], waiting, at) for gate in gates]


def opening(gate: Gate, site_id: int, waiting: dict[int, int], at: datetime) -> Opening:
    where, since = gate.connection, gate.opened_at or at
    count = waiting.get(where.pk, 0)
    return Opening(
        title=f"{where.name} does not answer"[:200],
        exception_type=ExceptionType.INTEGRATION_FAILED,
        severity=Severity.HIGH,
        site_id=site_id,
        by=by_rule(RULE),
        at=at,
        description=f"It takes nothing any more: {where.last_error or 'no answer.'} "
        f"{count:,} waiting for it; they go by themselves once it answers. See what is wrong over there, or "
        "with our sign-in, and tell those who wait in another way if it is urgent.",
        rule=RULE,
        key=key_of(gate),
        since=since,
        evidence={
            "connection": where.name,
            "platform": where.platform,
            "open_since": since.isoformat(),
            "failures": gate.failures,
            "reason": where.last_error,
            "waiting": count,
        },
    )


def sites_of(gates: Iterable[Gate]) -> dict[int, int]:
    """Where the case of each belongs: the connection's own site, else that of what it was last owed."""
    connections = {gate.connection_id: gate.connection for gate in gates}
    newest = Delivery.objects.filter(connection__in=connections).order_by("connection", "-position")
    last = newest.distinct("connection").values_list("connection", "case__site_id")
    return {pk: connections[pk].site_id or site for pk, site in last}


def untold(gates: Iterable[Gate]) -> dict[int, int]:
    """How many deliveries wait for each."""
    waiting = Q(connection__in=[gate.connection_id for gate in gates], state=DeliveryState.WAITING)
    rows = Delivery.objects.filter(waiting).order_by().values_list("connection")
    return dict(rows.annotate(Count("pk")))


def settle(case: Case, at: datetime) -> None:
    length = in_words(at - (case.since or case.opened_at))
    told = f"It answers again, or is switched off, after {length}. What waits goes by itself."
    keyed.end(case.pk, RULE, at=at, cause="Connection answers again", text=told)
