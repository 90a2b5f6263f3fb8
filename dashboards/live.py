"""Who is told what changed: one LISTEN per process, and a bounded mailbox for each socket.

The database says on commit which cases got new entries (migration ``0002``). Ids only; every page asks for
its own rows. ``mark`` is a point in the order of transactions: whoever has heard it has heard all before it.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections
from psycopg import AsyncConnection

CHANNEL = "desk"
MOST_WAITING = 500
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A case that changed, and where it is."""

    case_id: int
    site_id: int
    team_id: int | None


@dataclass(eq=False)
class Mailbox:
    """What one socket has yet to be told. When it overflows, or after a gap, the socket reads anew."""

    changes: dict[int, Change] = field(default_factory=dict)
    mark: int = 0
    gap: bool = False
    filled: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, changes: list[Change], mark: int) -> None:
        self.changes |= {change.case_id: change for change in changes}
        self.mark = max(self.mark, mark)
        if len(self.changes) > MOST_WAITING:
            self.lose()
        self.filled.set()

    def lose(self) -> None:
        self.changes.clear()
        self.gap = True
        self.filled.set()

    def take(self) -> tuple[list[Change], int, bool]:
        """Everything so far: the changes, the newest mark, and whether something may be missing."""
        taken = (list(self.changes.values()), self.mark, self.gap)
        self.changes.clear()
        self.gap = False
        self.filled.clear()
        return taken


class Hub:
    """The one listener of this process; runs while there is a socket to tell."""

    def __init__(self) -> None:
        self.mailboxes: set[Mailbox] = set()
        self.listening = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def join(self) -> Mailbox:
        mailbox = Mailbox()
        self.mailboxes.add(mailbox)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.listen(), name="desk-listener")
        return mailbox

    async def leave(self, mailbox: Mailbox) -> None:
        self.mailboxes.discard(mailbox)
        if not self.mailboxes and self.task is not None:
            task, self.task = self.task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with await AsyncConnection.connect(**dsn(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    pause = FIRST_PAUSE
                    self.listening.set()
                    self.everybody_reads_anew()
                    async for notice in connection.notifies():
                        self.deliver(notice.payload)
            except Exception:
                log.warning(
                    "Live updates: the database cannot be heard; trying again.", exc_info=True
                )
            self.listening.clear()
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def everybody_reads_anew(self) -> None:
        for mailbox in self.mailboxes:
            mailbox.lose()

    def deliver(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            changes = [Change(*map_ids(one)) for one in told["c"]]
            mark = int(told["x"])
        except (ValueError, TypeError, KeyError):
            log.warning("Live updates: a notice could not be read: %.100r", payload)
            self.everybody_reads_anew()
            return
        for mailbox in self.mailboxes:
            mailbox.put(changes, mark)


def map_ids(one: list[Any]) -> tuple[int, int, int | None]:
    case_id, site_id, team_id = one
    return int(case_id), int(site_id), None if team_id is None else int(team_id)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop; a server has one loop, a test one for each."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def dsn() -> dict[str, Any]:
    """How to reach the database Django uses, for a connection that stays open and listens."""
    given = connections["default"].get_connection_params()
    return {
        name: value for name, value in given.items() if name not in {"cursor_factory", "context"}
    }
