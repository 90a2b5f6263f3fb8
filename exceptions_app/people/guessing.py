"""Whoever guesses passwords waits: wrong ones are counted by name, by where they come from, and by both."""

from datetime import datetime, timedelta

from django.db.models import Count

from exceptions_app.errors import NotAllowedNow
from exceptions_app.people.models import WrongPassword

WINDOW = timedelta(minutes=15)
#: Colleagues share an address; a whole network of strangers may guess one name.
OF_BOTH, FROM_ONE_PLACE, OF_ONE_NAME = 10, 50, 100
LATER = "Too many wrong passwords. Wait a quarter of an hour before you try again."


def limits(name: str, sender: str) -> dict[str, int]:
    """How many wrong ones each may have had."""
    of_name = name.strip().casefold()[:150]
    return {
        f"{sender} {of_name}": OF_BOTH,
        sender: FROM_ONE_PLACE,
        f"of {of_name}": OF_ONE_NAME,
    }


def insist_may_try(name: str, sender: str, *, at: datetime) -> None:
    most = limits(name, sender)
    lately = WrongPassword.objects.filter(who__in=most, at__gt=at - WINDOW)
    counts = lately.values_list("who").annotate(times=Count("pk"))
    if any(times >= most[who] for who, times in counts):
        raise NotAllowedNow(LATER)


def note_wrong(name: str, sender: str, *, at: datetime) -> None:
    WrongPassword.objects.filter(at__lt=at - WINDOW).delete()
    WrongPassword.objects.bulk_create(WrongPassword(who=who, at=at) for who in limits(name, sender))
