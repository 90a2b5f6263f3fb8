"""System checks: what would be unsafe once other people are served."""

import re
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.http.request import split_domain_port, validate_host


def _host_of(address: str) -> str:
    return split_domain_port(urlsplit(address).netloc)[0]


# Each: number, what is wrong (asked of the settings), what to do.
_UNSAFE: tuple[tuple[str, Callable[[], object], str], ...] = (
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
    (
        "E007",
        lambda: settings.STATIC_ROOT and not (settings.STATIC_ROOT / "staticfiles.json").exists(),
        "The static files of the pages are not there. Run manage.py collectstatic.",
    ),
    (
        "E008",
        lambda: settings.SANDBOX,
        "SANDBOX is on where others are served. Set SANDBOX=false: its stand-ins are for the demo.",
    ),
    (
        "E009",
        lambda: not validate_host(_host_of(settings.BASE_URL), settings.ALLOWED_HOSTS),
        "BASE_URL names a host that is not served, so every link leads nowhere. Add it to ALLOWED_HOSTS.",
    ),
    (
        "E010",
        lambda: any(re.search(r"/|:\d*$", host) for host in settings.ALLOWED_HOSTS),
        "ALLOWED_HOSTS has a scheme or a port. Write host names only, such as desk.example.com.",
    ),
)


def production_is_safe(
    app_configs: Sequence[AppConfig] | None = None, **_: Any
) -> list[CheckMessage]:
    """Refuse unsafe settings where other people are served; the demo may be what it is."""
    if not settings.SERVES_OTHERS:
        return []
    return [Error(says, id=f"flagstand.{number}") for number, wrong, says in _UNSAFE if wrong()]
