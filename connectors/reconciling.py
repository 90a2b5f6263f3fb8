"""The scheduled pass that reads linked records and puts right what has come apart (Y4)."""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from connectors.account import Account
from connectors.errors import DeliveryError, Permanent
from connectors.models import HookCall
from exceptions_app.mirroring import drift, hearing
from exceptions_app.mirroring.hearing import CONFLICT, Became
from exceptions_app.models import Connection, Link
from exceptions_app.outbox import gates, queue

#: So many records of one connection in one pass, and so many seconds for all of them in a worker: what is
#: left comes first the next time, and a worker that is busy for a minute is killed. So many in a row that
#: cannot be read, and it is the account.
MOST, SHIFT, FEW = 200, 30.0, 3
#: A delivery that has waited longer than this needs the worker more.
WAITED = timedelta(seconds=3)

log = logging.getLogger(__name__)


def reconcile(seconds: float = SHIFT) -> dict[str, dict[str, int]]:
    """Per connection, what was found and done in so many seconds."""
    report, until = {}, time.monotonic() + seconds
    for connection in Connection.objects.filter(enabled=True).order_by("?"):
        found = compared(connection, until)
        if found:
            report[connection.name] = drift.summary(found)
    if report:
        log.info("reconciled: %s", report)
    return report


def compared(connection: Connection, until: float) -> list[Became]:
    """One record after the other, until the budget or the patience of the platform is used up."""
    try:
        account = Account(connection)
    except DeliveryError:
        return []  # doctor and the page of the connection say what is wrong with it
    found: list[Became] = []
    if account.connector.read is None:
        return found
    for link in drift.to_check(connection, at=timezone.now(), limit=MOST):
        if gives_way(until) or not gates.admit(
            connection.pk, account.connector.rate, at=timezone.now()
        ):
            break
        try:
            theirs = account.standing(link.external_id)
        except DeliveryError as problem:
            log.warning("%s could not be asked: %s", connection, account.redact(str(problem)))
            if not isinstance(problem, Permanent) or found[1 - FEW :] == [drift.UNREAD] * (FEW - 1):
                break
            # It may have been deleted there, which says nothing of the others.
            found.append(drift.unread(link, at=timezone.now()))
            continue
        with transaction.atomic():
            became = drift.compare(link, theirs, at=timezone.now())
            if became.what == CONFLICT:
                leave_to_a_person(link, became)
        found.append(became)
    return found


def gives_way(until: float) -> bool:
    """Where one worker is all there is, nothing would be sent until the last record was compared."""
    waited = queue.oldest_due(timezone.now()) or timedelta()
    return waited > WAITED or time.monotonic() > until


def leave_to_a_person(link: Link, became: Became) -> None:
    """Listed beside what platforms said and could not be settled; once per state of the case."""
    HookCall.objects.get_or_create(
        connection=link.connection,
        event_id=f"drift:{link.pk}:{link.case.version}",
        defaults={
            "at": timezone.now(),
            "state": HookCall.State.CONFLICT,
            "outcome": became.sentence[:500],
            "conflicts": hearing.left_to_a_person([became]),
            "case": link.case,
        },
    )
