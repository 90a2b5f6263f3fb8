"""What is known about subjects and from whom: for lists, pages and programs, as far as the actor may see."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from exceptions_app.errors import NotFound
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.models import Receipt, Signal, Source, Subject
from exceptions_app.vocabulary import OPEN_STATUSES


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which subjects somebody asks for; None and empty ask for all."""

    kind: str = ""
    site: str = ""
    begins: str = ""
    at_risk: bool | None = None
    open: bool | None = None


def subjects(wanted: Wanted, *, by: Actor, at: datetime) -> QuerySet[Subject]:
    """The subjects that match; their order is left to the list that shows them."""
    found = access.visible(Subject.objects.select_related("site", "team"), by).order_by()
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.site:
        found = found.filter(site__slug=wanted.site)
    if wanted.begins:
        found = found.filter(beginning(wanted.begins))
    if wanted.open is not None:
        found = found.filter(ended_at__isnull=wanted.open)
    if wanted.at_risk is not None:
        found = found.filter(at_risk(at) if wanted.at_risk else ~at_risk(at))
    return found


def beginning(words: str) -> Q:
    """References that begin so, in capitals or not; each spelling can use the index."""
    begins = Q()
    for spelling in {words, words.upper(), words.lower()}:
        begins |= Q(reference__startswith=spelling)
    return begins


def at_risk(at: datetime) -> Q:
    """A case is open about it, or its promise has passed and it has not ended."""
    with_case = Subject.objects.filter(cases__status__in=OPEN_STATUSES).order_by().values("pk")
    return Q(pk__in=with_case) | Q(ended_at__isnull=True, promised_at__lt=at)


def is_at_risk(subject: Subject, cases: int, at: datetime) -> bool:
    late = subject.promised_at is not None and subject.promised_at < at
    return cases > 0 or (late and subject.ended_at is None)


def open_cases_of(subject_ids: Collection[int]) -> Mapping[int, int]:
    """How many cases are open about each; those without any are left out."""
    found = Subject.objects.filter(pk__in=subject_ids, cases__status__in=OPEN_STATUSES)
    return dict(found.order_by().values_list("pk").annotate(number=Count("cases")))


def subject(subject_id: int, *, by: Actor) -> Subject:
    found = Subject.objects.select_related("site", "team").filter(pk=subject_id).first()
    if found is None or not may_open(found, by):
        raise NotFound("There is no such subject, or it is at a site you do not work for.")
    return found


def may_open(subject: Subject, by: Actor) -> bool:
    """Whether it is the actor's to see, or what a case of theirs is about, whichever team has it."""
    if access.may(by, "see", site_id=subject.site_id, team_id=subject.team_id):
        return True
    case_of_theirs = access.scope(by, site="cases__site_id", team="cases__team_id")
    return Subject.objects.filter(case_of_theirs, pk=subject.pk).exists()


def signals(*, by: Actor) -> QuerySet[Signal]:
    """Every signal about a subject that the actor may see."""
    rows = Signal.objects.select_related("source").order_by()
    return access.visible(rows, by, site="subject__site_id", team="subject__team_id")


def signal(signal_id: int, *, by: Actor) -> Signal:
    found = Signal.objects.select_related("source", "subject").filter(pk=signal_id).first()
    about = found.subject if found else None
    theirs = may_open(about, by) if about else access.may(by, "see")
    if found is None or not theirs:
        raise NotFound("There is no such signal, or it is about a site you do not work for.")
    return found


def receipt(receipt_id: UUID, *, by: Actor) -> Receipt:
    """A receipt of the actor's own; as a post may be about many sites, others must see all of them."""
    found = Receipt.objects.filter(pk=receipt_id)
    if access.scope(by) != Q():
        found = found.filter(actor_id=by.id, actor_name=by.name)
    kept = found.first()
    if kept is None:
        raise NotFound("There is no such receipt, or somebody else has it.")
    return kept


def sources(*, by: Actor) -> QuerySet[Source]:
    """The sources that speak for a site of the actor's, or for none in particular."""
    found = Source.objects.select_related("site")
    if not access.may_somewhere(by, "see"):
        return found.none()
    return found.filter(access.shared(by))
