"""What each platform has of a case, and the newest thing we owed it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from exceptions_app.outbox.models import Delivery, Link


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A platform's counterpart of the case, and the newest thing we owed it."""

    connection_id: int
    platform: str
    name: str
    external_id: str
    url: str
    status: str
    delivery_id: UUID | None
    operation: str
    state: str
    reason: str
    at: datetime | None
    attempts: int


def links_of(case_id: int, *, reasons: bool) -> tuple[LinkLine, ...]:
    """Each connection that knows of the case or is about to, with the newest delivery to it."""
    links = {
        link.connection_id: link
        for link in Link.objects.filter(case=case_id).select_related("connection")
    }
    newest = Delivery.objects.filter(case=case_id).select_related("connection")
    owed = {
        one.connection_id: one
        for one in newest.order_by("connection_id", "-position").distinct("connection_id")
    }
    lines = [link_line(links.get(pk), owed.get(pk)) for pk in links.keys() | owed.keys()]
    lines = lines if reasons else [replace(line, reason="") for line in lines]
    return tuple(sorted(lines, key=lambda line: line.name))


def link_line(link: Link | None, owed: Delivery | None) -> LinkLine:
    connection = (link or owed).connection  # type: ignore[union-attr]  # one of the two is there
    return LinkLine(
        connection.pk,
        connection.platform,
        connection.name,
        link.external_id if link else "",
        link.url if link else "",
        link.status if link else "",
        owed.pk if owed else None,
        owed.operation if owed else "",
        owed.state if owed else "sent",
        owed.reason if owed else "",
        (owed.done_at or owed.due_at) if owed else (link.linked_at if link else None),
        owed.attempts if owed else 0,
    )
