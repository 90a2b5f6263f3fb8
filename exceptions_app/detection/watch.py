"""Looking on the clock: only the subjects that are due a look, for the facts that failed to appear."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from exceptions_app.detection import policy as policies
from exceptions_app.detection.looking import coming, holding, standing
from exceptions_app.detection.raising import Found, Raised, raise_cases, watched
from exceptions_app.detection.spreading import spread
from exceptions_app.detection.watching import keep, sift
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject
from exceptions_app.writing import update


def look_again(
    at: datetime, *, limit: int = 500, as_it_was: bool = False, site_ids: Collection[int] = ()
) -> tuple[int, list[Raised]]:
    """Look at what is due by ``at``; how many subjects that were, and the cases raised.

    ``as_it_was`` is for replayed history, which is asleep otherwise: each subject known from history only
    is looked at as of the instant at which it was due, and only at the sites whose history it is.
    """
    with transaction.atomic():
        policy = policies.held()
        due = Subject.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            imported=as_it_was, next_look_at__lte=at
        )
        due = due.filter(site__in=site_ids) if site_ids else due
        subjects = list(due.order_by("next_look_at")[:limit])
        known = facts_of(subjects, policy.hours)
        found, looked = list[Found](), dict[int, datetime]()
        for subject in subjects:
            moment = subject.next_look_at if as_it_was and subject.next_look_at else at
            site = subject.site_id
            facts = policy.seen(known[subject.pk], site)
            stands = standing(facts, policy, site)
            holds = holding(stands, facts, moment)
            found += [Found(subject, finding, moment) for finding in holds]
            threshold = policy.threshold_at(site)
            subject.next_look_at = coming(stands, holds, facts, moment, threshold)
            looked[subject.pk] = moment
        update(subjects, ("next_look_at",))
        material, light = sift([*found, *spread(found)], policy)
        keep(light, looked)
        return len(subjects), [*raise_cases(material, imported=as_it_was), *watched(light)]
