"""Giving a source an address of its own that a vendor's webhooks are sent to, and what is known of those."""

import secrets

from django.db import transaction

from exceptions_app.errors import NotFound, NotPermitted, refusing
from exceptions_app.people import access
from exceptions_app.people.access import Actor, Grant
from exceptions_app.subjects.models import Source
from exceptions_app.vocabulary import ActorKind, Role

ONLY_ADMINISTRATORS = "Only an administrator of every site connects sources."
TAKEN = "Another source has this short name. Choose a different one."
#: What the form changes; when it spoke last is written by the intake meanwhile.
CHANGEABLE = ("slug", "name", "site", "format", "settings", "token")


def insist_connects(by: Actor) -> None:
    if not access.may(by, "configure"):
        raise NotPermitted(ONLY_ADMINISTRATORS)


def speaking(source: Source) -> Actor:
    """Who acts when a webhook is taken in: the source, for its own site only if it has one."""
    grant = Grant(Role.INTEGRATOR, site_id=source.site_id)
    return Actor(ActorKind.SYSTEM, f"source:{source.slug}"[:40], source.name, grants=(grant,))


def whole(source_id: int, *, by: Actor) -> Source:
    """A source that listens, with its sealed settings, for who may change them."""
    insist_connects(by)
    found = Source.objects.select_related("site").filter(pk=source_id).exclude(format="").first()
    if found is None:
        raise NotFound("There is no such source, or nobody's webhooks are sent to it.")
    return found


def keep(source: Source, *, by: Actor) -> Source:
    """Have it listen, or change how; its address is made once."""
    insist_connects(by)
    source.token = source.token or new_token()
    with refusing(TAKEN, "slug"):
        source.full_clean(exclude=["settings"])
        with transaction.atomic():
            source.save(update_fields=CHANGEABLE if source.pk else None)
    return source


def new_address(source_id: int, *, by: Actor) -> Source:
    """Another address at once; what is sent to the old one finds nothing there."""
    found = whole(source_id, by=by)
    found.token = new_token()
    found.save(update_fields=["token"])
    return found


def new_token() -> str:
    return secrets.token_urlsafe(32)
