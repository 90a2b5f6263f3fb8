"""Who must wait because another runs over: the next visits of the same technician that day (T9)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from exceptions_app.detection import policy as policies
from exceptions_app.detection.materiality import weighed
from exceptions_app.detection.raising import Found
from exceptions_app.detection.rules.appointments import SPREADS, start_of
from exceptions_app.detection.rules.hours import hours_of
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject


def spread(found: Iterable[Found]) -> list[Found]:
    """The findings about those who wait: later on the same day, for the same person, not begun yet.

    A few queries whenever somebody runs over, none otherwise.
    """
    begun = [one for one in found if one.finding.spreads]
    if not begun:
        return []
    waiting = list(sharing(begun))
    concerned = {one.pk: one for one in (*waiting, *(over.subject for over in begun))}
    known = facts_of(concerned.values(), policies.current().hours)
    return [
        warning(one, subject, known[subject.pk])
        for one in begun
        for subject in waiting
        if waits(one, known[one.subject.pk], subject, known[subject.pk])
    ]


def sharing(begun: Sequence[Found]) -> QuerySet[Subject]:
    """The open subjects of the same sites and people; an index has these."""
    name = begun[0].finding.spreads
    people = {who for one in begun if (who := one.subject.attributes.get(name))}
    shared = Subject.objects.annotate(shared=KeyTextTransform(name, "attributes"))
    return shared.filter(
        kind=begun[0].subject.kind,
        ended_at=None,
        shared__in=people,
        site__in={one.subject.site_id for one in begun},
    ).order_by("pk")


def waits(one: Found, over: Facts, subject: Subject, facts: Facts) -> bool:
    """Whether the visit is a later one of the same person's day, where the site is."""
    name, first, start = one.finding.spreads, start_of(over), start_of(facts)
    if subject.pk == one.subject.pk or facts.reached("checked_in") or not (first and start):
        return False
    theirs = subject.site_id, subject.imported, facts.attributes.get(name)
    if theirs != (one.subject.site_id, one.subject.imported, over.attributes.get(name)):
        return False
    zone = hours_of(over).zone
    return first <= start and first.astimezone(zone).date() == start.astimezone(zone).date()


def warning(one: Found, subject: Subject, facts: Facts) -> Found:
    finding = SPREADS[one.finding.rule].finding(facts, one.finding.since)
    told = {**finding.evidence, "held_up_by": one.subject.reference}
    warned = weighed(replace(finding, evidence=told), facts, one.at)
    return Found(subject, warned, one.at, source_id=one.source_id)
