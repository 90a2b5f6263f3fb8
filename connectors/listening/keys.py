"""Public keys that vendors publish: fetched once an hour, and once more when they sign with a new one."""

import time
from dataclasses import replace
from typing import Any, TypeVar

from django.core.cache import cache

from connectors import client
from connectors.errors import DeliveryError, Temporary
from connectors.exchange import Request
from connectors.hooks import Hook
from connectors.listening.kit import Config, Format, Published
from connectors.listening.proving import OURS, names_in
from connectors.signing_in import SignIn

C = TypeVar("C", bound=Config)
#: Seconds that a set is kept, and that must pass before an unknown name has it fetched again.
KEPT, AGAIN = 3600, 60


def with_keys(form: Format[C], config: C, call: Hook) -> C:
    """The settings with the keys that the vendor publishes now, unless somebody has filled them in."""
    given: Any = config
    if form.published is None or given.keys:
        return config
    found: C = replace(given, keys=fetched(form.published, form.published.name(call)))
    return found


def fetched(published: Published, name: str) -> str:
    keys, at = cache.get(published.url) or ("", 0.0)
    age = time.time() - at
    known = name in names_in(keys)
    if name in ("", OURS) or (age < KEPT and known) or age < AGAIN:
        return str(keys)
    try:
        told = asked(published.url)
    except DeliveryError:
        cache.add(f"{published.url}#away", value=True, timeout=AGAIN)
        if known:
            return str(keys)
        raise
    cache.set(published.url, (told, time.time()), None)
    return told


def asked(url: str) -> str:
    """The set as it is published now; who was away a moment ago is left alone."""
    if cache.get(f"{url}#away"):
        raise Temporary(f"{url} could not be asked a moment ago.")
    reply = client.send(client.prepare(Request("GET", url), "", SignIn()))
    if reply.status != 200:
        raise Temporary(f"{url} answered {reply.status}.")
    return reply.text
