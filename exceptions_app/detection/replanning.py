"""Planning looks anew after a change, a batch at a time, by whichever clock comes along."""

from datetime import datetime

from django.db import transaction

from exceptions_app.detection import policy as policies
from exceptions_app.detection.effects import open_subjects
from exceptions_app.detection.looking import outlook
from exceptions_app.detection.models import Replan
from exceptions_app.detection.policy import Policy
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import SubjectKind
from exceptions_app.writing import update


@transaction.atomic
def replan(at: datetime, *, limit: int = 500) -> int:
    """Plan the next batch; how many subjects that were, 0 when nothing is left to this worker.

    A subject that somebody else has locked is left to them: whoever plans looks read the policy first, so
    they have the new one. It stays open to what only points to it.
    """
    policy = policies.held()
    rows = Replan.objects.select_for_update(skip_locked=True).filter(done_at=None)
    todo = rows.order_by("pk").first()
    if todo is None:
        return 0
    subjects = batch(todo, limit)
    known = facts_of(subjects, policy.hours)
    moved = [one for one in subjects if plan(one, known[one.pk], policy, at)]
    update(moved, ("next_look_at",))
    todo.looked += len(subjects)
    todo.moved += len(moved)
    if subjects:
        todo.after = subjects[-1].pk
    if len(subjects) < limit:
        todo.done_at = at
    todo.save(update_fields=["looked", "moved", "after", "done_at"])
    return max(len(subjects), 1)


def batch(todo: Replan, limit: int) -> list[Subject]:
    mine = open_subjects([SubjectKind(todo.kind)], todo.site_id).filter(pk__gt=todo.after)
    locked = mine.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(locked.order_by("pk")[:limit])


def plan(subject: Subject, facts: Facts, policy: Policy, at: datetime) -> bool:
    """Have the clock look at once where something holds by now; whether that changes its plan."""
    site, before = subject.site_id, subject.next_look_at
    holds, coming = outlook(facts, at, policy, site)
    subject.next_look_at = at if holds else coming
    return subject.next_look_at != before
