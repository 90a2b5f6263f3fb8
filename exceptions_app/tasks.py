"""The domain's recurring jobs, as django-q2 calls them."""

from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from django_q.tasks import async_task

from exceptions_app.backtest import asking, forgetting, refitting
from exceptions_app.complaints import lessons
from exceptions_app.detection import circuits, own
from exceptions_app.intake import feeding, importing, refusing
from exceptions_app.leases import only_one
from exceptions_app.people import replies

#: What takes its time, by the names of locks: each keeps one worker of the whole desk busy at most, or
#: nobody would be left for deliveries.
STUDY, FEED = 0x666C61_73, 0x666C61_66


def watch_circuits() -> None:
    circuits.watch(timezone.now())
    own.watch(timezone.now())


def forget_replies() -> None:
    replies.purge(timezone.now())


def forget_sessions() -> None:
    SessionStore.clear_expired()


def learn_complaints() -> None:
    lessons.refit(at=timezone.now())


#: Seconds of one shift on an import, well before django-q2's time-out.
SHIFT = 15.0


def wake_imports() -> None:
    """Have a worker look for imports to go on with."""
    async_task("exceptions_app.tasks.run_imports")


def run_imports() -> None:
    """One shift; what is left is for the next. Every minute one finds what a crash has left behind."""
    with only_one(FEED) as ours:
        if ours:
            feeding.shift(now=timezone.now, seconds=SHIFT)
    # Whoever came meanwhile has found it taken.
    if ours and feeding.waiting(timezone.now()):
        wake_imports()


def forget_imports() -> None:
    importing.forget(timezone.now())


def forget_refused() -> None:
    refusing.forget_refused(timezone.now())


#: Seconds that a backtest may take; one that is cut off is begun again by the next.
BACKTEST = 900


def wake_backtests() -> None:
    """Have a worker look for backtests to run; every minute one finds what a crash has left behind."""
    if asking.waiting(timezone.now()):
        async_task("exceptions_app.tasks.run_backtests", timeout=BACKTEST)


def run_backtests() -> None:
    """One of those that wait; what is left is for the next."""
    with only_one(STUDY) as ours:
        if ours:
            asking.work(now=timezone.now)
    if ours:
        wake_backtests()


def forget_backtests() -> None:
    forgetting.forget(timezone.now())


def refit_risk() -> None:
    if refitting.refit(at=timezone.now()):
        wake_backtests()
