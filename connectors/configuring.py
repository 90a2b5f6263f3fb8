"""What a connection is configured with: a dataclass whose fields are the form, the docs and the checks."""

import dataclasses
import functools
import re
import typing
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, dataclass_transform

from exceptions_app.errors import Refused
from exceptions_app.strength import STRONG, WORD
from exceptions_app.strength import WHSEC as WHSEC

#: Patterns of settings: one label of a host name, an e-mail address, a telephone.
LABEL = r"[a-z0-9][a-z0-9-]*"
PHONE = r"\+[1-9][0-9]{6,14}"
ADDRESS = r"[^@\s]+@[^@\s]+"
#: Whatever stands around it; from a file of JSON its lines come with \n written out.
PEM = r"(?s).*-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----.*"
#: What no header and no database takes. Of secrets a key in PEM alone has lines.
UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: A shorter secret stands in every other word, and striking it out would tell it.
SHORTEST = 6


def setting(
    label: str,
    example: str = "",
    help: str = "",
    *,
    default: Any = dataclasses.MISSING,
    pattern: str = "",
    when: str = "",
) -> Any:
    """A field of a connect form. Without a default it must be filled in; with ``when``, if that is chosen
    (``"JWT bearer"``, ``"one or another"``).
    """
    facts = {"label": label, "example": example, "help": help, "pattern": pattern, "when": when}
    return field(default="" if when else default, metadata=facts | {"secret": False})


def secret(label: str, example: str = "", help: str = "", **more: Any) -> Any:
    """The same, masked in forms, sealed at rest and struck out of every record."""
    plain = setting(label, example, help, **more)
    return field(default=plain.default, repr=False, metadata=plain.metadata | {"secret": True})


def hook_secret(label: str, help: str = "") -> Any:
    """An optional secret of ours to choose, which whoever calls us carries; a weak one is not taken."""
    return secret(label, "k3bWJ0bG9uZ2VyLXRoYW4tMjQ", help, default="", pattern=WORD)


def private_key(help: str, when: str) -> Any:
    example = "-----BEGIN PRIVATE KEY----- … -----END PRIVATE KEY-----"
    return secret("Private key", example, help, pattern=PEM, when=when)


def mapped(
    label: str,
    example: str = "",
    help: str = "",
    names: Iterable[str] = ("[^=,]+",),
    value: str = "[^=,]*",
) -> Any:
    """An optional field that maps names to values: ``"high=17, low=18"``; both are given as patterns.

    ``{}`` in the help stands for the names.
    """
    told = help.replace("{}", ", ".join(names))
    one = rf"\s*({'|'.join(names)})\s*=\s*{value}\s*"
    return setting(label, example, told, default="", pattern=f"{one}(,{one})*")


def pairs(text: str) -> dict[str, str]:
    """What such a field says, its names in lower case; an empty value says that there is none."""
    given = (each.partition("=") for each in text.split(",") if "=" in each)
    return {name.strip().lower(): value.strip() for name, _, value in given}


def named(text: str, value: object) -> str:
    """The first name that it maps to this value, in whatever case; or nothing."""
    wanted = str(value).lower()
    return next((name for name, one in pairs(text).items() if one and one.lower() == wanted), "")


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
    when: str
    secret: bool

    @property
    def ours(self) -> bool:
        """Whether it is a secret for us to choose; others are made over there."""
        return self.pattern in STRONG

    @property
    def required(self) -> bool:
        return self.default is dataclasses.MISSING

    def problem(self, value: object, *, new: bool = True, sealed: bool = False) -> str:
        """Why this value cannot be taken, or nothing. What is sealed has to be of its kind only, and a secret
        of ours be strong if it is new.
        """
        if type(value) is not self.kind:
            return f"{self.label} must be {SPOKEN[self.kind]}."
        if self.choices and value not in self.choices:
            return f"{self.label} must be one of {', '.join(self.choices)}."
        looks = bool(self.pattern) and (new or not (self.ours or sealed))
        if looks and not re.fullmatch(self.pattern, str(value)):
            return f"{self.label} {STRONG.get(self.pattern, f'should look like {self.example}.')}"
        lines = self.secret and "PEM" not in self.help and re.search(r"[\r\n]", str(value))
        if new and (lines or UNSENDABLE.search(str(value))):
            return f"{self.label} holds a character that cannot be sent. Paste it again."
        if new and self.secret and len(str(value)) < SHORTEST:
            return f"{self.label} must be {SHORTEST} characters or more."
        return ""

    def tidied(self, value: Any) -> Any:
        """What was pasted whole: an address of which the first part is asked, a telephone with spaces."""
        if not isinstance(value, str):
            return value
        text, _, rest = value.strip(), *self.help.partition("Before ")[1:]
        if rest.startswith("."):
            return re.sub("^https?://", "", text).partition("/")[0].removesuffix(rest)
        return re.sub(r"\(0\)|[\s()./-]", "", text) if self.pattern == PHONE else text

    def asked(self, chosen: Collection[object]) -> bool:
        """Whether it is needed for what is chosen."""
        return any(one in chosen for one in self.when.split(" or "))

    def sample(self) -> Any:
        return self.example if self.required or self.when else self.default


SPOKEN: Mapping[type, str] = {str: "text", int: "a whole number", bool: "true or false"}


@dataclass_transform(
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(setting, secret, mapped, hook_secret, private_key),
)
class Config:
    """Settings of one connection. Subclasses become frozen dataclasses; their fields are the schema.

    What a docstring of theirs says is to be done over there is ``setup``.
    """

    setup: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.setup = " ".join((cls.__doc__ or "").split())
        dataclass(frozen=True, kw_only=True)(cls)

    @classmethod
    @functools.cache
    def schema(cls) -> tuple[Setting, ...]:
        schema, hints = [], typing.get_type_hints(cls)
        for each in dataclasses.fields(cls):  # type: ignore[arg-type]  # made one above
            choices = typing.get_args(hints[each.name])  # a Literal is a choice of texts
            kind = str if choices else hints[each.name]
            schema.append(Setting(each.name, kind, choices, each.default, **each.metadata))
        return tuple(schema)

    @classmethod
    def read(
        cls, given: Mapping[str, Any], new: Collection[str] = (), *, sealed: bool = False
    ) -> Self:
        """Take these settings, or refuse and say what is wrong with each. What is ``sealed`` already goes on,
        though it might be refused today.
        """
        schema = {each.name: each for each in cls.schema()}
        filled = {name: value for name, value in given.items() if value not in ("", None)}
        chosen = {filled.get(name, each.default) for name, each in schema.items() if each.choices}
        wrong = dict.fromkeys(filled.keys() - schema.keys(), "There is no such setting.")
        for name, each in schema.items():
            if name in filled:
                wrong[name] = each.problem(filled[name], new=name in new, sealed=sealed)
            elif each.required or (each.asked(chosen) and not sealed):
                wrong[name] = f"{each.label} is missing."
        if wrong := {name: problem for name, problem in wrong.items() if problem}:
            raise Refused(" ".join(wrong.values()), wrong)
        return cls(**filled)

    @classmethod
    def settled(cls, given: Mapping[str, Any], sealed: Mapping[str, Any]) -> dict[str, Any]:
        """These settings as they will be sealed: a secret that is not given stays as it is.

        Refused with what is wrong with each; a number or a tick is expected as one. Sealed before is not new.
        """
        schema = {each.name: each for each in cls.schema()}
        tidy = {name: schema[name].tidied(one) for name, one in given.items() if name in schema}
        kept = {name: tidy.get(name) or sealed.get(name) for name in schema if schema[name].secret}
        wanted = {**given, **tidy, **kept}
        filled = {name: value for name, value in wanted.items() if value not in ("", None)}
        new = [name for name, value in tidy.items() if value and value != sealed.get(name)]
        cls.read(filled, new)
        return filled

    @classmethod
    def sample(cls) -> Self:
        """Settings made of the examples, for golden files and captures."""
        return cls.read({each.name: each.sample() for each in cls.schema()})

    def secrets(self) -> tuple[str, ...]:
        return tuple(filter(None, (getattr(self, e.name) for e in self.schema() if e.secret)))
