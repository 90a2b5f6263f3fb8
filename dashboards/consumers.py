"""The socket of the desk: tells a signed-in page which cases to ask for, and nothing else.

The page says the last mark it saw, ``{"seen": 123}``, and hears what changed since; then it hears
``{"cases": [ids], "cursor": mark}`` as things happen, and ``{"resync": true}`` when it must read anew.
"""

import asyncio
import contextlib
import json
import logging
import random
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.utils import timezone

from dashboards import wording
from dashboards.live import Change, Mailbox, hub
from exceptions_app.asking import AWAY
from exceptions_app.models import Case, Entry, User
from exceptions_app.people import access
from exceptions_app.people.access import Actor, person
from exceptions_app.timeline.entries import now_seen

#: Changes are told together that come within this time of each other.
GATHER = 0.15
#: So often a silent socket is told the time, and everybody's sign-in is looked at again.
BEAT = 15.0
#: The shortest gathering: a signal that opens a case and owes a delivery is told once.
MOMENT = 0.02
MOST_MISSED = 400
FAILED = 1011
UNREADABLE = 4400
SIGNED_OUT = 4401

log = logging.getLogger(__name__)


class Desk(AsyncWebsocketConsumer):
    """One open page."""

    by: Actor
    cursor: int
    mailbox: Mailbox | None = None
    telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        try:
            found = await signed_in(self.scope["session"].session_key)
        except AWAY as lost:
            await self.give_up(lost)
            return
        if found is None:
            await self.close(SIGNED_OUT)
            return
        self.by = found

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.mailbox is not None or not hasattr(self, "by"):
            return
        try:
            seen = json.loads(text_data or "")["seen"]
            self.cursor = int(seen) if seen is not None else 0
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            await self.close(UNREADABLE)
            return
        self.mailbox = hub().join()
        self.telling = asyncio.create_task(self.tell(self.mailbox))

    async def disconnect(self, code: int) -> None:
        if self.telling is not None:
            self.telling.cancel()
            await asyncio.gather(self.telling, return_exceptions=True)
        if self.mailbox is not None:
            await hub().leave(self.mailbox)

    async def tell(self, mailbox: Mailbox) -> None:
        """Tell until the page goes. What fails closes the socket: the page comes back and catches up."""
        try:
            await self.say({})
            await hub().listening.wait()
            mailbox.take()
            await self.catch_up()
            while await self.allowed():
                await self.pass_on_for(mailbox, BEAT * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the load
                await self.say({})
            await self.close(SIGNED_OUT)
        except OSError:
            return  # the page went away; disconnect() follows
        except AWAY as lost:
            await self.give_up(lost)
        except Exception:
            log.warning("Live updates: a socket failed and is closed.", exc_info=True)
            await self.close(FAILED)

    async def give_up(self, lost: Exception) -> None:
        """Without the database there is nothing to tell; the page comes back."""
        log.warning(
            "Live updates: no database, a socket is closed: %s", " ".join(str(lost).split())
        )
        await self.close(FAILED)

    async def pass_on_for(self, mailbox: Mailbox, seconds: float) -> None:
        """Pass on at once after silence, else gather a little."""
        clock = asyncio.get_running_loop().time
        until, told = clock() + seconds, 0.0
        while (left := until - clock()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(mailbox.filled.wait(), left)
                await asyncio.sleep(max(MOMENT, told + GATHER - clock()))
                await self.pass_on(mailbox)
                told = clock()

    async def pass_on(self, mailbox: Mailbox) -> None:
        changes, mark, gap = mailbox.take()
        if gap:
            await self.catch_up()
            return
        self.cursor = max(self.cursor, mark)
        if wanted := [change.case_id for change in changes if sees(self.by, change)]:
            await self.say({"cases": wanted})

    async def catch_up(self) -> None:
        """What changed since the page last heard; too much, and the page reads its list anew."""
        mark, missed = await since(self.cursor, self.by)
        self.cursor = mark
        await self.say({"live": True} | ({"resync": True} if missed is None else {"cases": missed}))

    async def allowed(self) -> bool:
        """Whether the person is still signed in; what they may see may have changed meanwhile."""
        found = await signed_in(self.scope["session"].session_key)
        if found is None:
            return False
        moved = frozenset(found.grants or ()) != frozenset(self.by.grants or ())
        self.by = found
        if moved:
            await self.say({"resync": True})
        return True

    async def say(self, told: dict[str, Any]) -> None:
        """Every message carries the server's time and where the page now stands."""
        await self.send(
            json.dumps({"now": wording.iso(timezone.now()), "cursor": self.cursor, **told})
        )


def sees(by: Actor, change: Change) -> bool:
    return access.may(by, "see", site_id=change.site_id, team_id=change.team_id)


@database_sync_to_async
def signed_in(session_key: str | None) -> Actor | None:
    """Whoever this session belongs to now: signed out, switched off or with another password is nobody."""
    if not session_key:
        return None
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return person(user) if isinstance(user, User) else None


@database_sync_to_async
def since(cursor: int, by: Actor) -> tuple[int, list[int] | None]:
    """Where things stand, and the cases that changed after ``cursor``; None when these are too many."""
    mark = now_seen()
    if not cursor:
        return mark, []
    if cursor > mark:
        return mark, None  # it comes from before the database was restored
    changed = (
        Entry.objects.filter(xact__gte=cursor)
        .order_by()
        .values_list("case_id", flat=True)[: MOST_MISSED + 1]
    )
    if len(changed) > MOST_MISSED:
        return mark, None
    cases = access.visible(Case.objects.filter(pk__in=set(changed)), by)
    return mark, list(cases.order_by().values_list("pk", flat=True))
