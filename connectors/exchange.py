"""What is sent, what comes back, and when again; and turns that several platforms need (no network here)."""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from connectors.errors import Permanent, Stuck
from connectors.hooks import C, Json, dig, listed
from connectors.snapshot import Snapshot


@dataclass(frozen=True)
class Request:
    """One request as the vendor documents it; the path is relative to the connector's base, or a whole URL.

    The body is ``json``, a ``form``, ``files`` of a multipart form (name, content and type of each, by the
    name of its part), or ``text`` as it is. ``less`` is what was refused before it, if it says less.
    ``hidden`` is what of the body nobody writes down.
    """

    method: str
    path: str = ""
    json: Any = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, str, str]] | None = None
    less: str = field(default="", compare=False)
    hidden: str = field(default="", compare=False)


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
Send = Callable[[Json], Request]


def get(path: str, query: Mapping[str, str] = {}, headers: Mapping[str, str] = {}) -> Request:
    return Request("GET", f"{path}?{urlencode(query)}" if query else path, headers=headers)


#: A mail has ``headers`` and ``text``, and for a base ``smtps://`` or ``smtp+starttls://``. Without a
#: Message-ID the server is only asked whether it would take one.
post, put, patch, mail = (partial(Request, method) for method in ("POST", "PUT", "PATCH", "MAIL"))


def upload(path: str, part: str, case: Snapshot) -> Request:
    """The frozen evidence as a file in a multipart form."""
    file = (case.evidence_name, case.evidence, "application/json")
    return Request("POST", path, files={part: file})


def in_body(*path: str | int) -> Callable[[Reply], str]:
    """Read an id out of the answer: ``in_body("ticket", "id")``, ``in_body("data", 0, "id")``."""
    return lambda reply: str(dig(reply.body, *path))


def in_header(name: str) -> Callable[[Reply], str]:
    """The same out of a header; of an address (``Location``) the last part."""
    return lambda reply: reply.headers.get(name.lower(), "").rstrip("/").rpartition("/")[2]


def either(*readings: Callable[[Reply], str]) -> Callable[[Reply], str]:
    """The first of them that finds something."""
    return lambda reply: next((found for read in readings if (found := read(reply))), "")


def csrf(reply: Reply) -> dict[str, str]:
    """The token that a changing call has to bring along, and the cookies it belongs to."""
    cookies = re.findall(r"(?:^|, )([^=;, ]+=[^;,]*)", reply.headers.get("set-cookie", ""))
    given = {"x-csrf-token": reply.headers.get("x-csrf-token", ""), "Cookie": "; ".join(cookies)}
    return {name: value for name, value in given.items() if value}


def spell(seconds: float) -> timedelta:
    """So long, whatever nonsense says how long."""
    return timedelta(seconds=min(max(seconds, 0.0), 1e6))


def seconds_in(*path: str | int) -> Callable[[Reply], timedelta | None]:
    """How long it wants to be left alone, said in the answer's body in seconds."""

    def read(reply: Reply) -> timedelta | None:
        said = str(dig(reply.body, *path))
        return spell(float(said)) if said.replace(".", "", 1).isdecimal() else None

    return read


def reset_at(name: str) -> Callable[[Reply], timedelta | None]:
    """The same, said in a header: seconds from now or, if that many, since 1970."""

    def read(reply: Reply) -> timedelta | None:
        said = reply.headers.get(name.lower(), "")[:20]
        if not said.isdecimal():
            return None
        number = int(said) / (1000 if int(said) > 10**11 else 1)
        return spell(number - datetime.now(UTC).timestamp() if number > 10**8 else number)

    return read


# --- Turns that several platforms need: more than one request for one thing that is to be said --


def with_less(*requests: Request) -> Conversation:
    """The fullest first; what a platform refuses for something in it is said with less."""
    (*fuller, least), why = requests, ""
    for request in fuller:
        try:
            if request != least:
                return (yield replace(request, less=why))
        except Permanent as refusal:
            why = why or str(refusal)
    return (yield replace(least, less=why))


def alone(described: Request | Conversation) -> Conversation:
    if isinstance(described, Request):
        return (yield described)
    return (yield from described)


def in_turn(first: Describe[C], then: Describe[C]) -> Describe[C]:
    """The record is changed, and then what happened is said; once also where it is stuck."""

    def told(case: Snapshot, config: C) -> Conversation:
        try:
            yield from alone(first(case, config))
        except Stuck:
            if not case.again:
                yield from alone(then(case, config))
            raise
        return (yield from alone(then(case, config)))

    return told


def with_or_without(send: Send, body: Json, **more: object) -> Conversation:
    """With these as well, as far as there are any; if the platform refuses that, without them."""
    given = {name: value for name, value in more.items() if value}
    return with_less(send(body | given), send(body))


def if_taken(request: Request) -> Conversation:
    """What may be refused: what follows says it anyway."""
    with suppress(Permanent):
        return (yield request)
    return None


def unless_said(case: Snapshot, look: Request, say: Request) -> Conversation:
    """What may have been said before is not said again where the delivery is named in what is there."""
    if case.again and case.delivery_id in (known := (yield look)).text:
        return known
    return (yield say)


def unless_there(
    case: Snapshot, look: Request, at: tuple[str, ...], is_it: Callable[[Any], bool], say: Request
) -> Conversation:
    """What may be there already is looked for in the list that is there; it is the answer, if found."""
    known = listed((yield look).body, *at) if case.again else []
    return next((Reply(200, one) for one in known if is_it(one)), None) or (yield say)
