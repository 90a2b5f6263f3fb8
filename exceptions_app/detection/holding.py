"""What a silent source holds back: findings that rest on the absence of what it would have told (T20, I6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property

from exceptions_app.cases.models import Case
from exceptions_app.detection.rules.base import Finding
from exceptions_app.subjects.models import Subject
from exceptions_app.subjects.source_models import Hold, Source
from exceptions_app.writing import update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exceptions_app.detection.raising import Found

RELEASED_AT_ONCE = 5_000


@dataclass(frozen=True)
class Silent:
    """A source that should have spoken and did not."""

    source_id: int
    name: str
    site_id: int | None
    since: str
    silence: Case | None
    tells: frozenset[str]

    def holds(self) -> str:
        """Why a finding is held, as a sentence."""
        told = f" {self.silence} counts it." if self.silence else ""
        return (
            f"{self.name} has been silent since {self.since}, and this rests on what it did "
            f"not say.{told} It is looked at again when {self.name} speaks."
        )


class Standings:
    """Which sources are silent or in quarantine; read when first asked, and the same from then on."""

    def __init__(self, doubted: frozenset[int] = frozenset()) -> None:
        self.doubted = doubted

    @cached_property
    def rows(self) -> list[Source]:
        doubtful = Q(silent_since__isnull=False) | Q(quarantined_at__isnull=False)
        return list(
            Source.objects.filter(doubtful).select_related("silence", "site").order_by("pk")
        )

    @cached_property
    def silent(self) -> dict[int, Silent]:
        return {
            row.pk: Silent(
                row.pk, row.name, row.site_id, row.local(at), row.silence, frozenset(row.tells)
            )
            for row in self.rows
            if (at := row.silent_since)
        }

    @cached_property
    def speaking(self) -> dict[int, tuple[int | None, frozenset[str]]]:
        """What the others tell, and at which site."""
        others = Source.objects.filter(silent_since__isnull=True)
        return {
            pk: (site, frozenset(tells))
            for pk, site, tells in others.values_list("pk", "site_id", "tells")
        }

    def quarantined(self, source_id: int | None) -> bool:
        known = {row.pk for row in self.rows if row.quarantined_at}
        return source_id is not None and source_id in self.doubted | known

    def holding(self, subject: Subject, finding: Finding) -> Silent | None:
        """The silent source whose word this finding would need.

        It is the one that told of the subject last; of a subject that another told of, one that alone tells
        what is awaited.
        """
        if not finding.awaits or not self.silent:
            return None
        if own := self.silent.get(subject.source_id or 0):
            return own
        awaited = {f"{subject.kind}.{word}" for word in finding.awaits}
        told_by_others = any(
            awaited & tells
            for site_id, tells in self.speaking.values()
            if site_id in (None, subject.site_id)
        )
        if told_by_others:
            return None
        here = (one for one in self.silent.values() if one.site_id in (None, subject.site_id))
        return next((one for one in here if awaited & one.tells), None)


def hold(found: "Sequence[Found]", standings: Standings) -> None:
    """Keep what is held; what is held already stays as it is."""
    rows = []
    for one in found:
        source = standings.holding(one.subject, one.finding)
        if source:
            rows.append(held(one, source))
    if rows:
        Hold.objects.bulk_create(rows, ignore_conflicts=True)


def held(one: "Found", source: Silent) -> Hold:
    return Hold(
        source_id=source.source_id,
        case=source.silence,
        subject=one.subject,
        rule=one.finding.rule,
        key=one.key,
        title=one.finding.title,
        since=one.finding.since,
        held_at=one.at,
    )


def held_on(case_id: int) -> int:
    """How many findings wait for the silence that this case is about."""
    return Hold.objects.filter(case=case_id, released_at__isnull=True).count()


def release(at: datetime) -> int:
    """Have what was held looked at again once its source is believed again; how many findings that were.

    It goes by what is held and not by who fell silent, so that nothing held meanwhile is forgotten.
    """
    waiting = Hold.objects.filter(source=OuterRef("pk"), released_at__isnull=True)
    speaking = Source.objects.filter(Exists(waiting), silent_since__isnull=True)
    ids = list(speaking.values_list("pk", flat=True))
    if not ids:
        return 0
    with transaction.atomic():
        holds = Hold.objects.select_for_update(skip_locked=True).filter(
            source__in=ids, released_at__isnull=True
        )
        found = dict(holds.values_list("pk", "subject_id")[:RELEASED_AT_ONCE])
        # In the order in which signals lock them.
        subjects = list(
            Subject.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=set(found.values()), imported=False)
            .order_by("site_id", "kind", "reference")
        )
        for subject in subjects:
            subject.next_look_at = at
        update(subjects, ("next_look_at",))
        Hold.objects.filter(pk__in=found).update(released_at=at)
    return len(found)
