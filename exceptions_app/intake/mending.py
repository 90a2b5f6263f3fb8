"""Refused signals: which there are, and sending them again as they are or mended (I7)."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, islice
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from exceptions_app.errors import NotAllowedNow, NotFound, NotPermitted, Refused
from exceptions_app.intake.accept import MOST, accept
from exceptions_app.intake.fields import whole
from exceptions_app.intake.refusing import NOT_TAKEN
from exceptions_app.intake.spelling import respelled
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.models import Receipt, RefusedSignal
from exceptions_app.writing import update

CHANGED = ("body", "outcome", "field", "reason", "settled_at", "settled_by")
TOO_MANY = f"It holds more than {MOST:,} signals; send it in parts."
#: What a call says, by the format of its source, which the domain does not know; wired in config/apps.py.
signals_in_call: list[Callable[[RefusedSignal, str], list[Any]]] = []
#: So many groups of the same reason are told apart.
MOST_REASONS = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which of them somebody asks for; None and empty ask for all that wait."""

    source: str | None = None
    reason: str = ""
    day: date | None = None
    settled: bool = False
    put_away: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some were refused, and how many they are."""

    source: str
    field: str
    reason: str
    count: int


def refused(wanted: Wanted, *, by: Actor) -> QuerySet[RefusedSignal]:
    """The refused signals that the actor may see; one whose site nobody knows is its sender's."""
    insist(by)
    waits = not (wanted.settled or wanted.put_away)
    rows = visible(by).filter(settled_at__isnull=waits)
    if not waits:
        rows = rows.exclude(put_away="") if wanted.put_away else rows.filter(put_away="")
    if wanted.source is not None:
        rows = rows.filter(source=wanted.source)
    if wanted.reason:
        rows = rows.filter(reason=wanted.reason)
    if wanted.day:
        rows = rows.filter(received_at__date=wanted.day)
    return rows


def insist(by: Actor) -> None:
    if not access.may_somewhere(by, "send_signals"):
        raise NotPermitted(
            "Refused signals are for those who may send signals: integrators, administrators."
        )


def visible(by: Actor) -> QuerySet[RefusedSignal]:
    rows = RefusedSignal.objects.select_related("site")
    if by.grants is None:
        return rows
    own = rows.filter(actor_id=by.id, actor_name=by.name)
    return access.visible(rows, by, verb="send_signals", team="") | own


def reasons(rows: QuerySet[RefusedSignal]) -> list[Reason]:
    """The same rows by source and reason, the most frequent first."""
    grouped = rows.select_related(None).order_by().values("source", "field", "reason")
    counted = grouped.annotate(count=Count("pk"))
    return [Reason(**one) for one in counted.order_by("-count", "source")[:MOST_REASONS]]


def one(refused_id: int, *, by: Actor) -> RefusedSignal:
    insist(by)
    found = visible(by).filter(pk=refused_id).first()
    if found is None:
        raise NotFound("There is no such refused signal, or it is not yours to mend.")
    return found


def mistakes(row: RefusedSignal) -> dict[str, str]:
    """All that was wrong with it when it was sent: the row knows the first, its receipt knows the others."""
    first = {row.field: row.reason}
    lines = row.receipt.items if row.receipt else []
    own = (one for one in lines if (one["external_id"] or "").strip() == row.external_id)
    told = (line.get("errors", {}) for line in own)
    return first | next((one for one in told if first.items() <= one.items()), {})


@transaction.atomic
def send_again(
    rows: QuerySet[RefusedSignal], *, by: Actor, at: datetime, mended: str | None = None
) -> Receipt:
    """Send what waits once more, through the one way in; ``mended`` is another text for a single one.

    Whoever mends it may write words as the pages show them. What is taken is settled; what is refused again
    stays, with the reason that holds now.
    """
    insist(by)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])
    locked = RefusedSignal.objects.select_for_update().filter(pk__in=ids, settled_at=None)
    waiting = [row for row in locked.order_by("pk") if mended is not None or row.body]
    if not waiting:
        raise Refused("Nothing here waits to be sent again.")
    tries = fitting([Try(row, mended) for row in waiting])
    receipt = accept([one for each in tries for one in each.sent], by=by, at=at, keep=False)
    lines = iter(receipt.items)
    for each in tries:
        each.settle(list(islice(lines, len(each.sent))), by=by, at=at)
    update([one.row for one in tries], CHANGED)
    return receipt


class Try:
    """One of them on its way in again; a call that nobody could read may hold several signals, or none."""

    def __init__(self, row: RefusedSignal, mended: str | None) -> None:
        self.row, self.text = row, row.body if mended is None else mended
        self.sent: list[Any] = []
        self.wrong: Refused | None = None
        try:
            said = signals_in_call[0](row, self.text) if row.is_call else [read(self.text)]
            self.sent = said if mended is None else [respelled(one) for one in said]
        except Refused as refusal:
            self.wrong = refusal

    def settle(self, lines: Sequence[Any], *, by: Actor, at: datetime) -> None:
        """Taken if all of it was."""
        row, left = self.row, [one for one in lines if one["outcome"] in NOT_TAKEN]
        row.body = self.text
        if self.wrong:
            row.field, row.reason = "", str(self.wrong)[:500]
        elif left:
            row.outcome = left[0]["outcome"]
            row.field, row.reason = next(iter(left[0]["errors"].items()))
        else:
            row.outcome = lines[0]["outcome"]
            row.settled_at, row.settled_by = at, by.name


def fitting(tries: Sequence[Try]) -> list[Try]:
    """As many as may be sent at once, those that could be read among them; the others wait."""
    total = accumulate(len(one.sent) for one in tries)
    fit = [one for one, so_far in zip(tries, total, strict=True) if so_far <= MOST]
    if not any(one.sent for one in fit):
        raise next((one.wrong for one in fit if one.wrong), Refused(TOO_MANY))
    return fit


@transaction.atomic
def put_away(refused_id: int, why: str, *, by: Actor, at: datetime) -> RefusedSignal:
    """Say that it need not be taken; it is kept with the reason, and the same again waits anew."""
    found = one(refused_id, by=by)
    if not why.strip():
        raise Refused.about("why", "Say why it need not be taken.")
    rows = RefusedSignal.objects.filter(pk=found.pk, settled_at=None)
    if not rows.update(settled_at=at, settled_by=by.name, put_away=why.strip()[:300]):
        raise NotAllowedNow("It does not wait any more.")
    return found


def read(text: str) -> Any:
    try:
        return json.loads(text, parse_int=whole)
    except (ValueError, RecursionError) as problem:
        raise Refused.about("signal", f"This is not JSON: {problem}.") from problem


def left(receipt: Receipt) -> Sequence[str]:
    """Why some of them were refused again, each reason once."""
    return [f"{name}: {why}" if name else why for name, why in wrong_in(receipt)]


def wrong_in(receipt: Receipt) -> Sequence[tuple[str, str]]:
    """The same by field."""
    wrong = (found for line in receipt.items for found in line.get("errors", {}).items())
    return list(dict.fromkeys(wrong))
