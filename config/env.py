"""Typed readers of the environment: a value that makes sense, or a refusal in a sentence."""

import os
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


class BadSetting(ImproperlyConfigured):
    """A setting is missing or makes no sense; the message says which and what to write."""


def text(name: str, *, default: str | None = None) -> str:
    # Not through django-environ, which takes a value that begins with $ for another one's name.
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise BadSetting(f"{name} is not set. Set it in the environment.")
    return default


def flag(name: str, *, default: bool) -> bool:
    value = text(name, default=str(default)).lower()
    if value not in _TRUE | _FALSE:
        raise BadSetting(f"{name} is {value!r}. Write true or false.")
    return value in _TRUE


def number(name: str, *, default: int, at_least: int, at_most: int) -> int:
    value = text(name, default=str(default))
    try:
        found = int(value)
    except ValueError:
        found = at_least - 1
    if not at_least <= found <= at_most:
        raise BadSetting(f"{name} is {value!r}. Write a whole number, {at_least} to {at_most}.")
    return found


def names(name: str, *, default: Sequence[str]) -> list[str]:
    """Read a list separated by commas."""
    value = text(name, default=",".join(default))
    return [part.strip() for part in value.split(",") if part.strip()]


def networks(name: str, *, default: Sequence[str]) -> list[str]:
    """Read a list of addresses or networks, as 10.0.0.7 or 10.0.0.0/8."""
    found = names(name, default=default)
    for part in found:
        try:
            ip_network(part)
        except ValueError as problem:
            raise BadSetting(
                f"{name} has {part!r}, which is no address or network such as 10.0.0.0/8."
            ) from problem
    return found


def one_of(name: str, *choices: str, default: str) -> str:
    value = text(name, default=default).upper()
    if value not in choices:
        raise BadSetting(f"{name} is {value!r}. Write one of {', '.join(choices)}.")
    return value


def secret(name: str, *, default: str | None = None) -> str:
    """Read NAME, or the file that NAME_FILE points at, as container platforms hand secrets over."""
    given, file = text(name, default=""), text(f"{name}_FILE", default="")
    if given and file:
        raise BadSetting(f"Both {name} and {name}_FILE are set. Keep one of them.")
    if file:
        given = _content(f"{name}_FILE", Path(file))
    if given:
        return given
    if default is None:
        raise BadSetting(
            f"Neither {name} nor {name}_FILE is set, and other people are served here "
            "(ALLOWED_HOSTS). Set one of them; the README says how to make a value."
        )
    return default


def keys(name: str, *, default: str | None = None) -> list[str]:
    """Read a ring of Fernet keys, newest first, separated by commas."""
    ring = [key.strip() for key in secret(name, default=default).split(",") if key.strip()]
    for place, key in enumerate(ring, start=1):
        try:
            Fernet(key)
        except ValueError as problem:
            raise BadSetting(
                f"Key {place} of {name} is not a Fernet key (32 bytes in url-safe base64)."
            ) from problem
    return ring


def web_address(name: str, *, default: str) -> str:
    value = text(name, default=default).rstrip("/")
    scheme, _, host = value.partition("://")
    if scheme not in {"http", "https"} or not host or "/" in host:
        raise BadSetting(f"{name} is {value!r}. Write an address like https://desk.example.com.")
    return value


def database(url: str) -> dict[str, object]:
    """Turn postgres://user:password@host:port/name into what Django wants."""
    found: dict[str, object] = {}
    if url.startswith(("postgres://", "postgresql://")):
        with suppress(ValueError):
            found = dict(environ.Env.db_url_config(url))
    if not found.get("NAME"):
        raise BadSetting(
            "DATABASE_URL must look like postgres://user:password@host:5432/name, "
            "and only PostgreSQL works."
        )
    return found


def _content(name: str, file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as problem:
        raise BadSetting(f"{name} is {file}, which cannot be read: {problem.strerror}.") from None
