"""Every recurring job, one line each. The clocks are a loop of their own: two seconds is too short here."""

from dataclasses import dataclass

from django.db import connection, transaction
from django_q.models import Schedule


@dataclass(frozen=True)
class Job:
    """A function that a worker calls every so many minutes; safe to run twice."""

    name: str
    function: str
    minutes: int


JOBS: tuple[Job, ...] = (
    Job("sweep the outbox", "connectors.tasks.sweep", minutes=1),
    Job("take in what platforms said", "connectors.inbound.take_in", minutes=1),
    Job("watch circuits", "exceptions_app.tasks.watch_circuits", minutes=1),
    Job("compare linked records", "connectors.reconciling.reconcile", minutes=15),
    Job("forget old calls", "connectors.inbound.forget", minutes=60),
    Job("learn from sorted complaints", "exceptions_app.tasks.learn_complaints", minutes=180),
    Job("go on with imports", "exceptions_app.tasks.run_imports", minutes=1),
    Job("forget uploaded files", "exceptions_app.tasks.forget_imports", minutes=60),
    Job("run backtests", "exceptions_app.tasks.wake_backtests", minutes=1),
    Job("learn risk anew", "exceptions_app.tasks.refit_risk", minutes=24 * 60),
    Job("forget old backtests", "exceptions_app.tasks.forget_backtests", minutes=24 * 60),
    Job("forget old replies", "exceptions_app.tasks.forget_replies", minutes=60),
    Job("forget sign-ins that are over", "exceptions_app.tasks.forget_sessions", minutes=24 * 60),
    Job("forget refused signals", "exceptions_app.tasks.forget_refused", minutes=60),
)


@transaction.atomic
def sync() -> None:
    """Make the database's list the same as this one, however many workers start at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('flagstand.schedules'))")
    Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
    for job in JOBS:
        Schedule.objects.update_or_create(
            name=job.name,
            defaults={
                "func": job.function,
                "schedule_type": Schedule.MINUTES,
                "minutes": job.minutes,
                "repeats": -1,
            },
        )
