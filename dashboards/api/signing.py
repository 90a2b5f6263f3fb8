"""Who asks: a program with a token, or a person who is signed in to the desk."""

from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dashboards.api.calling import call_of
from exceptions_app.models import ApiToken, User
from exceptions_app.people import tokens

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Bearer(BaseAuthentication):
    """``Authorization: Bearer fs_…``"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, plain = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = tokens.behind(plain.strip().decode("latin-1"), timezone.now())
        if token is None:
            raise AuthenticationFailed(
                "This token is unknown, expired or revoked. Ask an administrator for a new one."
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Flagstand"'


class InScope(BasePermission):
    """Somebody is signed in, and a token has the scope that the call needs; the roles come later."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        called = call_of(view, request.method)
        if (
            called is None
        ):  # nothing without a mark can be called; what does not exist says so later
            return not is_method(view, request.method)
        if called.scope and isinstance(request.auth, ApiToken):
            tokens.insist_scope(request.auth, called.scope)
        return True


def is_method(view: "APIView", method: str | None) -> bool:
    name = (method or "").lower()
    return name in view.http_method_names and hasattr(view, name)
