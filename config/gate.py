"""No thread waits for a caller: a request is whole before one is taken, an answer before it is told."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error
from django.http import parse_cookie

from dashboards.api.errors import MEDIA_TYPE, Refusal
from dashboards.views.public import LARGEST_POST
from exceptions_app.intake.importing import LARGEST

Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
#: Bytes of a body; whoever has signed in may send a file to this address.
MOST, MOST_OF_A_FILE, FILES = LARGEST_POST, LARGEST + 2**20, "/imports/new/"
#: Seconds in which a part must come, or go; and a whole body, also over a bad line.
PATIENCE, WHOLE = 30, 900
#: Bytes that are held in memory, and sent at a time.
HELD, PIECE = 2**20, 2**16

#: Where programs are answered.
API = "/api/"

log = logging.getLogger(__name__)


class Gate:
    """An ASGI application; the one behind it hears and says everything at once."""

    def __init__(self, behind: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if found := odd(scope):
            await refuse(send, scope, *found)
            return
        with SpooledTemporaryFile(max_size=HELD) as body, SpooledTemporaryFile(HELD) as answer:
            try:
                async with asyncio.timeout(WHOLE):
                    came = await taken(scope, receive, body)
            except TimeoutError:
                await refuse(send, scope, "incomplete", "The request did not come whole in time.")
                return
            except (Error, OSError) as lacking:
                log.warning("A request could not be taken: %s", " ".join(str(lacking).split()))
                await refuse(
                    send, scope, "unavailable", "It cannot be taken now. Send it again later."
                )
                return
            if came:
                keeping = Keeping(answer)
                try:
                    await self.behind(scope, given(body), keeping.send)
                except BaseException:
                    keeping.whole = False
                    raise
                finally:
                    if keeping.head:
                        await told(keeping, send)


def odd(scope: Scope) -> tuple[str, str] | None:
    """The kind of refusal and the reason, before anything is read."""
    names = {name for name, _ in scope["headers"]}
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return "refused", "An address has no NUL in it."
    if b"transfer-encoding" in names:
        return "length_required", "Say how long it is by Content-Length, and send it in one piece."
    return None


async def taken(scope: Scope, receive: Receive, body: Any) -> bool:
    """Put the body in the file; False if the caller has gone. What says that it is too large is not read."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if int(length) > MOST and int(length) > await most(scope["path"], headers):
        return True
    more = True
    while more:
        message = await asyncio.wait_for(receive(), PATIENCE)
        if message["type"] == "http.disconnect":
            return False
        body.write(message.get("body", b""))
        more = message.get("more_body", False) and body.tell() <= MOST_OF_A_FILE
    return True


async def most(path: str, headers: dict[bytes, bytes]) -> int:
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    may = path == FILES and await database_sync_to_async(is_signed_in)(key)
    return MOST_OF_A_FILE if may else MOST


def is_signed_in(key: str | None) -> bool:
    return bool(key) and SESSION_KEY in SessionStore(key)


def given(body: Any) -> Receive:
    """What hands the body on, piece by piece."""
    size = body.tell()
    body.seek(0)

    async def receive() -> Any:
        piece = body.read(HELD)
        return {"type": "http.request", "body": piece, "more_body": body.tell() < size}

    return receive


class Keeping:
    """An answer until it is told. Whoever answers is never held up, even if there is no room for it."""

    def __init__(self, file: Any) -> None:
        self.file, self.whole = file, True
        self.head: Any = None

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.head = message
        elif self.whole:
            try:
                self.file.write(message.get("body", b""))
            except OSError as full:
                log.warning("An answer could not be kept: %s", full)
                self.whole = False


async def told(kept: Keeping, send: Send) -> None:
    """Send the answer as fast as it is read, to whoever goes on reading; a broken one does not end."""
    size = kept.file.tell()
    kept.file.seek(0)
    try:
        await send(kept.head)
        while True:
            piece = kept.file.read(PIECE)
            more = kept.file.tell() < size
            last = {
                "type": "http.response.body",
                "body": piece,
                "more_body": more or not kept.whole,
            }
            await asyncio.wait_for(send(last), PATIENCE)
            if not more:
                return
    except TimeoutError:
        log.info("Whoever asked has not read the answer.")


async def refuse(send: Send, scope: Scope, code: str, why: str) -> None:
    """Programs are told so in a document, browsers in words."""
    told = Refusal(code, why)
    kind, body = b"text/plain", why
    if scope["path"].startswith(API):
        kind, body = MEDIA_TYPE.encode(), json.dumps(told.document())
    head = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": told.status, "headers": head})
    await send({"type": "http.response.body", "body": body.encode()})
