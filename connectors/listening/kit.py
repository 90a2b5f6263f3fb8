"""What a source format is made of: settings, proof, reading, and the value itself. No network here."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from connectors.configuring import Config as Config
from connectors.configuring import Setting
from connectors.configuring import secret as secret
from connectors.configuring import setting as setting
from connectors.hooks import Hook as Hook
from connectors.hooks import Json, by_content
from connectors.hooks import Proof as Proof
from connectors.hooks import Said as Said
from connectors.hooks import Shared as Shared
from connectors.hooks import Signature as Signature
from connectors.hooks import dig as dig
from connectors.hooks import of_body as of_body
from connectors.hooks import of_header as of_header
from exceptions_app.strength import LONG as LONG
from exceptions_app.strength import WHSEC
from exceptions_app.subjects.attributes import MOST_NUMBER, one_spelling

C = TypeVar("C", bound=Config)
#: A signal as the API takes it, without the source; its reference may be ``Sought``.
Signal = dict[str, Any]
MOST_ID, MOST_REFERENCE, MOST_LABEL, MOST_NOTE = 120, 80, 160, 500
LONG_AGO = datetime.min.replace(tzinfo=UTC)
#: A date that some write as its first instant.
MIDNIGHT = "T00:00:00"


class SaysNothing(Exception):
    """There is nothing in this call for us; the sentence says why."""


@dataclass(frozen=True)
class Sought:
    """A reference that only the desk knows.

    Of the order that this ``parcel`` belongs to, by its tracking number, or of what an earlier ``signal``
    of the source was about. Once nobody has known it for ``patience``, the subject goes by ``alone``.
    """

    alone: str
    parcel: str = ""
    signal: str = ""
    patience: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Call(Hook):
    """A call as it is read; ``zone`` is the site's, in which a day ends that names no zone."""

    zone: tzinfo = UTC


@dataclass(frozen=True)
class Published:
    """Where public keys are, and the name of the one that a call was signed with."""

    url: str
    name: Callable[[Hook], str]


@dataclass(frozen=True, kw_only=True)
class Format(Generic[C]):
    """How one vendor tells what happens: how a call proves itself, and what signals are in it.

    ``tells`` is a sentence for the catalogue, and ``setup`` says where the vendor's own interface wants
    our address. ``event_id`` names a call, so that a retry is known. ``signed_at`` is the time that the
    signature covers, as it is written, where it covers one: the same again is a replay. ``keeps`` are the
    headers that say something. ``published`` is where public keys are, to be kept as the setting
    ``keys``; ``makes`` are settings that we make up ourselves. ``ours`` are for
    systems of our own customer, not for a vendor: they can be of several sites, and whoever sends is
    answered 400 if nothing could be taken.
    """

    slug: str
    name: str
    docs: str
    tells: str
    config: type[C]
    proof: "Signature[C] | Shared[C] | Proof[C]"
    read: Callable[[Call, C], Iterable[Signal]]
    setup: str
    event_id: Callable[[Hook], str] = by_content
    signed_at: Callable[[Hook], str] = lambda hook: ""
    stamp: Callable[[datetime], str] = lambda at: str(int(at.timestamp()))
    keeps: tuple[str, ...] = ()
    handshake: Callable[[Hook, C], Said | None] = lambda hook, config: None
    published: Published | None = None
    makes: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    ours: bool = False

    @property
    def contract_file(self) -> str:
        """What is published about the bodies, as kept beside the project."""
        return f"inbound-{self.slug}.schema.json"

    @property
    def drawn(self) -> tuple[Setting, ...]:
        """The settings that a person fills in."""
        return tuple(one for one in self.config.schema() if one.name not in self.makes)

    @property
    def later(self) -> frozenset[str]:
        """The secrets that the vendor may show only once it has our address."""
        return frozenset(o.name for o in self.drawn if o.secret and o.required and not o.ours)

    def lacks(self, settings: Mapping[str, Any]) -> str:
        """The secret without which no call can be believed, by its label; or nothing."""
        wanted = (one for one in self.drawn if one.secret and one.required)
        return next((one.label for one in wanted if not settings.get(one.name)), "")

    def signed(
        self, url: str, raw: bytes, headers: Mapping[str, str], at: datetime, config: C
    ) -> Hook:
        """A call as the vendor would make it."""
        stamp = {self.proof.timestamp: self.stamp(at)} if self.proof.timestamp else {}
        given = {name.lower(): value for name, value in {**headers, **stamp}.items()}
        call = Hook(url, raw, at, "POST", given)
        proof = {name.lower(): value for name, value in self.proof.sign(call, config).items()}
        return Hook(url, raw, at, "POST", given | proof)


def signing_secret(
    label: str = "Signing secret",
    help: str = "whsec_ and 24 to 64 random bytes in base64; the sender needs the same",
    strong: str = WHSEC,
) -> Any:
    """The secret of a sender of our own, as Standard Webhooks writes it."""
    return secret(label, "whsec_Zm9yIHRoZSBzYWtlIG9mIGFuIGV4YW1wbGU=", help, pattern=strong)


def of_parts(*paths: tuple[str, ...]) -> Callable[[Hook], str]:
    """What names a call that has no id: these of its body together; where all are missing, its content."""

    def name(hook: Hook) -> str:
        found = [words(hook.body, *path) for path in paths]
        return ":".join(found) if any(found) else by_content(hook)

    return name


def unpacked(given: Any) -> Any:
    """JSON that was written in base64; what is none says nothing."""
    try:
        return json.loads(b64decode(given or ""))
    except (ValueError, TypeError):
        return None


# --- Writing signals -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a signal is about; what is empty is not said."""

    reference: str | Sought
    label: str = ""
    tier: str = ""
    value: str = ""
    customer: Json = field(default_factory=dict)
    attributes: Json = field(default_factory=dict)

    def said(self) -> Json:
        whole: Json = {
            "reference": self.reference
            if isinstance(self.reference, Sought)
            else self.reference[:MOST_REFERENCE],
            "label": self.label[:MOST_LABEL],
            "tier": self.tier,
            "value": self.value,
            "customer": {name: value[:MOST_LABEL] for name, value in filled(self.customer).items()},
            "attributes": filled(self.attributes),
        }
        return filled(whole)


class More(TypedDict, total=False):
    """What a signal may say besides."""

    note: str
    promised_at: str
    reason: str
    milestones: Json
    parcels: Json


def told(kind: str, name: str, at: str, subject: Subject, **more: Unpack[More]) -> Signal:
    """A signal of this type; ``name`` is the vendor's own for it, so that the same again is a duplicate."""
    promised_at, reason = more.get("promised_at", ""), more.get("reason", "")
    said = {
        "note": more.get("note", "")[:MOST_NOTE],
        "promise": filled({"promised_at": promised_at, "reason": reason}) if promised_at else {},
        "milestones": more.get("milestones"),
        "parcels": more.get("parcels"),
    }
    fixed = {"external_id": named(name), "type": kind, "occurred_at": at, "subject": subject.said()}
    return fixed | filled(said)


def of_parcel(number: str) -> dict[str, Any]:
    """What a signal is said of, when it is said of this parcel and not of the whole order."""
    return {one_spelling(number)[:MOST_NUMBER]: {}}


def worded(**ours: str) -> dict[str, str]:
    """Our word for each of theirs: ``worded(scanned="in_transit held", delivered="delivered")``."""
    return {theirs: word for word, all_of in ours.items() for theirs in all_of.split()}


def filled(given: Mapping[str, Any]) -> Json:
    """Without what says nothing."""
    return {name: value for name, value in given.items() if value not in ("", None, {}, [])}


def named(name: str) -> str:
    """The name itself, or what stands for one that is too long to keep."""
    return name if len(name) <= MOST_ID else sha256(name.encode()).hexdigest()


def mark(name: str, at: str, *said: Any) -> str:
    """A name that tells two of one second apart by what they say."""
    return f"{name}:{at}:{sha256(repr(said).encode()).hexdigest()[:12]}"


def words(found: Any, *path: str | int) -> str:
    """The text at the end of a path; whatever is no text or number is none."""
    value = dig(found, *path)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def instant(given: Any) -> str:
    """A time as the intake wants it: seconds since 1970 as ISO 8601, and UTC where no zone is said.

    What is no time stays as it is, for the intake to refuse with its reason.
    """
    text = words(given)
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given, UTC).isoformat()
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return text
    return at.isoformat() if at.tzinfo else at.replace(tzinfo=UTC).isoformat()


def moment_of(at: Any) -> datetime:
    """Where a time stands among others, however they are written; what is no time comes first."""
    try:
        found = datetime.fromisoformat(str(at))
    except ValueError:
        return LONG_AGO
    return found if found.tzinfo else LONG_AGO


def by_end_of_day(given: Any, zone: tzinfo) -> str:
    """A promised time; one that is only a day is kept until that day is over, in the zone that it names.

    Many write a day as its first instant in UTC, which names none.
    """
    at = instant(given)
    if len(at) <= len("2026-11-21T00:00:00") or MIDNIGHT not in at[10:19]:
        return at
    try:
        day = datetime.fromisoformat(at.replace(MIDNIGHT, "T23:59:59", 1))
    except ValueError:
        return at
    return (day if day.utcoffset() else day.replace(tzinfo=zone)).isoformat()


def end_of(day: str, zone: tzinfo) -> str:
    """The end of a day written 2026-11-21 or 2026/11/21; what is written otherwise is nothing."""
    found = re.fullmatch(r"(\d{4})[-/](\d{2})[-/](\d{2})", day)
    return by_end_of_day(f"{'-'.join(found.groups())}{MIDNIGHT}", zone) if found else ""
