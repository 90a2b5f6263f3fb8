"""Performs one delivery: planned with the database, sent without it, settled with it again."""

import json
import logging
import time
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse

from connectors import client, snapshot
from connectors.client import Prepared
from connectors.errors import DeliveryError, Permanent, Superseded, Temporary
from connectors.kit import Config, Connector, Reply, Request
from connectors.redaction import STRUCK, Redactor
from connectors.registry import BY_SLUG
from exceptions_app.errors import Refused
from exceptions_app.models import Connection, Delivery
from exceptions_app.outbox import outcomes
from exceptions_app.outbox.outcomes import NO_RECORD, Linked, Tried
from exceptions_app.vocabulary import Operation

#: Worth another try wherever they come from; 401 because somebody may mend the sign-in.
PASSING = frozenset({401, 408, 425, 429})
MOST_KEPT = 64_000

log = logging.getLogger(__name__)


class Account:
    """A connection opened up: its connector, its settings, and what must never be written down."""

    def __init__(self, connection: Connection) -> None:
        found = BY_SLUG.get(connection.platform)
        if found is None:
            raise Permanent(f"There is no platform {connection.platform}.")
        self.connector: Connector[Any] = found
        try:
            self.config: Config = self.connector.config.read(connection.settings)
            self.sign_in = self.connector.sign_in(self.config)
        except Refused as refusal:
            raise Temporary(f"The settings of {connection} are not complete: {refusal}") from None
        self.stand_in = self.connector.slug if connection.sandbox else ""
        self.redact = Redactor([*self.config.secrets(), *self.sign_in.headers.values()])

    def prepare(self, request: Request) -> Prepared:
        return client.prepare(request, self.connector.base_url(self.config), self.sign_in)

    def send(self, prepared: Prepared) -> Reply:
        return client.send(prepared, stand_in=self.stand_in)

    def url_of(self, external_id: str) -> str:
        """Where a person sees the record; what is in the sandbox is seen there."""
        if self.stand_in:
            page = settings.BASE_URL + reverse("sandbox")
            return f"{page}?platform={self.stand_in}#{quote(external_id)}"
        return self.connector.url_of(external_id, self.config)


class Try:
    """One try at a delivery. ``perform`` may run in a thread: it needs no database."""

    def __init__(self, delivery: Delivery, *, at: datetime) -> None:
        self.delivery, self.at, self.began = delivery, at, time.monotonic()
        self.exchanges: list[tuple[Prepared, Reply | None]] = []
        self.error: DeliveryError | None = None
        self.link: Linked | None = None
        self.redact = Redactor(())
        try:
            self.case = snapshot.of(delivery)
            self.account = Account(delivery.connection)
            self.redact = self.account.redact
            self._insist_on_record()
        except DeliveryError as error:
            self.error = error
        except DatabaseError:
            raise  # it passes, and the lease brings the delivery back
        except Exception as fault:  # noqa: BLE001 - as in perform
            self.error = self._mistaken(fault)

    def _insist_on_record(self) -> None:
        if self.delivery.operation != Operation.CREATE and not self.case.external_id:
            raise Superseded(NO_RECORD)

    def perform(self) -> "Try":
        try:
            if self.error is None:
                self.link = self._linked(self._talk())
        except DeliveryError as error:
            self.error = error
        except Exception as fault:  # noqa: BLE001 - one connector's fault must not stop the others
            self.error = self._mistaken(fault)
        return self

    def _mistaken(self, fault: Exception) -> Permanent:
        log.error("a connector failed: %s", self.redact(traceback.format_exc()))
        return Permanent(f"Flagstand made a mistake ({type(fault).__name__}); it is logged.")

    def _talk(self) -> Reply | None:
        """Ask what the connector describes, one request after the other."""
        connector, operation = self.account.connector, Operation(self.delivery.operation)
        talk = connector.conversation(operation, self.case, self.account.config)
        reply: Reply | None = None
        try:
            request = next(talk)
            while True:
                try:
                    reply = self._exchange(self.account.prepare(request))
                except Permanent as refusal:
                    request = talk.throw(refusal)
                else:
                    request = talk.send(reply)
        except StopIteration as end:
            counted: Reply | None = end.value or reply
            return counted

    def _exchange(self, prepared: Prepared) -> Reply:
        self.exchanges.append((prepared, None))
        reply = self.account.send(prepared)
        self.exchanges[-1] = (prepared, reply)
        judge(self.account.connector, reply)
        return reply

    def _linked(self, reply: Reply | None) -> Linked:
        external_id = self.case.external_id
        if self.delivery.operation == Operation.CREATE:
            external_id = self.account.connector.external_id(reply.body if reply else {})
            if not 0 < len(external_id) <= 200:
                raise Temporary("The answer names no record.")
        return Linked(external_id, self.account.url_of(external_id), self.case.status)

    def settle(self) -> None:
        """Write down what became of it."""
        took = time.monotonic() - self.began
        at, told = self.at + timedelta(seconds=took), self._told(round(took * 1000))
        sentence = told.verdict
        match self.error:
            case None:
                outcomes.succeed(self.delivery, at=at, attempt=told, link=self.link)
            case Superseded():
                outcomes.supersede(self.delivery, at=at, reason=sentence)
            case Temporary(after=after):
                outcomes.retry(self.delivery, at=at, error=sentence, attempt=told, after=after)
            case _:
                outcomes.bury(self.delivery, at=at, reason=sentence, attempt=told)

    def _told(self, took_ms: int) -> Tried:
        last, reply = self.exchanges[-1] if self.exchanges else (Prepared("", ""), None)
        return Tried(
            at=self.at,
            ok=self.error is None,
            verdict=self._keepable(str(self.error or "Taken.")),
            took_ms=took_ms,
            method=last.method,
            url=self._keepable(last.url),
            request=self._keepable("\n\n".join(spelled(sent) for sent, _ in self.exchanges)),
            status=reply.status if reply else None,
            answer=self._keepable("\n\n".join(got.text for _, got in self.exchanges if got)),
        )

    def _keepable(self, text: str) -> str:
        """Struck out before it is cut, or half a secret would stay; PostgreSQL takes no NUL."""
        return self.redact(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")[:MOST_KEPT]


def attempt(delivery: Delivery, *, at: datetime) -> None:
    """Tell the platform, and write down what became of it."""
    Try(delivery, at=at).perform().settle()


def probe(connection: Connection) -> str:
    """Ask something harmless; the verdict as a sentence."""
    redact = Redactor(())
    try:
        account = Account(connection)
        redact, request = account.redact, account.connector.test
        if request is None:
            return (
                f"{account.connector.name} has nothing harmless to ask; the settings are complete."
            )
        judge(account.connector, account.send(account.prepare(request)))
    except DeliveryError as error:
        return redact(str(error))
    return f"{account.connector.name} answers, and takes the sign-in."


def judge(connector: Connector[Any], reply: Reply) -> None:
    """Whether the platform has taken it, in its own words if it has not."""
    code, taken = connector.refusal(reply.body), 200 <= reply.status < 300
    if taken and not code:
        return
    words = "; ".join(leaves(reply.body))[:300] or " ".join(reply.text.split())[:300]
    sentence = f"{connector.name} answers {code if taken else reply.status}: {words}".rstrip(": ")
    if {code, reply.status} & (PASSING | connector.passing) or reply.status >= 500:
        raise Temporary(sentence, after=wanted_pause(reply))
    raise Permanent(sentence)


def leaves(body: object) -> list[str]:
    """Every text in a reply, which is where platforms put their reasons."""
    match body:
        case dict():
            return [text for part in body.values() for text in leaves(part)]
        case list():
            return [text for part in body for text in leaves(part)]
        case str():
            return [body] if body else []
    return []


def wanted_pause(reply: Reply) -> timedelta | None:
    """What Retry-After asks for, in either of its two forms."""
    wanted = reply.headers.get("retry-after", "").strip()
    if wanted.isdecimal():
        return timedelta(seconds=min(int(wanted), 10**6))
    try:
        pause = parsedate_to_datetime(wanted) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return max(pause, timedelta())


def spelled(sent: Prepared) -> str:
    """A request as one reads it in the vendor's documentation."""
    headers = sent.headers | dict.fromkeys(sent.sign_in.headers, STRUCK)
    lines = [f"{sent.method} {sent.url}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + f"\n\n{pretty(sent.body)}"


def pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
