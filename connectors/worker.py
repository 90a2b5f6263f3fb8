"""Performs a delivery: planned with the database, sent without it, settled with it; and tries connections."""

import logging
import time
import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from connectors import snapshot
from connectors.account import Account, redactor
from connectors.answers import judge, spelled
from connectors.client import Prepared
from connectors.errors import Busy, DeliveryError, Permanent, Superseded, Temporary, Uncertain
from connectors.kit import Connector, Known, Reply, Request
from connectors.redaction import Redactor
from connectors.registry import rate_of
from connectors.snapshot import Snapshot
from exceptions_app.models import Connection, Delivery
from exceptions_app.outbox import gates, outcomes
from exceptions_app.outbox.outcomes import LONGEST_OBEYED, NO_RECORD, Linked, Taken, Tried
from exceptions_app.vocabulary import Operation

MOST_KEPT = 64_000
STOPPED = "The worker was stopped while it was sending this."

log = logging.getLogger(__name__)


class Try:
    """One try at a delivery. ``perform`` may run in a thread: it needs no database."""

    def __init__(self, delivery: Delivery, *, at: datetime) -> None:
        self.delivery, self.at, self.began = delivery, at, time.monotonic()
        self.operation = Operation(delivery.operation)
        self.exchanges: list[tuple[Prepared, Reply | None]] = []
        self.less = ""
        self.error: DeliveryError | None = None
        self.link: Linked | None = None
        self.account: Account | None = None
        try:
            self.case = snapshot.of(delivery)
            # Kept with it: what we said is known again when the platform tells us of it.
            delivery.text = self.case.text
            self.account = Account(delivery.connection)
            self._recheck()
            self._insist_on_certainty(self.account.connector)
        except DeliveryError as error:
            self.error = error
        except DatabaseError:
            raise  # it passes, and the lease brings the delivery back
        except Exception as fault:  # noqa: BLE001 - as in perform
            self.error = self._mistaken(fault)

    def _recheck(self) -> None:
        """The case may have moved on since this was owed; what is reopened may have no record yet."""
        if reason := moved_on(self.operation, self.case):
            raise Superseded(reason)
        if self.operation == Operation.REOPEN and not self.case.external_id:
            self.operation = Operation.CREATE
        if self.operation != Operation.CREATE and not self.case.external_id:
            raise Superseded(NO_RECORD)

    def _insist_on_certainty(self, connector: Connector[Any]) -> None:
        """A claim that never reported may have sent it; a search has to have the time to know of it."""
        made = self.operation == Operation.CREATE and connector.lag
        if self.delivery.attempts < 2 or (connector.bears_repeating(self.operation) and not made):
            return
        reported = self.delivery.tries.filter(at__gte=self.delivery.owed_at)
        stopped = self.delivery.attempts - 1 - reported.count()
        if stopped > reported.filter(verdict=STOPPED).count():
            raise Uncertain(STOPPED)

    def perform(self) -> "Try":
        try:
            if self.error is None and self.account:
                self.link = self._talk(self.account)
        except DeliveryError as error:
            self.error = error
        except Exception as fault:  # noqa: BLE001 - one connector's fault must not stop the others
            self.error = self._mistaken(fault)
        return self

    def _mistaken(self, fault: Exception) -> Permanent:
        log.error("a connector failed: %s", redactor(self.account)(traceback.format_exc()))
        return Permanent(f"Flagstand made a mistake ({type(fault).__name__}); it is logged.")

    def _talk(self, account: Account) -> Linked:
        """Ask what the connector describes, one request after the other."""
        talk = account.connector.conversation(self.operation, self.case, account.config)
        reply: Reply | None = None
        try:
            request = next(talk)
            while True:
                try:
                    reply = self._exchange(account, request)
                except Permanent as refusal:
                    request = talk.throw(refusal)
                else:
                    request = talk.send(reply)
        except StopIteration as end:
            return self._linked(account, self._id_in(account, end.value or reply))
        except Known as known:
            return self._linked(account, str(known))
        except Temporary:
            if made := self._made(account):
                return self._linked(account, made)  # the rest follows with the next change
            raise

    def _made(self, account: Account) -> str:
        """The record that a creation has made before something else of it failed."""
        taken = [got for sent, got in self.exchanges if got and sent.method != "GET"]
        for reply in taken if self.operation == Operation.CREATE else ():
            found = account.connector.external_id(reply) if reply.status < 300 else ""
            if found and not account.connector.refusal(reply):
                return found
        return ""

    def _exchange(self, account: Account, request: Request) -> Reply:
        prepared = account.prepare(request)
        self.exchanges.append((prepared, None))
        try:
            sent, reply = account.ask(request, prepared)
        except Uncertain as doubt:
            if request.method == "GET":
                raise Temporary(str(doubt)) from None
            raise
        self.exchanges[-1] = (sent, reply)
        judge(account.connector, reply)
        self.less = self.less or request.less
        return reply

    def _id_in(self, account: Account, reply: Reply | None) -> str:
        if self.operation != Operation.CREATE:
            return self.case.external_id
        external_id = account.connector.external_id(reply or Reply(0))
        if not 0 < len(external_id) <= 200:
            raise Uncertain("The answer names no record.")
        return external_id

    def _linked(self, account: Account, external_id: str) -> Linked:
        return Linked(external_id, account.url_of(external_id), self.case.status)

    def taken(self) -> Taken:
        took = time.monotonic() - self.began
        at, told = self.at + timedelta(seconds=took), self._told(round(took * 1000))
        return Taken(self.delivery, at, told, self.link)

    @transaction.atomic
    def settle(self) -> None:
        """Write down what became of it, all or nothing: whoever could not may try again."""
        taken = self.taken()
        at, told, sentence = taken.at, taken.attempt, taken.attempt.verdict
        match self.error:
            case None:
                outcomes.succeed(self.delivery, at=at, attempt=told, link=self.link)
            case Superseded():
                outcomes.supersede(self.delivery, at=at, reason=sentence)
            case Uncertain() if not self._bears_repeating():
                outcomes.doubt(self.delivery, at=at, reason=sentence, attempt=told)
            case Temporary(after=after):
                after = max(after or timedelta(), self._lag())
                outcomes.retry(self.delivery, at=at, error=sentence, attempt=told, after=after)
            case _:
                outcomes.bury(self.delivery, at=at, reason=sentence, attempt=told)
        self._mind_gate(at)

    def _mind_gate(self, at: datetime) -> None:
        pk, rate = self.delivery.connection_id, rate_of(self.delivery.connection.platform)
        if len(self.exchanges) > 1:
            gates.spend(pk, rate, at=at, requests=len(self.exchanges) - 1)
        # If a worker of ours was stopped (Uncertain), that says nothing about the platform.
        if self.exchanges or type(self.error) is Temporary:
            mind_gate(pk, self.error, at=at)

    def _lag(self) -> timedelta:
        """What may have been made just now is not found before its platform's search knows of it."""
        made = isinstance(self.error, Uncertain) and self.operation == Operation.CREATE
        return self.account.connector.lag if made and self.account else timedelta()

    def _bears_repeating(self) -> bool:
        return self.account is None or self.account.connector.bears_repeating(self.operation)

    def _told(self, took_ms: int) -> Tried:
        last, reply = self.exchanges[-1] if self.exchanges else (Prepared("", ""), None)
        # What was refused first may be missing there, and nobody would notice.
        taken = f"Taken, but not all of it: {self.less}" if self.less else "Taken."
        redact = redactor(self.account)  # made anew each time it is asked for
        return Tried(
            at=self.at,
            ok=self.error is None,
            verdict=keepable(redact, str(self.error or taken)),
            took_ms=took_ms,
            method=last.method,
            url=keepable(redact, last.url),
            request=keepable(redact, "\n\n".join(spelled(sent) for sent, _ in self.exchanges)),
            status=reply.status if reply else None,
            answer=keepable(redact, "\n\n".join(got.text for _, got in self.exchanges if got)),
        )


def mind_gate(connection_id: int, error: DeliveryError | None, *, at: datetime) -> None:
    """What the others may expect of this connection after that."""
    match error:
        case Busy(after=timedelta() as after):
            gates.hold(connection_id, until=at + min(after, LONGEST_OBEYED))
        case Temporary() if not isinstance(error, Busy):
            gates.note_failure(connection_id, at=at)
        case _:
            gates.note_answer(connection_id)


def keepable(redact: Redactor, text: str) -> str:
    """Struck out before it is cut, or half a secret would stay; PostgreSQL takes no NUL."""
    return redact(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")[:MOST_KEPT]


@dataclass(frozen=True)
class Probed:
    """What came of a round trip, redacted."""

    verdict: str
    request: str = ""
    answer: str = ""
    ok: bool = field(kw_only=True)


def moved_on(operation: Operation, case: Snapshot) -> str:
    """Why there is nothing to tell any more, or nothing."""
    settled, status = not case.is_open, case.status.replace("_", " ")
    match operation:
        case Operation.CREATE if settled and not case.external_id:
            return f"{case.number} was {status} before anything was opened there."
        case Operation.REOPEN if settled:
            return f"{case.number} is {status} again."
        case Operation.CLOSE if not settled:
            return f"{case.number} is open again."
    return ""


def round_trip(connection: Connection) -> Probed:
    """Ask something harmless: what was asked, what was answered, and the verdict as a sentence."""
    account: Account | None = None
    request = answer = ""
    ok = False
    try:
        account = Account(connection)
        found = account.connector.name
        verdict = f"{found} answers, and takes the sign-in."
        if account.connector.test and (test := account.connector.test(account.config)):
            sent, reply = account.ask(test)
            request, answer = spelled(sent), reply.text
            judge(account.connector, reply)
        else:
            account.renew()
            verdict = f"{found} has nothing harmless to ask; the settings are complete."
        ok = True
    except DeliveryError as error:
        verdict = str(error)
    redact = redactor(account)
    return Probed(redact(verdict), redact(request), redact(answer)[:MOST_KEPT], ok=ok)


def probe(connection: Connection) -> Probed:
    """Ask something harmless, and remember how it went: what answers need not stay open."""
    probed, at = round_trip(connection), timezone.now()
    if probed.ok and not probed.request:
        return probed  # nothing was asked, so nothing is known
    if probed.ok:
        gates.note_answer(connection.pk)
    told = {"succeeded_at": at, "last_error": ""}
    failed = {"failed_at": at, "last_error": probed.verdict[:500]}
    Connection.objects.filter(pk=connection.pk).update(**(told if probed.ok else failed))
    return probed
