"""Comparing a linked record with its case, and putting right what has come apart (Y4).

What they were told last decides who changed since: if the case has moved on from it, they are told again;
if it has not, they have moved, and the case follows as if they had called.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q

from exceptions_app.mirroring import hearing
from exceptions_app.mirroring.hearing import CONFLICT, MOVES, NOTHING, Became, agrees, kind
from exceptions_app.mirroring.news import News
from exceptions_app.outbox.models import Connection, Delivery, Link
from exceptions_app.outbox.owing import owe
from exceptions_app.vocabulary import OPEN_STATUSES, OWED, Operation

#: A settled case is looked after for this long; records of open cases always are.
LOOKED_AFTER = timedelta(days=7)
TOLD = Became("told", "They are told again how the case stands.")
UNREAD = Became("unread", "The platform does not tell how its record stands.")


def to_check(connection: Connection, *, at: datetime, limit: int) -> list[Link]:
    """The links that were compared longest ago, of cases that are open or settled lately."""
    alive = Q(case__status__in=OPEN_STATUSES) | Q(case__changed_at__gt=at - LOOKED_AFTER)
    links = Link.objects.filter(alive, connection=connection).select_related("case")
    return list(links.order_by(F("checked_at").asc(nulls_first=True))[:limit])


def compare(link: Link, theirs: str, *, at: datetime) -> Became:
    """Put right what differs; ``theirs`` is how the record stands, in our words, or empty."""
    Link.objects.filter(pk=link.pk).update(checked_at=at)
    case, told = link.case, link.status or link.case.status
    if not theirs or agrees(theirs, case.status):
        return Became(NOTHING, f"{case} and its record agree.")
    under_way = Delivery.objects.filter(
        case=case, connection=link.connection_id, state__in=OWED, operation__in=MOVES
    )
    if under_way.exists():
        return Became(NOTHING, f"A change of {case} is on its way there.")
    if kind(told) == kind(case.status):
        news = News(external_id=link.external_id, status=theirs)
        (became,) = hearing.hear(news, link.connection, at=at)
        return became
    key = f"drift:{link.pk}:{case.version}"
    owe(
        case.pk,
        link.connection_id,
        telling(case.status, theirs),
        at=at,
        key=key,
        text=words(case.status),
    )
    return TOLD


def unread(link: Link, *, at: datetime) -> Became:
    """It cannot be compared, and is the last to be asked for again: the others are not kept waiting by it."""
    Link.objects.filter(pk=link.pk).update(checked_at=at)
    return UNREAD


def telling(ours: str, theirs: str) -> Operation:
    if kind(ours) == "settled":
        return Operation.CLOSE
    return Operation.REOPEN if kind(theirs) == "settled" else Operation.UPDATE


def words(status: str) -> str:
    return f"The case is {status.replace('_', ' ')}."


def summary(found: list[Became]) -> dict[str, int]:
    """How many agreed, followed, were told again, are left to a person, and could not be read."""
    names = {NOTHING: "agreed", hearing.DONE: "followed", TOLD.what: "told", CONFLICT: "conflicts"}
    names |= {UNREAD.what: UNREAD.what}
    return {name: sum(one.what == what for one in found) for what, name in names.items()}
