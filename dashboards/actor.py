"""The person behind this request, as the domain's Actor."""

from django.http import HttpRequest

from exceptions_app.models import User
from exceptions_app.people.access import Actor, person


def actor(request: HttpRequest) -> Actor:
    """Whoever is signed in; what they may do is read once per request."""
    known = getattr(request, "desk_actor", None)
    if isinstance(known, Actor):
        return known
    user = request.user
    if not isinstance(user, User):
        raise TypeError("Only signed-in pages have an actor; put @login_required on the view.")
    found = person(user)
    request.desk_actor = found  # type: ignore[attr-defined]  # remembered on the request
    return found
