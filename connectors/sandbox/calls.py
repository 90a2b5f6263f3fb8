"""What every stand-in is asked and answers, and how it knows who is calling."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection as database
from django.utils.functional import cached_property

from connectors.account import Account
from connectors.errors import DeliveryError
from connectors.kit import Json
from connectors.models import SandboxRecord
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
    text: str = ""

    @cached_property
    def accounts(self) -> list[tuple[Connection, Account]]:
        """All that the sandbox has on this platform; asked for once, as several look through them."""
        found, every = [], Connection.objects.filter(platform=self.slug, sandbox=True)
        for connection in every.select_related("sandbox_fault"):
            try:
                found.append((connection, Account(connection)))
            except DeliveryError:
                continue  # whose settings are not complete cannot call either
        return found

    @property
    def digest(self) -> str:
        return sha256(repr((self.method, self.path, self.body)).encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What is answered: JSON, or a text as it is."""

    status: int
    body: Json | list[Any] | str
    headers: Mapping[str, str] = field(default_factory=dict)


def signed_in(call: Call) -> Connection | None:
    """The sandbox connection whose sign-in or access token this is; nobody else may write here."""
    for connection, account in call.accounts:
        sign_in = account.sign_in
        if account.grant:
            sign_in = account.grant.carried(token_for(connection))
        headers = [(call.headers.get(name, ""), value) for name, value in sign_in.headers.items()]
        queries = [(call.query.get(name, ""), value) for name, value in sign_in.query.items()]
        wanted = headers + queries
        if wanted and all(hmac.compare_digest(a.encode(), b.encode()) for a, b in wanted):
            return connection
    return None


def in_path(name: str, before: str = "") -> Callable[[Call], Connection | None]:
    """For platforms whose address is the secret: the path begins with the setting ``name``."""

    def whose(call: Call) -> Connection | None:
        for connection, account in call.accounts:
            secret = urlsplit(str(getattr(account.config, name))).path.strip("/")
            begins = f"{before}{secret}/".encode()
            given = f"{call.path}/".encode()[: len(begins)]
            if secret and hmac.compare_digest(given, begins):
                return connection
        return None

    return whose


def token_for(connection: Connection) -> str:
    """The access token that the stand-in gives for this account."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"sandbox {connection.pk}".encode(), sha256)
    return f"sandbox-{connection.pk}-{made.hexdigest()[:32]}"


def granting(call: Call) -> Answer | None:
    """If this asks for an access token, the answer; every platform that gives tokens gives them alike."""
    asked = False
    for connection, account in call.accounts:
        grant = account.grant
        if grant is None or urlsplit(grant.url).path.strip("/") != call.path.strip("/"):
            continue
        asked = True
        if call.method == "POST" and all(call.body.get(k) == v for k, v in grant.form.items()):
            granted = {"access_token": token_for(connection), "token_type": "Bearer"}
            where = grant.url.removesuffix(urlsplit(grant.url).path)
            return Answer(200, {**granted, "expires_in": 3600, "instance_url": where})
    refused = {"error": "invalid_grant", "error_description": "Not known here."}
    return Answer(400, refused) if asked else None


def with_setting(call: Call, name: str, given: object) -> Connection | None:
    """The same for platforms that sign in by a value of the body."""
    for connection, account in call.accounts:
        wanted = str(getattr(account.config, name)).encode()
        if wanted and hmac.compare_digest(str(given).encode(), wanted):
            return connection
    return None


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
