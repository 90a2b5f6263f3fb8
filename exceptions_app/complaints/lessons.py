"""What the desk has learned about complaints: from its own decisions, and from ours while there are few."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction

from exceptions_app.complaints.checking import FOLDS, check
from exceptions_app.complaints.learning import Learned, Sample, learn, read
from exceptions_app.complaints.models import ComplaintDecision, ComplaintLesson
from exceptions_app.complaints.samples import shipped

#: The newest decisions say how customers write today; more would only take longer.
MOST = 1_000
#: A type with so many decisions of the desk's own needs our sentences no more.
ENOUGH = 20
#: From so many samples on, fewer parts tell as much.
MANY, FEWER_FOLDS = 600, 3
#: What a complaint is about is said at its beginning; reading on would only take longer.
READ = 800
KEPT_LESSONS = 20


def current() -> Learned:
    """What was learned last; before that, what our own sentences teach."""
    newest = ComplaintLesson.objects.order_by("-pk").values_list("pk", flat=True).first()
    return from_shipped() if newest is None else from_lesson(newest)


@lru_cache(maxsize=1)
def from_shipped() -> Learned:
    return learn(shipped())


@lru_cache(maxsize=2)
def from_lesson(pk: int) -> Learned:
    """A row never changes, so each process reads it once."""
    return read(ComplaintLesson.objects.values_list("learned", flat=True).get(pk=pk))


def samples() -> tuple[Sequence[Sample], int]:
    """What to learn from, and how many of them are the desk's own."""
    rows = ComplaintDecision.objects.order_by("-decided_at", "-pk")[:MOST]
    own = [Sample(one.text[:READ], one.exception_type, tuple(one.known)) for one in rows]
    decided = Counter(one.label for one in own)
    ours = [one for one in shipped() if decided[one.label] < ENOUGH]
    return [*own, *ours], len(own)


def refit(*, at: datetime) -> ComplaintLesson | None:
    """Learn anew if people have decided anything since, or we have other sentences; else None."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('flagstand.lessons'))")
            (mine,) = cursor.fetchone()
        taught, own = samples()
        if not mine or not has_news(len(taught) - own):
            return None
        return store(taught, own, at)


def has_news(ours: int) -> bool:
    """Whether there is anything that the last lesson did not know."""
    last = ComplaintLesson.objects.order_by("-pk").values("learned_at", "shipped").first()
    if last is None or last["shipped"] != ours:
        return True
    return ComplaintDecision.objects.filter(decided_at__gt=last["learned_at"]).exists()


def store(taught: Sequence[Sample], own: int, at: datetime) -> ComplaintLesson:
    checked = check(taught, FOLDS if len(taught) < MANY else FEWER_FOLDS)
    lesson = ComplaintLesson.objects.create(
        learned_at=at,
        decisions=own,
        shipped=len(taught) - own,
        accuracy=checked.accuracy,
        folds=checked.folds,
        by_class=checked.by_class,
        confusion=checked.confusion,
        learned=learn(taught).document(),
    )
    ComplaintLesson.objects.filter(pk__lte=lesson.pk - KEPT_LESSONS).delete()
    return lesson
