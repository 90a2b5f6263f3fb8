"""Django's permissions, from our roles: an administrator of every site has them all, nobody else has any."""

from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend

from exceptions_app.people import access
from exceptions_app.people.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
    from django.db.models import Model

_KNOWN = "_administers"


def administers(user: "AbstractBaseUser | AnonymousUser") -> bool:
    """Whether the person may configure everything; asked of the database once per request."""
    if not isinstance(user, User) or not user.is_active:
        return False
    known: bool | None = user.__dict__.get(_KNOWN)
    if known is None:
        known = access.may(access.person(user), "configure")
        user.__dict__[_KNOWN] = known
    return known


class Administrators(BaseBackend):
    """Signs nobody in; it only says what those who are may do in the admin."""

    def has_perm(
        self,
        user_obj: "AbstractBaseUser | AnonymousUser",
        perm: str,
        obj: "Model | None" = None,
    ) -> bool:
        return administers(user_obj)

    def has_module_perms(
        self, user_obj: "AbstractBaseUser | AnonymousUser", app_label: str
    ) -> bool:
        return administers(user_obj)
