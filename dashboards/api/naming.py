"""What lists are narrowed by: a case, an event, a connection, a site, a source; what names none is refused.

What one may not see is refused in the same words as what does not exist.
"""

import re

from django.db.models import Q, QuerySet

from exceptions_app.detection import circuits, masses, own, silence
from exceptions_app.detection.policy import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.models import Case, Connection, Source, User
from exceptions_app.outbox import queries as outbox
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.owners import owners
from exceptions_app.subjects import queries as subjects

#: What a case may say that found it: a rule of the rulebook, or the desk itself.
RULES = frozenset({*BY_SLUG, *(one.RULE for one in (circuits, masses, own, silence))})
BY_NUMBER = "Give an id, or a number such as EX-1001."
KEY = re.compile(r"(ex-?)?(\d{1,18})", re.IGNORECASE)


def cases_named(key: str) -> QuerySet[Case]:
    """The case behind “17” or “EX-1042”, whoever may see it; none behind anything else."""
    every: QuerySet[Case] = Case.objects.order_by()
    found = KEY.fullmatch(key)
    if found is None:
        return every.none()
    return every.filter(**{"number" if found[1] else "pk": int(found[2])})


def case_meant(key: str, by: Actor) -> int:
    case_id = access.visible(cases_named(key), by).values_list("pk", flat=True).first()
    if case_id is None:
        raise Refused.about(
            "case", f"There is no case {key}, or it is at a site you do not work for. {BY_NUMBER}"
        )
    return case_id


def event_meant(key: str, by: Actor) -> int:
    """An event is also named by who sees only a case that is part of it."""
    event_id = cases_named(key).values_list("pk", flat=True).first()
    theirs = access.visible(Case.objects.filter(Q(pk=event_id) | Q(parent=event_id)), by)
    if event_id is None or not theirs.exists():
        raise Refused.about(
            "part_of",
            f"There is no event {key}, or it is at a site you do not work for. {BY_NUMBER}",
        )
    return event_id


def connection_meant(said: str, by: Actor) -> int:
    """An id goes before a name. One that served the actor's sites before is known by what went through it."""
    by_id = Q(pk=int(said)) if said.isdecimal() else Q(pk__in=[])
    found = list(Connection.objects.filter(by_id | Q(name=said)).values_list("pk", flat=True))
    now = {pk for pk, _ in outbox.connections(by=by)}
    mine = [pk for pk in found if pk in now or outbox.visible(by).filter(connection=pk).exists()]
    if not mine:
        raise Refused.about(
            "connection",
            f"There is no connection “{said}”, or it serves no site of yours. "
            "Give its id, or its exact name as deliveries have it.",
        )
    return next((pk for pk in mine if str(pk) == said), mine[0])


def insist_on_owner(username: str, by: Actor) -> None:
    """One who works no more is known by the cases they have."""
    found = User.objects.filter(username=username)
    theirs = access.visible(Case.objects.filter(assignee__in=found), by)
    if not owners(by).filter(username=username).exists() and not theirs.exists():
        raise Refused.about(
            "assignee",
            f"There is nobody called {username}, or they work at no site of yours. "
            "Give me, none, or a username of people/.",
        )


def site_meant(slug: str, by: Actor) -> int:
    mine = access.sites(by).filter(slug=slug)
    site_id = mine.values_list("pk", flat=True).first()
    if site_id is None:
        raise Refused.about(
            "site", f"There is no site {slug}, or you do not work for it. Give a slug of sites/."
        )
    return site_id


def source_meant(slug: str, by: Actor) -> int:
    """One that speaks for other sites is known by what it said about the actor's."""
    source_id = Source.objects.filter(slug=slug).values_list("pk", flat=True).first()
    listed, said = subjects.sources(by=by), subjects.signals(by=by)
    mine = listed.filter(slug=slug).exists() or said.filter(source=source_id).exists()
    if source_id is None or not mine:
        raise Refused.about(
            "source",
            f"There is no source {slug}, or it does not speak for your sites. Give a slug of sources/.",
        )
    return source_id
