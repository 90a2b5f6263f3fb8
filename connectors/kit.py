"""The pieces a connector is made of: settings, requests, sign-ins, and the value itself. No network here."""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from connectors.configuring import ADDRESS as ADDRESS
from connectors.configuring import LABEL as LABEL
from connectors.configuring import Config as Config
from connectors.configuring import mapped as mapped
from connectors.configuring import named as named
from connectors.configuring import pairs as pairs
from connectors.configuring import secret as secret
from connectors.configuring import setting as setting
from connectors.errors import Permanent as Permanent
from connectors.errors import Superseded as Superseded
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


# --- What is sent, and what comes back -------------------------------------------------------


@dataclass(frozen=True)
class Upload:
    """A file in a multipart form, under the name ``part``."""

    part: str
    name: str
    content: str
    kind: str = "application/json"


@dataclass(frozen=True)
class Request:
    """One request as the vendor documents it; the path is relative to the connector's base, or a whole URL.

    The body is ``json``, a ``form``, an ``upload``, or ``text`` as it is.
    """

    method: str
    path: str = ""
    json: Any = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    upload: Upload | None = None


@dataclass(frozen=True)
class Reply:
    """What the platform answered; names of headers in lower case.

    ``body`` is its JSON object; a JSON array is found in it as ``items``, and without JSON it is empty.
    """

    status: int
    body: Json = field(default_factory=dict)
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


#: Requests in turn, each answered before the next; what it returns is the answer that counts.
Conversation = Generator[Request, Reply, Reply | None]
Describe = Callable[[Snapshot, C], Request | Conversation]


def get(
    path: str, query: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
) -> Request:
    return Request("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers or {})


def post(
    path: str,
    body: Json | list[Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Request:
    return Request("POST", path, body, headers=headers or {})


def put(
    path: str, body: Json | list[Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> Request:
    return Request("PUT", path, body, headers=headers or {})


def patch(path: str, body: Json, *, headers: Mapping[str, str] | None = None) -> Request:
    return Request("PATCH", path, body, headers=headers or {})


def form(path: str, fields: Mapping[str, str]) -> Request:
    """Sent as ``application/x-www-form-urlencoded``."""
    return Request("POST", path, form=fields)


def upload(path: str, part: str, case: Snapshot) -> Request:
    """The frozen evidence as a file in a multipart form."""
    return Request("POST", path, upload=Upload(part, case.evidence_name, case.evidence))


def mail(headers: Mapping[str, str], text: str) -> Request:
    """A message for a mail server; its base is ``smtps://`` or ``smtp+starttls://``."""
    return Request("MAIL", text=text, headers=headers)


def with_less(*requests: Request) -> Conversation:
    """The fullest first; what a platform refuses for something in it is said with less."""
    *fuller, least = requests
    for request in fuller:
        with suppress(Permanent):
            if request != least:
                return (yield request)
    return (yield least)


def in_body(*path: str | int) -> Callable[[Reply], str]:
    """Read an id out of the answer: ``in_body("ticket", "id")``, ``in_body("data", 0, "id")``."""
    return lambda reply: str(dig(reply.body, *path))


def in_header(name: str) -> Callable[[Reply], str]:
    """The same out of a header; of an address (``Location``) the last part."""
    return lambda reply: reply.headers.get(name.lower(), "").rstrip("/").rpartition("/")[2]


def csrf(reply: Reply) -> dict[str, str]:
    """The token that a changing call has to bring along, and the cookies it belongs to."""
    cookies = re.findall(r"(?:^|, )([^=;, ]+=[^;,]*)", reply.headers.get("set-cookie", ""))
    given = {"x-csrf-token": reply.headers.get("x-csrf-token", ""), "Cookie": "; ".join(cookies)}
    return {name: value for name, value in given.items() if value}


# --- How fast, and when again ----------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """How many requests in how many seconds a platform bears from one connection."""

    requests: int
    seconds: int = 60


def seconds_in(*path: str | int) -> Callable[[Reply], timedelta | None]:
    """How long it wants to be left alone, said in the answer's body in seconds."""

    def read(reply: Reply) -> timedelta | None:
        said = str(dig(reply.body, *path))
        return timedelta(seconds=float(said)) if said.replace(".", "", 1).isdecimal() else None

    return read


def reset_at(name: str) -> Callable[[Reply], timedelta | None]:
    """The same, said in a header: seconds from now or, if that many, since 1970."""

    def read(reply: Reply) -> timedelta | None:
        said = reply.headers.get(name.lower(), "")
        if not said.isdecimal():
            return None
        number = int(said) / (1000 if int(said) > 10**11 else 1)
        return timedelta(
            seconds=max(0.0, number - datetime.now(UTC).timestamp() if number > 10**8 else number)
        )

    return read


# --- The value -------------------------------------------------------------------------------


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
    rate: Rate = Rate(60)
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
