"""The pieces a connector is made of: settings, requests, sign-ins, and the value itself. No network here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

from connectors.configuring import ADDRESS as ADDRESS
from connectors.configuring import LABEL as LABEL
from connectors.configuring import WHSEC as WHSEC
from connectors.configuring import Config as Config
from connectors.configuring import mapped as mapped
from connectors.configuring import named as named
from connectors.configuring import own_secret as own_secret
from connectors.configuring import pairs as pairs
from connectors.configuring import secret as secret
from connectors.configuring import setting as setting
from connectors.errors import Permanent as Permanent
from connectors.errors import Superseded as Superseded
from connectors.exchange import Conversation as Conversation
from connectors.exchange import Describe as Describe
from connectors.exchange import Rate as Rate
from connectors.exchange import Reply as Reply
from connectors.exchange import Request as Request
from connectors.exchange import Upload as Upload
from connectors.exchange import csrf as csrf
from connectors.exchange import form as form
from connectors.exchange import get as get
from connectors.exchange import in_body as in_body
from connectors.exchange import in_header as in_header
from connectors.exchange import mail as mail
from connectors.exchange import patch as patch
from connectors.exchange import post as post
from connectors.exchange import put as put
from connectors.exchange import reset_at as reset_at
from connectors.exchange import seconds_in as seconds_in
from connectors.exchange import upload as upload
from connectors.exchange import with_less as with_less
from connectors.hooks import Event as Event
from connectors.hooks import Hook as Hook
from connectors.hooks import InAddress as InAddress
from connectors.hooks import Inbound as Inbound
from connectors.hooks import Proof as Proof
from connectors.hooks import Said as Said
from connectors.hooks import Shared as Shared
from connectors.hooks import Signature as Signature
from connectors.hooks import challenged as challenged
from connectors.hooks import dig as dig
from connectors.hooks import of_body as of_body
from connectors.hooks import of_header as of_header
from connectors.hooks import unbase64 as unbase64
from connectors.mailing import answering as answering
from connectors.mailing import envelope as envelope
from connectors.mailing import letter as letter
from connectors.mailing import message_id as message_id
from connectors.mailing import raw_mail as raw_mail
from connectors.markup import as_html as as_html
from connectors.markup import as_text as as_text
from connectors.replies import BUTTONS as BUTTONS
from connectors.replies import escaped as escaped
from connectors.replies import number_in as number_in
from connectors.replies import plain as plain
from connectors.replies import texted as texted
from connectors.replies import understood as understood
from connectors.signing_in import Grant as Grant
from connectors.signing_in import SignIn as SignIn
from connectors.signing_in import as_basic as as_basic
from connectors.signing_in import basic as basic
from connectors.signing_in import bearer as bearer
from connectors.signing_in import client_credentials as client_credentials
from connectors.signing_in import header as header
from connectors.signing_in import jwt_bearer as jwt_bearer
from connectors.signing_in import nobody as nobody
from connectors.signing_in import refresh_token as refresh_token
from connectors.signing_in import scheme as scheme
from connectors.snapshot import Snapshot
from connectors.statuses import FOUR_NAMES as FOUR_NAMES
from connectors.statuses import our_status as our_status
from connectors.statuses import their_status as their_status
from exceptions_app.vocabulary import Operation as Operation

Json = dict[str, Any]
C = TypeVar("C", bound=Config)

CREATE, UPDATE, COMMENT = Operation.CREATE, Operation.UPDATE, Operation.COMMENT
CLOSE, REOPEN, ATTACH = Operation.CLOSE, Operation.REOPEN, Operation.ATTACH


# --- The value -------------------------------------------------------------------------------


ONCE_A_SECOND = Rate(60)


def never_refuses(_: Reply) -> str:
    return ""


def nowhere(_: str, __: object) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Connector(Generic[C]):
    """How to talk to one platform.

    ``example_answer`` is what samples are answered where one request needs the answer to another.
    ``cannot`` says of what is missing why the vendor has it not. ``safe`` are the operations that happen once
    however often they are sent; any other is left to a person when its outcome is uncertain, unless ``find``
    and ``found`` can look a record up by the case's number. ``read`` asks for one record, and ``status_of``
    says how its answer stands in our words. ``refusal`` reads the name of a refusal, which some give inside a
    success; ``passing`` are the names and statuses worth another try, beside 401, 408, 425, 429 and 5xx;
    ``pause_of`` reads how long a platform wants to be left alone where it does not say Retry-After.
    """

    slug: str
    name: str
    docs: str
    config: type[C]
    base_url: Callable[[C], str]
    create: Describe[C]
    external_id: Callable[[Reply], str]
    example_id: str
    example_answer: Json = field(default_factory=dict)
    sign_in: Callable[[C], SignIn] = nobody
    grant: Callable[[C], Grant | None] = lambda config: None
    test: Callable[[C], Request | None] | None = None
    update: Describe[C] | None = None
    comment: Describe[C] | None = None
    close: Describe[C] | None = None
    reopen: Describe[C] | None = None
    attach: Describe[C] | None = None
    find: Callable[[Snapshot, C], Request] | None = None
    found: Callable[[Reply], str] = lambda reply: ""
    read: Callable[[str, C], Request] | None = None
    status_of: Callable[[Json, C], str] = lambda body, config: ""
    inbound: Inbound[C] | None = None
    cannot: Mapping[str, str] = field(default_factory=dict)
    safe: frozenset[Operation] = frozenset()
    rate: Rate = ONCE_A_SECOND
    refusal: Callable[[Reply], str] = never_refuses
    passing: frozenset[int | str] = frozenset()
    pause_of: Callable[[Reply], timedelta | None] = lambda reply: None
    url_of: Callable[[str, C], str] = nowhere
    contract: str | None = "{slug}.openapi.json"

    def describing(self, operation: Operation) -> Describe[C] | None:
        found: Describe[C] | None = getattr(self, operation.value)
        return found

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
        described = describe(case, config)
        talk = alone(described) if isinstance(described, Request) else described
        return self.looked_up(talk, case, config) if operation == CREATE and case.again else talk

    def looked_up(self, talk: Conversation, case: Snapshot, config: C) -> Conversation:
        """It may be there already: look before creating it again."""
        if self.find is not None:
            known = yield self.find(case, config)
            if external_id := self.found(known):
                raise Known(external_id)
        return (yield from talk)


class Known(Exception):
    """The record is there already, under this id."""

    def __init__(self, external_id: str) -> None:
        super().__init__(external_id)
        self.external_id = external_id


def alone(request: Request) -> Conversation:
    return (yield request)
