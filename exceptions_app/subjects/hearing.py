"""What is kept of a source with every post: that it spoke, what it tells, how much, and from how long ago."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from exceptions_app.asking import asked
from exceptions_app.subjects.source_models import Source
from exceptions_app.vocabulary import Doubt

#: What is older than this when it comes is news of another day.
LONG_AGO, HOUR = timedelta(hours=24), timedelta(hours=1)
#: Fewer signals than these make no majority.
FEWEST = 5


@dataclass
class Said:
    """What one source said in one post."""

    signals: int = 0
    refused: int = 0
    long_ago: int = 0
    #: It said something that it had said before.
    again: bool = False
    heard_from: datetime | None = None
    tells: set[str] = field(default_factory=set)

    def hear(self, occurred_at: datetime, tells: Iterable[str], *, at: datetime) -> None:
        self.signals += 1
        self.long_ago += at - occurred_at > LONG_AGO
        self.heard_from = min(self.heard_from or occurred_at, occurred_at)
        self.tells.update(tells)


#: A source spoke; nobody needs that to the second, and posts of one source need not wait for each other.
LATELY = timedelta(seconds=2)
#: What it says is counted in so many places for the same reason.
PLACES = 8
HEARD = """
    WITH said AS (
        SELECT s.id, r.heard_from, r.tells, r.signals, r.refused, r.long_ago, r.again
        FROM jsonb_to_recordset(%(said)s::jsonb)
            AS r(slug text, heard_from timestamptz, tells varchar[], signals int, refused int,
                 long_ago int, again bool)
        JOIN exceptions_app_source s ON s.slug = r.slug
    ), news AS (
        SELECT s.id FROM exceptions_app_source s JOIN said ON said.id = s.id
        WHERE (said.signals > 0 OR said.again) AND (s.last_signal_at IS NULL OR s.last_signal_at < %(before)s
            OR s.silent_since IS NOT NULL OR NOT s.tells @> said.tells)
        ORDER BY s.id FOR NO KEY UPDATE OF s
    ), spoke AS (
        UPDATE exceptions_app_source s
        SET last_signal_at = greatest(s.last_signal_at, %(at)s),
            heard_from = coalesce(said.heard_from, s.heard_from),
            tells = CASE WHEN s.tells @> said.tells THEN s.tells
                    ELSE ARRAY(SELECT DISTINCT unnest(s.tells || said.tells) ORDER BY 1) END
        FROM said JOIN news ON news.id = said.id WHERE s.id = said.id
    )
    INSERT INTO exceptions_app_sourcehour AS h (source_id, hour, place, signals, refused, long_ago)
    SELECT id, date_trunc('hour', %(at)s::timestamptz, 'UTC'), pg_backend_pid() %% %(places)s,
           signals, refused, long_ago
    FROM said WHERE %(live)s AND signals + refused > 0 ORDER BY id
    ON CONFLICT (source_id, hour, place) DO UPDATE
    SET signals = h.signals + EXCLUDED.signals, refused = h.refused + EXCLUDED.refused,
        long_ago = h.long_ago + EXCLUDED.long_ago
"""


def hear(said: Mapping[str, Said], *, at: datetime, live: bool) -> None:
    """Note what each source, by its slug, said; history is no sign of life and is not counted."""
    rows = [told(slug, one, live=live) for slug, one in said.items()]
    if rows:
        given: dict[str, Any] = {"at": at, "before": at - LATELY, "places": PLACES}
        asked(HEARD, {**given, "said": json.dumps(rows), "live": live}, answers=False)


def told(slug: str, one: Said, *, live: bool) -> dict[str, Any]:
    return {
        "slug": slug,
        "heard_from": one.heard_from.isoformat() if one.heard_from and live else None,
        "tells": sorted(one.tells),
        "signals": one.signals,
        "refused": one.refused,
        "long_ago": one.long_ago,
        "again": one.again and live,
    }


def back_dated(said: Mapping[str, Said], *, at: datetime) -> frozenset[int]:
    """The sources that mostly tell of long ago and are to be doubted; one that catches up may do so.

    What they said in this hour and the one before counts, too: many post their signals one by one.
    """
    slugs = [slug for slug, one in said.items() if one.long_ago]
    if not slugs:
        return frozenset()
    lately = Q(hours__hour__gt=at - 2 * HOUR)
    believed = Source.objects.filter(
        slug__in=slugs, quarantined_at=None, silent_since=None, late_is_usual=False
    ).annotate(
        before=Coalesce(Sum("hours__signals", filter=lately), 0),
        old_before=Coalesce(Sum("hours__long_ago", filter=lately), 0),
    )
    found = believed.values_list("pk", "slug", "before", "old_before")
    return frozenset(
        pk
        for pk, slug, before, old in found
        if is_majority(said[slug].long_ago + old, of=said[slug].signals + before)
    )


def is_majority(old: int, *, of: int) -> bool:
    return of >= FEWEST and 2 * old > of


def doubt(source_ids: Collection[int], *, at: datetime) -> None:
    """Put them into quarantine."""
    if source_ids:
        Source.objects.filter(pk__in=source_ids, quarantined_at=None).update(
            quarantined_at=at, doubt=Doubt.BACK_DATED
        )
