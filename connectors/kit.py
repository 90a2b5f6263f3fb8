"""The pieces a connector is made of: settings, requests, sign-ins, and the value itself. No network here."""

import dataclasses
import re
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import (
    Any,
    Generic,
    Literal,
    Self,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from urllib.parse import urlencode

from connectors.errors import Permanent as Permanent
from connectors.errors import Superseded
from connectors.snapshot import Snapshot
from exceptions_app.errors import Refused
from exceptions_app.vocabulary import Operation

Json = dict[str, Any]
C = TypeVar("C", bound="Config")

# --- What a connection is configured with ----------------------------------------------------


#: Patterns of settings: one label of a host name, an e-mail address.
LABEL = r"[a-z0-9][a-z0-9-]*"
ADDRESS = r"[^@\s]+@[^@\s]+"


def setting(
    label: str,
    example: str = "",
    help: str = "",
    *,
    default: Any = dataclasses.MISSING,
    pattern: str = "",
) -> Any:
    """A field of a connect form. Without a default it must be filled in."""
    facts = {"label": label, "example": example, "help": help, "pattern": pattern, "secret": False}
    return field(default=default, metadata=facts)


def secret(
    label: str, example: str = "", help: str = "", *, default: Any = dataclasses.MISSING
) -> Any:
    """The same, masked in forms, sealed at rest and struck out of every record."""
    facts = {"label": label, "example": example, "help": help, "pattern": "", "secret": True}
    return field(default=default, repr=False, metadata=facts)


@dataclass(frozen=True)
class Setting:
    """One field of a Config, as forms, docs and checks need it."""

    name: str
    kind: type[str] | type[int] | type[bool]
    choices: tuple[str, ...]
    default: Any
    label: str
    example: str
    help: str
    pattern: str
    secret: bool

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING

    def problem(self, value: object) -> str:
        """Why this value cannot be taken, or nothing."""
        if type(value) is not self.kind:
            return f"{self.label} must be {SPOKEN[self.kind]}."
        if self.choices and value not in self.choices:
            return f"{self.label} must be one of {', '.join(self.choices)}."
        if self.pattern and not re.fullmatch(self.pattern, str(value)):
            return f"{self.label} should look like {self.example}."
        return ""

    @property
    def shown_default(self) -> Any:
        return "" if self.required else self.default

    def sample(self) -> Any:
        return self.example if self.required else self.default


SPOKEN: Mapping[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(setting, secret))
class Config:
    """Settings of one connection. Subclasses become frozen dataclasses; their fields are the schema."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    def schema(cls) -> tuple[Setting, ...]:
        hints = get_type_hints(cls)
        return tuple(
            Setting(
                name=each.name,
                kind=str if get_origin(hints[each.name]) is Literal else hints[each.name],
                choices=get_args(hints[each.name]),
                default=each.default,
                **each.metadata,
            )
            for each in dataclasses.fields(cls)  # type: ignore[arg-type]  # made one above
        )

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Take these settings, or refuse and say what is wrong with each."""
        schema = {each.name: each for each in cls.schema()}
        filled = {name: value for name, value in given.items() if value not in ("", None)}
        wrong = dict.fromkeys(filled.keys() - schema.keys(), "There is no such setting.")
        for name, each in schema.items():
            if name in filled:
                wrong[name] = each.problem(filled[name])
            elif each.required:
                wrong[name] = f"{each.label} is missing."
        if wrong := {name: problem for name, problem in wrong.items() if problem}:
            raise Refused(" ".join(wrong.values()), wrong)
        return cls(**filled)

    @classmethod
    def sample(cls) -> Self:
        """Settings made of the examples, for golden files and captures."""
        return cls.read({each.name: each.sample() for each in cls.schema()})

    def secrets(self) -> tuple[str, ...]:
        found = (getattr(self, each.name) for each in self.schema() if each.secret)
        return tuple(value for value in found if value)


# --- What is sent, and what comes back -------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """One request as the vendor documents it; the path is relative to the connector's base."""

    method: str
    path: str = ""
    json: Json | None = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What the platform answered; ``body`` is empty unless it is a JSON object."""

    status: int
    body: Json = field(default_factory=dict)
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


#: Requests in turn, each answered before the next; what it returns is the answer that counts.
Conversation = Generator[Request, Reply, Reply | None]
Describe = Callable[[Snapshot, C], Request | Conversation]


def get(path: str, query: Mapping[str, str] | None = None) -> Request:
    return Request("GET", f"{path}?{urlencode(query)}" if query else path)


def post(
    path: str, body: Json | None = None, *, headers: Mapping[str, str] | None = None
) -> Request:
    return Request("POST", path, body, headers=headers or {})


def put(path: str, body: Json, *, headers: Mapping[str, str] | None = None) -> Request:
    return Request("PUT", path, body, headers=headers or {})


def patch(path: str, body: Json, *, headers: Mapping[str, str] | None = None) -> Request:
    return Request("PATCH", path, body, headers=headers or {})


def mail(headers: Mapping[str, str], text: str) -> Request:
    """A message for a mail server; its base is ``smtps://`` or ``smtp+starttls://``."""
    return Request("MAIL", text=text, headers=headers)


def in_body(*path: str) -> Callable[[Json], str]:
    """Read an id out of the answer: ``in_body("ticket", "id")``."""

    def read(body: Json) -> str:
        found: Any = body
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return "" if found is None else str(found)

    return read


# --- Who we say we are -----------------------------------------------------------------------


@dataclass(frozen=True)
class SignIn:
    """Headers to send along; mail servers want name and password themselves."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""
    password: str = field(default="", repr=False)


def bearer(token: str) -> SignIn:
    return SignIn({"Authorization": f"Bearer {token}"})


def basic(name: str, password: str) -> SignIn:
    given = b64encode(f"{name}:{password}".encode()).decode()
    return SignIn({"Authorization": f"Basic {given}"}, name, password)


def nobody(_: object) -> SignIn:
    return SignIn()


# --- The value -------------------------------------------------------------------------------


def never_refuses(_: Json) -> str:
    return ""


def nowhere(_: str, __: object) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Connector(Generic[C]):
    """How to talk to one platform.

    ``refusal`` reads the name of a refusal, which some give inside a success; ``passing`` are the names and
    statuses that are worth another try, beside 401, 408, 425, 429 and 5xx.
    """

    slug: str
    name: str
    docs: str
    config: type[C]
    base_url: Callable[[C], str]
    create: Describe[C]
    external_id: Callable[[Json], str]
    example_id: str
    sign_in: Callable[[C], SignIn] = nobody
    test: Request | None = None
    update: Describe[C] | None = None
    comment: Describe[C] | None = None
    close: Describe[C] | None = None
    reopen: Describe[C] | None = None
    refusal: Callable[[Json], str] = never_refuses
    passing: frozenset[int | str] = frozenset()
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

    def conversation(self, operation: Operation, case: Snapshot, config: C) -> Conversation:
        """The requests of one operation, whether it takes one or several."""
        describe = self.describing(operation)
        if describe is None:
            raise Superseded(f"{self.name} has no way to {operation.label} a record.")
        described = describe(case, config)
        return alone(described) if isinstance(described, Request) else described


def alone(request: Request) -> Conversation:
    return (yield request)
