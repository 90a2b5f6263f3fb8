"""The pieces a connector is made of: settings, requests, sign-ins, and the value itself. No network here."""

# ruff: noqa: F403, F405 - the kit offers what its parts do, and mypy knows what that is
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Generic
from urllib.parse import urlsplit

from connectors.configuring import *
from connectors.errors import *
from connectors.exchange import *
from connectors.hooks import *
from connectors.mailing import *
from connectors.markup import *
from connectors.replies import *
from connectors.signing_in import *
from connectors.snapshot import Snapshot as Snapshot
from connectors.words import *
from exceptions_app.errors import Refused
from exceptions_app.outbox.rates import Rate as Rate
from exceptions_app.vocabulary import Operation as Operation

Events = Iterator[Event]

EVERYTHING = frozenset(Operation)
CREATE, UPDATE, COMMENT = Operation.CREATE, Operation.UPDATE, Operation.COMMENT
CLOSE, REOPEN, ATTACH = Operation.CLOSE, Operation.REOPEN, Operation.ATTACH


# --- The value -------------------------------------------------------------------------------


ELSEWHERE = "Type it again: with this address it would go elsewhere than before."
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Connector(Generic[C]):
    """How to talk to one platform.

    ``change`` is how the record is kept in step, after which ``comment`` says what happened; ``update`` is
    both in one.
    ``cannot`` says of what is missing why the vendor has it not. ``safe`` are the operations that happen once
    however often they are sent; any other is left to a person when its outcome is uncertain, unless ``find``
    and ``found`` can look a record up by the case's number, which its search knows after a ``lag``.
    ``read`` asks for one record, and ``status_of`` says how its answer stands in our words. ``refusal`` reads
    the name of a refusal, which some give inside a success, and ``advice`` what people can do about it;
    ``passing`` are the names and statuses worth another try, beside 401, 408, 425, 429 and 5xx;
    ``pause_of`` reads how long a platform wants to be left alone where it does not say Retry-After.
    """

    slug: str
    name: str
    docs: str
    config: type[C]
    base_url: Callable[[C], str]
    create: Describe[C]
    external_id: Callable[[Reply], str]
    sign_in: Callable[[C], SignIn] = lambda config: SignIn()
    grant: Callable[[C], Grant | None] = lambda config: None
    test: Callable[[C], Request | None] | None = None
    change: Describe[C] | None = None
    update: Describe[C] | None = None
    comment: Describe[C] | None = None
    close: Describe[C] | None = None
    reopen: Describe[C] | None = None
    attach: Describe[C] | None = None
    find: Callable[[Snapshot, C], Request] | None = None
    found: Callable[[Reply], str] = lambda reply: ""
    lag: timedelta = timedelta()
    read: Callable[[str, C], Request] | None = None
    status_of: Callable[[Json, C], str] = lambda body, config: ""
    inbound: Inbound[C] | None = None
    cannot: Mapping[str, str] = field(default_factory=dict)
    safe: frozenset[Operation] = frozenset()
    rate: Rate = field(default=Rate(60))
    refusal: Callable[[Reply], str] = lambda reply: ""
    advice: Callable[[Reply], str] = lambda reply: ""
    passing: frozenset[int | str] = frozenset()
    pause_of: Callable[[Reply], timedelta | None] = lambda reply: None
    url_of: Callable[[str, C], str] = lambda id, config: ""
    contract: str | None = "{slug}.openapi.json"

    def describing(self, operation: Operation) -> Describe[C] | None:
        """What has no words of its own is said as an update, and that as the creation; a file never is."""
        own: Describe[C] | None = getattr(self, operation.value)
        if own is None and self.change and self.comment:
            own = in_turn(self.change, self.comment)
        return self.attach if operation == ATTACH else own or self.update or self.create

    @property
    def setup(self) -> str:
        """Where the platform's own interface wants our address, and what to tick there."""
        return self.config.setup

    @property
    def contract_file(self) -> str | None:
        """What the vendor publishes about its API, as kept beside the project."""
        return self.contract and self.contract.format(slug=self.slug)

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(operation for operation in Operation if self.describing(operation))

    @property
    def abilities(self) -> tuple[str, ...]:
        """What it can do, for people and machines; whether it is told back is ``inbound``."""
        looks = ("look_up",) if self.find or self.read else ()
        return (*(str(operation.value) for operation in self.operations), *looks)

    def bears_repeating(self, operation: Operation) -> bool:
        """Whether to send it again does no harm."""
        return operation in self.safe or (operation == CREATE and self.find is not None)

    def conversation(self, operation: Operation, case: Snapshot, config: C) -> Conversation:
        """The requests of one operation, whether it takes one or several."""
        describe = self.describing(operation)
        if describe is None:
            why = self.cannot.get(operation.value, "")
            raise Superseded(f"{self.name} has no way to {operation.label} a record. {why}".strip())
        talk = alone(describe(replace(case, operation=operation), config))
        return self.looked_up(talk, case, config) if operation == CREATE and case.again else talk

    def settled(self, given: Mapping[str, str], sealed: Mapping[str, str]) -> dict[str, object]:
        """The settings as they will be sealed; a secret that was typed for one server goes to no other."""
        found = self.config.settled(given, sealed)
        theirs = (each.name for each in self.config.schema() if each.secret and not each.ours)
        kept = [name for name in theirs if found.get(name) and not given.get(name)]
        if kept and self.leads_to(found) != self.leads_to({**found, **sealed}):
            raise Refused(ELSEWHERE, dict.fromkeys(kept, ELSEWHERE))
        return found

    def leads_to(self, settings: Mapping[str, object]) -> str:
        """Of ``acme.zendesk.com`` what is the vendor's; of a server that may be anybody's, all of it."""
        base = urlsplit(self.base_url(self.config.read(settings, sealed=True)))
        vendor = any(each.pattern == LABEL for each in self.config.schema())
        return base.netloc.partition(".")[2] if vendor else f"{base.scheme}://{base.netloc}"

    def looked_up(self, talk: Conversation, case: Snapshot, config: C) -> Conversation:
        """It may be there already: look before creating it again."""
        if self.find is not None:
            known = yield self.find(case, config)
            if external_id := self.found(known):
                raise Known(external_id)
        return (yield from talk)


class Known(Exception):
    """The record is there already; ``str()`` is its id."""
