"""Column mappings: how a row of somebody's CSV becomes signals; pure (I4)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused

Row = Mapping[str, str]


@dataclass(frozen=True)
class ColumnMapping:
    """Which columns a file must have, in which zone its times are, and the signals of a row."""

    name: str
    source: str
    site: str
    zone: str
    columns: frozenset[str]
    signals: Callable[["Reader"], Iterator[dict[str, Any]]]


@dataclass(frozen=True)
class Reader:
    """One row, its wall-clock times read in the mapping's zone."""

    row: Row
    zone: ZoneInfo

    def text(self, column: str) -> str:
        return (self.row.get(column) or "").strip()

    def at(self, column: str) -> datetime | None:
        """The instant of a local time; None where the column is empty."""
        value = self.text(column)
        if not value:
            return None
        try:
            return datetime.fromisoformat(value).replace(tzinfo=self.zone).astimezone(UTC)
        except ValueError:
            raise Refused(
                f"“{value}” is no time.",
                {column: "Must be a time such as 2018-02-28 23:57:18."},
            ) from None

    def end_of_day(self, column: str) -> datetime | None:
        """The last second of a local date: kept is what comes on that day."""
        day = self.at(column)
        if day is None:
            return None
        local = day.astimezone(self.zone)
        return datetime.combine(local.date(), time(23, 59, 59), self.zone).astimezone(UTC)


def olist(read: Reader) -> Iterator[dict[str, Any]]:
    """Orders of the Olist marketplace.

    Cancelled orders carry no time of cancellation; it is taken to be the last time anything is known of them.
    """
    reference = read.text("order_id")
    placed, promised = read.at("purchase"), read.end_of_day("promise")
    if not reference or placed is None:
        raise Refused(
            "A row needs order_id and purchase.",
            {"order_id": "Missing, or purchase is."},
        )
    limit = read.at("ship_limit_max")
    subject = {
        "reference": reference,
        "label": f"Order {reference[:8]}",
        "value": read.text("paid") or None,
    }
    attributes = {
        "seller": read.text("seller_id")[:12] or None,
        "category": read.text("category") or None,
    }
    first: dict[str, Any] = {"subject": {**subject, "attributes": attributes}}
    if promised:
        first["promise"] = {"promised_at": promised.isoformat()}
    if limit:
        first["milestones"] = {"shipped": {"expected_at": limit.isoformat()}}
    yield named("order.placed", reference, placed, first)
    steps = {
        "paid": read.at("approved"),
        "shipped": read.at("carrier"),
        "delivered": read.at("delivered"),
    }
    for word, at in steps.items():
        if at:
            yield named(f"order.{word}", reference, at, {"subject": {"reference": reference}})
    ended = {"canceled": "cancelled", "unavailable": "unavailable"}.get(read.text("status_at_cut"))
    if ended:
        last = max(at for at in (placed, *steps.values()) if at) + timedelta(seconds=1)
        yield named(f"order.{ended}", reference, last, {"subject": {"reference": reference}})


def named(type_: str, reference: str, at: datetime, rest: Mapping[str, Any]) -> dict[str, Any]:
    name = {"source": "olist", "external_id": f"{reference}:{type_}", "type": type_}
    return {**name, "occurred_at": at.isoformat(), **rest}


MAPPINGS: Mapping[str, ColumnMapping] = {
    mapping.name: mapping
    for mapping in (
        ColumnMapping(
            name="olist-orders",
            source="olist",
            site="olist",
            zone="America/Sao_Paulo",
            columns=frozenset(
                {"order_id", "purchase", "approved", "carrier", "delivered", "promise"}
            ),
            signals=olist,
        ),
    )
}
