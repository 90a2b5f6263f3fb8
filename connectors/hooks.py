"""What platforms tell us: how a call proves where it is from, and what it says (no network here)."""

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from connectors.configuring import Config
from exceptions_app.mirroring.news import News

Json = dict[str, Any]
C = TypeVar("C", bound=Config)
TOLERANCE = timedelta(minutes=5)
WRONG, MISSING = "The signature is wrong.", "The signature is missing."


@dataclass(frozen=True)
class Hook:
    """A call as it arrived; names of headers in lower case, ``url`` as the platform knows it."""

    url: str
    raw: bytes
    at: datetime
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(errors="replace"), keep_blank_values=True))

    @property
    def body(self) -> Any:
        """The JSON of it, also where it is one field of a form (``payload``); else the form."""
        text = self.raw.decode(errors="replace")
        try:
            return json.loads(text)
        except RecursionError:
            raise ValueError("The JSON is nested too deeply.") from None
        except ValueError:
            given = self.form
            return json.loads(given["payload"]) if "payload" in given else given


@dataclass(frozen=True, kw_only=True)
class Event(News):
    """What a call tells. ``look``: it names the record only, so read it."""

    look: bool = False

    @property
    def says_something(self) -> bool:
        told = (self.status, self.comment, self.assignee_email, self.severity, self.verb, self.look)
        return bool(self.external_id or self.number) and any(told)


@dataclass(frozen=True)
class Said:
    """What a handshake is answered; ``keep`` are settings that it brought, such as the signing secret."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/plain"
    keep: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Signature(Generic[C]):
    """An HMAC over what ``signs`` says, compared with ``header`` as ``written`` (``"sha256={hex}"``).

    Some send several, separated by commas. ``signs`` is made of the ``{method}``, ``{url}``, ``{body}`` and
    ``{fields}`` of a call, and of the header with its time (``{X-Slack-Request-Timestamp}``): seconds or
    milliseconds since 1970, or ISO 8601.
    """

    header: str
    key: Callable[[C], str | bytes]
    written: str = "{hex}"
    digest: str = "sha256"
    signs: str = "{body}"

    @property
    def timestamp(self) -> str:
        """The header with the time of sending, where that is part of what is signed."""
        found = re.search(r"{(\w+-[\w-]+)}", self.signs)
        return found[1] if found else ""

    def signed(self, hook: Hook) -> bytes:
        known = {"method": hook.method.encode(), "url": hook.url.encode(), "body": hook.raw}

        def part(found: re.Match[bytes]) -> bytes:
            name = found[1].decode()
            if name == "fields":
                return "".join(f"{key}{given}" for key, given in sorted(hook.form.items())).encode()
            return known[name] if name in known else hook.header(name).encode()

        return re.sub(rb"{([\w-]+)}", part, self.signs.encode())

    def problem(self, hook: Hook, config: C) -> str:
        """Why it is not believed, or nothing."""
        given, wanted = hook.header(self.header), self.sign(hook, config)[self.header].encode()
        right = any(hmac.compare_digest(one.strip().encode(), wanted) for one in given.split(","))
        if not self.key(config) or not right:
            return WRONG if given else MISSING
        return stale(hook.header(self.timestamp), hook.at) if self.timestamp else ""

    def sign(self, hook: Hook, config: C) -> dict[str, str]:
        """The headers that the platform would send with it; the timestamp is there already."""
        key = self.key(config)
        key = key if isinstance(key, bytes) else key.encode()
        made = hmac.new(key, self.signed(hook), self.digest)
        base64 = b64encode(made.digest()).decode()
        return {self.header: self.written.format(hex=made.hexdigest(), base64=base64)}


@dataclass(frozen=True)
class Shared(Generic[C]):
    """A secret that the platform repeats in a header, where it signs nothing."""

    key: Callable[[C], str]
    header: str = "X-Flagstand-Secret"
    timestamp: str = ""
    wrong: str = "The secret is wrong."

    def given(self, hook: Hook) -> str:
        return hook.header(self.header)

    def problem(self, hook: Hook, config: C) -> str:
        given, wanted = self.given(hook), self.key(config)
        if wanted and hmac.compare_digest(given.encode(), wanted.encode()):
            return ""
        return self.wrong if given else "The secret is missing."

    def sign(self, hook: Hook, config: C) -> dict[str, str]:
        return {self.header: self.key(config)}


@dataclass(frozen=True)
class InAddress(Shared[C]):
    """A secret that people add to our address (``?key=…``), where a platform can repeat nothing else."""

    wrong: str = "The secret in the address is wrong."

    def given(self, hook: Hook) -> str:
        return dict(parse_qsl(urlsplit(hook.url).query)).get("key", "")

    def sign(self, hook: Hook, config: C) -> dict[str, str]:
        return {}

    def address(self, url: str, config: C) -> str:
        return f"{url}?{urlencode({'key': self.key(config)})}"


def stale(given: str, at: datetime) -> str:
    try:
        sent = instant(given)
    except (ValueError, OverflowError, OSError):
        return "It does not say when it was sent."
    return "" if abs(at - sent) <= TOLERANCE else "It is too old, or from the future."


def instant(given: str) -> datetime:
    if re.fullmatch(r"[\d.]+", given):
        seconds = float(given)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    sent = datetime.fromisoformat(given)
    return sent if sent.tzinfo else sent.replace(tzinfo=UTC)


def unbase64(text: str) -> bytes:
    """A key that is given as base64; what is not base64 is no key."""
    try:
        return b64decode(text)
    except ValueError:
        return b""


def challenged(hook: Hook, _: object) -> Said | None:
    """The handshake of those who want a word of theirs back (Slack, monday.com)."""
    word = dig(hook.body, "challenge")
    return Said(json.dumps({"challenge": word}), kind="application/json") if word else None


def knocked(method: str) -> Callable[[Hook, object], Said | None]:
    """The handshake of those who only look whether there is somebody."""
    return lambda hook, _: Said() if hook.method == method else None


def by_content(hook: Hook) -> str:
    """The same call again is the same bytes again."""
    return sha256(hook.raw).hexdigest()


def by_moment(hook: Hook) -> str:
    """Where all calls about a record are the same bytes, each is a reason to look."""
    return f"{hook.at:%Y%m%d%H%M%S%f}-{by_content(hook)}"


def of_header(name: str) -> Callable[[Hook], str]:
    """The platform numbers its calls; without the number the content counts."""
    return lambda hook: hook.header(name) or by_content(hook)


def of_body(*path: str | int) -> Callable[[Hook], str]:
    """The same with the number in the body, where a count of tries makes each repeat another text."""
    return lambda hook: str(dig(hook.body, *path)) or by_content(hook)


Reads = Callable[[Any, C], Iterable[Event]]


@dataclass(frozen=True)
class Inbound(Generic[C]):
    """How one platform tells us; where its own interface wants our address says the docstring of its Config.

    ``reads`` gets the body, and gives what happened; ``event_id`` names the call, so that a repeat is known.
    ``handshake`` answers what platforms ask before they send, or gives None. ``answer`` is what a call that
    was taken is answered, where the platform shows that to people or does something with it.
    """

    proof: "Signature[C] | Shared[C] | InAddress[C] | Proof[C]"
    reads: Reads[C]
    event_id: Callable[[Hook], str] = by_content
    handshake: Callable[[Hook, C], Said | None] = lambda hook, config: None
    answer: Callable[[Hook], Said] = lambda hook: Said()
    stamp: Callable[[datetime], str] = lambda at: str(int(at.timestamp()))

    def read(self, body: Any, config: C) -> list[Event]:
        return [event for event in self.reads(body, config) if event.says_something]


def naming(*paths: tuple[str, ...], author: str = "") -> Reads[Any]:
    """Calls that name a record, at one of these paths, and not what happened to it: it is asked for."""

    def read(body: object, _: object) -> Iterator[Event]:
        name = next((found for path in paths if (found := text(body, *path))), "")
        yield Event(external_id=name, author=text(body, author), look=True)

    return read


@dataclass(frozen=True, kw_only=True)
class Proof(Generic[C]):
    """A scheme of the platform's own: ``problem`` gives why it is not believed, ``sign`` the headers.

    Some prove who calls and not what is said: those do not cover the body.
    """

    problem: Callable[[Hook, C], str]
    sign: Callable[[Hook, C], dict[str, str]]
    timestamp: str = ""
    covers_body: bool = True


def listed(found: Any, *path: str | int) -> list[Any]:
    """The list at the end of a path; what is no list is an empty one."""
    there = dig(found, *path)
    return there if isinstance(there, list) else []


def text(found: Any, *path: str | int) -> str:
    return str(dig(found, *path))


def dig(found: Any, *path: str | int) -> Any:
    """What lies at the end of a path into JSON, or an empty text."""
    for name in path:
        match found, name:
            case dict(), str():
                found = found.get(name)
            case list(), int() if -len(found) <= name < len(found):
                found = found[name]
            case _:
                return ""
    return "" if found is None else found
