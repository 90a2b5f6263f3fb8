"""Doing a repeated write once: the answer is kept with its effect and given again (A2)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from exceptions_app.errors import DeskError
from exceptions_app.people.access import Actor
from exceptions_app.people.models import IdempotentReply

KEPT_FOR = timedelta(hours=24)


class KeyReused(DeskError):
    """The key stands for another write already."""

    code = "key_reused"


class StillRunning(DeskError):
    """The first of the two is not done yet."""

    code = "still_running"


@dataclass(frozen=True)
class Write:
    """A write as it was asked for: by whom, under which key, and the digest of what it says."""

    by: Actor
    key: str
    digest: str

    @property
    def actor(self) -> str:
        return f"{self.by.kind}:{self.by.id}"


@dataclass(frozen=True)
class Reply:
    """What was answered, ready to be sent."""

    status: int
    text: str
    media_type: str
    headers: Mapping[str, str]


def once(asked: Write, *, at: datetime, act: Callable[[], Reply]) -> tuple[Reply, bool]:
    """Act unless this write was done already; the reply, and whether it is a repetition.

    Effect and reply commit together, so a crash leaves both or neither. A refusal that is raised
    leaves neither, and the same key may be used again once it is mended.
    """
    with transaction.atomic():
        hold(asked)
        kept = IdempotentReply.objects.filter(actor=asked.actor, key=asked.key).first()
        if kept is not None and kept.created_at > at - KEPT_FOR:
            return repeated(kept, asked), True
        if kept is not None:
            kept.delete()
        reply = act()
        IdempotentReply.objects.create(
            actor=asked.actor,
            key=asked.key,
            request_digest=asked.digest,
            status=reply.status,
            body=asdict(reply),
            created_at=at,
        )
    return reply, False


def hold(asked: Write) -> None:
    """Have the key to oneself until the transaction ends, however it ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))",
            [f"{asked.actor}\n{asked.key}"],
        )
        if not cursor.fetchone()[0]:
            raise StillRunning(
                "The first request with this Idempotency-Key is still running. Ask again shortly."
            )


def repeated(kept: IdempotentReply, asked: Write) -> Reply:
    if kept.request_digest != asked.digest:
        raise KeyReused(
            "This Idempotency-Key was used for another request. Use a new key for each new write."
        )
    return Reply(**(kept.body or {}))


def purge(at: datetime) -> int:
    """Forget replies that are no longer given."""
    return IdempotentReply.objects.filter(created_at__lte=at - KEPT_FOR).delete()[0]
