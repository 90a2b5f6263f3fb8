"""Who can own a case: whoever works cases at its site."""

from django.db.models import QuerySet

from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Membership, User


def owners(by: Actor, *, site_id: int | None = None, team_id: int | None = None) -> QuerySet[User]:
    """Those of a site, and of a team there; without a site, of any that the actor sees."""
    rows = Membership.objects.filter(role__in=access.MAY["claim"])
    if not access.may_somewhere(by, "see"):
        return User.objects.none()
    if site_id is None:
        rows = access.visible(rows, by) | rows.filter(site=None) if by.grants is not None else rows
    else:
        rows = rows.filter(site=None) | rows.filter(site=site_id)
    if team_id is not None:
        rows = rows.filter(team=None) | rows.filter(team=team_id)
    return User.objects.filter(pk__in=rows.values("user"))
