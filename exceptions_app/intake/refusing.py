"""Keeping what was refused, so that somebody can mend it and send it again (I7)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from exceptions_app.intake.items import Item, kept
from exceptions_app.intake.placing import Places, named_by, word
from exceptions_app.people.access import Actor
from exceptions_app.subjects.listening import speaking
from exceptions_app.subjects.models import Receipt, RefusedSignal, Source
from exceptions_app.vocabulary import Outcome
from exceptions_app.writing import insert

#: What is longer is named with its reason, but not kept.
LONGEST = 100_000
KEPT_FOR = timedelta(days=30)
#: Nobody works through more than this; the oldest go first.
MOST_KEPT = 100_000
NOT_TAKEN = (Outcome.REFUSED, Outcome.CONFLICT)
WRITTEN = (
    "received_at", "times", "outcome", "field", "reason", "source", "external_id", "type", "site",
    "actor_name", "actor_id", "receipt", "body", "key", "settled_by", "put_away",
)  # fmt: skip
#: The same sent again by the same sender is one row with a count.
AGAIN = """(key) WHERE settled_at IS NULL DO UPDATE SET
    times = exceptions_app_refusedsignal.times + EXCLUDED.times,
    received_at = EXCLUDED.received_at, receipt_id = EXCLUDED.receipt_id, field = EXCLUDED.field,
    reason = EXCLUDED.reason, site_id = EXCLUDED.site_id, external_id = EXCLUDED.external_id"""


def keep_refused(items: Sequence[Item], places: Places, receipt: Receipt, *, by: Actor) -> None:
    """All that the post could not place, in one statement."""
    refused = [item for item in items if item.outcome in NOT_TAKEN]
    if not refused:
        return
    rows: dict[str, RefusedSignal] = {}
    for item in refused:
        row = row_of(item, receipt, by=by)
        row.site_id = site_of(item, places)
        if row.key in rows:
            rows[row.key].times += 1
        else:
            rows[row.key] = row
    insert([rows[key] for key in sorted(rows)], WRITTEN, conflict=AGAIN, returning="")


def settle_mended(
    waiting: Mapping[tuple[int, str], Sequence[int]],
    stored: Iterable[tuple[int, str]],
    *,
    by: Actor,
    at: datetime,
) -> None:
    """What was refused under a name that is stored now waits for nobody any more."""
    mended = [pk for name in stored for pk in waiting.get(name, ())]
    if mended:
        # Another sender may mean something else by the name, and what somebody has in hand is theirs.
        rows = RefusedSignal.objects.select_for_update(skip_locked=True, of=("self",))
        mine = rows.filter(pk__in=mended, settled_at=None, receipt__actor_id=by.id)
        RefusedSignal.objects.filter(pk__in=mine.values("pk")).update(
            settled_at=at, settled_by=by.name, outcome=Outcome.STORED
        )


def row_of(item: Item, receipt: Receipt, *, by: Actor) -> RefusedSignal:
    body = written(item.sent)
    name, reason = reason_of(item)
    return RefusedSignal(
        received_at=receipt.received_at,
        outcome=item.outcome,
        field=name,
        reason=reason,
        source=word(item.sent, "source", 50),
        external_id=word(item.sent, "external_id", 120),
        type=word(item.sent, "type", 60),
        actor_name=by.name,
        actor_id=by.id,
        receipt_id=receipt.pk,
        body=body if len(body) <= LONGEST else "",
        key=key_of(by, item.outcome, body),
    )


def keep_unread(source: Source, body: str, *, name: str, why: str, at: datetime) -> None:
    """A call of a source that could not be read, whole, as it was sent; ``name`` is what it goes by."""
    by = speaking(source)
    row = RefusedSignal(
        received_at=at,
        outcome=Outcome.REFUSED,
        reason=kept(why, 500),
        source=source.slug,
        external_id=kept(name, 120),
        site_id=source.site_id,
        actor_name=by.name,
        actor_id=by.id,
        body=body,
        key=key_of(by, "call", body),
    )
    insert([row], WRITTEN, conflict=AGAIN, returning="")


def written(sent: Any) -> str:
    """As JSON to read; in escapes only if it holds half of a surrogate pair."""
    try:
        text = json.dumps(sent, indent=2, default=str, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(sent, indent=2, default=str)
    except RecursionError:
        return "It is nested too deeply to be shown."
    return text


def key_of(by: Actor, outcome: str, body: str) -> str:
    sent = f"{by.kind}\n{by.id}\n{outcome}\n{body}"
    return hashlib.blake2b(sent.encode(), digest_size=16).hexdigest()


def reason_of(item: Item) -> tuple[str, str]:
    """The first field that is wrong, and what is wrong with it."""
    name, reason = next(iter(item.errors.items()), ("", "It could not be taken."))
    return kept(name, 120), kept(reason, 500)


def site_of(item: Item, places: Places) -> int | None:
    """Whose it is to mend, as far as the sender may send there; of anybody else it would be hearsay."""
    source, site, _ = named_by(item)
    _, default = places.sources.get(source, (0, None))
    site_id = places.sites.get(site) if site else default
    return site_id if site_id in places.allowed else None


def forget_refused(at: datetime) -> int:
    """Let go of what nobody mended in a month, and of what was mended as long ago."""
    gone = RefusedSignal.objects.filter(received_at__lt=at - KEPT_FOR).delete()[0]
    newest = RefusedSignal.objects.order_by("-received_at", "-pk")
    last = newest.values_list("received_at", flat=True)[MOST_KEPT : MOST_KEPT + 1]
    for bound in last:
        gone += RefusedSignal.objects.filter(received_at__lte=bound).delete()[0]
    return gone
