"""System checks: what would be unsafe once other people are served."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

# Each: number, what is wrong (asked of the settings), what to do.
_UNSAFE: tuple[tuple[str, Callable[[], bool], str], ...] = (
    ("E001", lambda: settings.DEBUG, "DEBUG shows our insides to visitors. Set DEBUG=false."),
    (
        "E002",
        lambda: "*" in settings.ALLOWED_HOSTS,
        "ALLOWED_HOSTS is *, so forged host names get into links. Name the hosts.",
    ),
    (
        "E003",
        lambda: not settings.HTTPS,
        "BASE_URL is not https, so passwords and sessions travel in clear. Serve it over TLS.",
    ),
    (
        "E004",
        lambda: len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5,
        "SECRET_KEY is easy to guess. Use at least 50 random characters.",
    ),
    (
        "E005",
        lambda: settings.EMBEDDED,
        "The embedded PostgreSQL is for the demo and tests. Set DATABASE_URL.",
    ),
    (
        "E006",
        lambda: "pool" in cast("Any", settings.DATABASES["default"].get("OPTIONS", {})),
        "A connection pool breaks when workers fork. Remove it from DATABASE_URL.",
    ),
)


def production_is_safe(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse unsafe settings where other people are served; the demo may be what it is."""
    if not settings.SERVES_OTHERS:
        return []
    return [Error(says, id=f"flagstand.{number}") for number, wrong, says in _UNSAFE if wrong()]
