"""How this installation is: each line says what is fine, or what to do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import checks
from django.db import Error, connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django_q.brokers import get_broker

from config import tables
from exceptions_app.models import Connection, Delivery, Source
from exceptions_app.outbox import queue
from exceptions_app.sealed import unreadable
from exceptions_app.vocabulary import DeliveryState

OLDEST_SUPPORTED = 14
OVERDUE = timedelta(minutes=1)
#: What waits for a person.
STUCK = {
    DeliveryState.DEAD: "were given up. Resend or skip them.",
    DeliveryState.UNCERTAIN: "are in doubt. Look over there, and say on their pages what became of them.",
}
SILENT = {"clocks": timedelta(seconds=15), "worker": timedelta(seconds=45)}


@dataclass(frozen=True)
class Line:
    """What was looked at, whether it is fine, and what was seen or is to be done."""

    name: str
    fine: bool
    says: str


def _fine(name: str, says: str) -> Line:
    return Line(name, fine=True, says=says)


def _wrong(name: str, says: str) -> Line:
    return Line(name, fine=False, says=says)


def everything() -> list[Line]:
    """Look at all there is; without a database the rest cannot be known."""
    lines = [settings(), database()]
    if lines[-1].fine:
        lines += [look(timezone.now()) for look in (waiting, clock, workers, secrets, connections)]
    return lines


def settings() -> Line:
    found = [told for told in checks.run_checks() if told.level >= checks.WARNING]
    if found:
        return _wrong("settings", " ".join(f"{told.msg} ({told.id})" for told in found))
    return _fine("settings", "No check complains.")


def database() -> Line:
    try:
        wrong = tables.problem()
        with connection.cursor() as cursor:
            version = cursor.connection.info.server_version
            cursor.execute("SHOW transaction_read_only")
            only_reads = cursor.fetchone() == ("on",)
    except Error as problem:
        told = str(problem).strip().splitlines()[0]
        return _wrong("database", f"It does not answer: {told}. Check DATABASE_URL.")
    if version < OLDEST_SUPPORTED * 10_000:
        return _wrong("database", f"PostgreSQL {OLDEST_SUPPORTED} or newer is needed.")
    if only_reads:
        return _wrong(
            "database", "It takes no changes (read-only). Let DATABASE_URL name the primary."
        )
    if wrong:
        return _wrong("database", wrong)
    return _fine("database", f"PostgreSQL {version // 10_000}, every migration applied.")


def waiting(at: datetime) -> Line:
    """Look at the queue that wakes the workers, and at the outbox that decides."""
    if not get_broker().ping():
        return _wrong("queue", "The queue does not answer. Check the database.")
    overdue = queue.oldest_due(at) or timedelta()
    if overdue > OVERDUE:
        return _wrong(
            "queue",
            f"The oldest delivery is {_spoken(overdue)} overdue. Start a worker, or look at its log.",
        )
    return _fine("queue", "Nothing is overdue.")


def clock(at: datetime) -> Line:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - timezone.now())
    if apart > timedelta(seconds=2):
        says = f"This host and the database are {_spoken(apart)} apart. Synchronise both (NTP)."
        return _wrong("clock", says)
    return _heard("clock", "clocks", "manage.py runclocks", at)


def workers(at: datetime) -> Line:
    return _heard("workers", "worker", "manage.py worker", at)


def secrets(at: datetime) -> Line:
    """Look for what cannot be opened with any of the keys."""
    lost = {
        named: sum(1 for row in rows.only("settings") if unreadable(row.settings))
        for named, rows in (("connections", Connection.objects), ("sources", Source.objects))
    }
    if any(lost.values()):
        told = " and ".join(f"{number} {named}" for named, number in lost.items() if number)
        says = f"{told} are sealed with a key that FLAGSTAND_KEYS lacks. Put it back, or type them again."
        return _wrong("secrets", says)
    return _fine("secrets", "Every one can be opened.")


def connections(at: datetime) -> Line:
    """Look for connections whose last try failed, or that owe something switched off; for what is dead."""
    enabled = Connection.objects.filter(enabled=True)
    failing = enabled.filter(failed_at__isnull=False).filter(
        Q(succeeded_at__isnull=True) | Q(failed_at__gt=F("succeeded_at"))
    )
    names = ", ".join(failing.values_list("name", flat=True))
    owing = Delivery.objects.filter(state=DeliveryState.WAITING, connection=OuterRef("pk"))
    off = Connection.objects.filter(Exists(owing), enabled=False).values_list("name", flat=True)
    stuck = " ".join(
        f"{number} deliveries {what}"
        for state, what in STUCK.items()
        if (number := Delivery.objects.filter(state=state).count())
    )
    if names:
        return _wrong("connections", f"The last try failed: {names}. Test them on their page.")
    if stuck:
        return _wrong("connections", stuck)
    if off:
        says = f"Switched off, and owe something: {', '.join(off)}. Switch on, or skip what waits."
        return _wrong("connections", says)
    return _fine("connections", f"{enabled.count()} enabled, none failing.")


def is_silent(name: str, at: datetime) -> bool:
    last = queue.last_beat(name)
    return last is None or at - last > SILENT[name]


def _heard(line: str, name: str, command: str, at: datetime) -> Line:
    last = queue.last_beat(name)
    if last is None or at - last > SILENT[name]:
        return _wrong(line, f"No {name} has been heard of lately. Start one: {command}")
    return _fine(line, f"Heard of {round((at - last).total_seconds())} s ago.")


def _spoken(length: timedelta) -> str:
    return str(timedelta(seconds=round(length.total_seconds())))
