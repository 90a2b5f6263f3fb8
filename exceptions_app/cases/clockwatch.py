"""The clocks loop's work: whatever is due by now, and nothing else (S4)."""

from datetime import datetime

from django.db import transaction

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import keep_standings
from exceptions_app.errors import Stale
from exceptions_app.people.access import CLOCK
from exceptions_app.sla import clocks
from exceptions_app.sla.models import Clock
from exceptions_app.vocabulary import Status


def tick(at: datetime, *, limit: int = 500) -> int:
    """Warn, breach and resume what has come due; how many cases were touched."""
    return watch_clocks(at, limit=limit) + end_waits(at, limit=limit)


def watch_clocks(at: datetime, *, limit: int) -> int:
    """Cases another process holds are left to it, or to the next round."""
    with transaction.atomic():
        due = (
            Clock.objects.filter(next_at__lt=at)
            .order_by("next_at")
            .values_list("case_id", flat=True)[:limit]
        )
        cases = list(
            Case.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk__in=set(due))
            .order_by("pk")
        )
        keep_standings(cases, clocks.follow_many([case.pk for case in cases], at=at))
    return len(cases)


def end_waits(at: datetime, *, limit: int) -> int:
    """Resume cases whose wait was to end by now, at the instant at which it was to end."""
    over = Case.objects.filter(status=Status.WAITING, waiting_until__lte=at).order_by(
        "waiting_until"
    )
    ended = 0
    for case_id, version, until in over.values_list("pk", "version", "waiting_until")[:limit]:
        try:
            lifecycle.resume(Seen(case_id, version), by=CLOCK, at=until)
        except Stale:  # somebody changed it between the two statements; the next round looks again
            continue
        ended += 1
    return ended
