"""What is watched: findings that do not matter enough for a case, kept for people to see (S6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exceptions_app.asking import asked, ids
from exceptions_app.detection.models import WatchItem
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.raising import Found
from exceptions_app.vocabulary import Severity
from exceptions_app.writing import insert, update

#: What a later look may say otherwise.
SEEN = ("title", "severity", "since", "score", "parts", "seen_at", "ended_at")
#: One list and not a thousand parameters, which take Django longer than PostgreSQL.
STANDING = "SELECT id FROM exceptions_app_watchitem WHERE subject_id = ANY(%s) AND ended_at IS NULL"
KEPT = ("subject", "rule", "key", *SEEN)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Watched:
    """Something that is watched, and what its score is made of."""

    rule: str
    title: str
    severity: Severity
    since: datetime
    score: int
    parts: Mapping[str, int]
    seen_at: datetime


def sift(found: Iterable[Found], policy: Policy) -> tuple[list[Found], list[Found]]:
    """Those that matter enough for a case, and those that are watched: what nothing that matters is about."""
    material: list[Found] = []
    light: list[Found] = []
    for one in found:
        opens = policy.opens(one.finding, one.subject.site_id)
        (material if opens else light).append(one)
    about = {(one.key, one.at) for one in material}
    return material, [one for one in light if (one.key, one.at) not in about]


def keep(watched: Sequence[Found], looked: Mapping[int, datetime]) -> None:
    """Note what is watched, and that nothing else is of the subjects that were looked at; three queries."""
    now = {(one.subject.pk, one.finding.rule): one for one in watched}
    stands = standing(looked) if looked else []
    if not stands and not now:
        return
    rows = WatchItem.objects.filter(pk__in=stands).order_by("pk") if stands else ()
    known = {(item.subject_id, item.rule): item for item in rows}
    for name, item in known.items():
        if name in now:
            see(item, now[name])
        else:
            item.ended_at = looked[item.subject_id]
    update(list(known.values()), SEEN)
    insert(
        [new(one) for name, one in now.items() if name not in known],
        KEPT,
        conflict="(subject_id, rule) WHERE ended_at IS NULL DO UPDATE SET seen_at = EXCLUDED.seen_at",
    )


def standing(subject_ids: Iterable[int]) -> list[int]:
    """What is watched of these subjects so far; of most of them it is nothing."""
    return [pk for (pk,) in asked(STANDING, [ids(subject_ids)])]


def new(one: Found) -> WatchItem:
    item = WatchItem(subject=one.subject, rule=one.finding.rule, key=one.key)
    see(item, one)
    return item


def see(item: WatchItem, one: Found) -> None:
    finding = one.finding
    item.title, item.severity, item.since = finding.title, finding.severity, finding.since
    item.score, item.parts, item.seen_at = finding.score, dict(finding.parts), one.at


def watched_of(subject_id: int) -> list[Watched]:
    """What is watched of a subject, the heaviest first. Whoever asks has made sure that it may be seen."""
    rows = WatchItem.objects.filter(subject=subject_id, ended_at=None).order_by("-score", "pk")
    return [
        Watched(
            rule=item.rule,
            title=item.title,
            severity=Severity(item.severity),
            since=item.since,
            score=item.score,
            parts=dict(sorted(item.parts.items(), key=lambda part: -part[1])),
            seen_at=item.seen_at,
        )
        for item in rows[:SHOWN]
    ]
