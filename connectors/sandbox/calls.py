"""What every stand-in is asked and answers, and how it knows who is calling."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection as database

from connectors.errors import DeliveryError
from connectors.kit import Json
from connectors.models import SandboxRecord
from connectors.worker import Account
from exceptions_app.models import Connection


@dataclass(frozen=True)
class Call:
    """A request as it arrived; ``path`` is the vendor's, without the slash before it."""

    slug: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json
    at: datetime

    @property
    def digest(self) -> str:
        return sha256(repr((self.method, self.path, self.body)).encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


def signed_in(call: Call) -> Connection | None:
    """The sandbox connection whose Authorization this is; nobody else may write here."""
    given = call.headers.get("Authorization", "").encode()
    for connection, account in accounts(call.slug):
        wanted = account.sign_in.headers.get("Authorization", "").encode()
        if wanted and hmac.compare_digest(given, wanted):
            return connection
    return None


def with_setting(call: Call, name: str, given: object) -> Connection | None:
    """The same for platforms that sign in by a value of the body."""
    for connection, account in accounts(call.slug):
        wanted = str(getattr(account.config, name)).encode()
        if wanted and hmac.compare_digest(str(given).encode(), wanted):
            return connection
    return None


def accounts(slug: str) -> list[tuple[Connection, Account]]:
    found = []
    for connection in Connection.objects.filter(platform=slug, sandbox=True):
        try:
            found.append((connection, Account(connection)))
        except DeliveryError:
            continue  # whose settings are not complete cannot call either
    return found


def alone(connection: Connection, key: str) -> None:
    """Until the transaction ends, nobody else does anything about this key."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [connection.pk, key])


def record_of(connection: Connection, external_id: str) -> SandboxRecord | None:
    """The newest record of that id, locked."""
    every = SandboxRecord.objects.select_for_update().filter(
        connection=connection, external_id=external_id
    )
    return every.order_by("-id").first()


def as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
