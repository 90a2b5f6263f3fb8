"""Letting a source out of quarantine: what was withheld is sent as far as it still matters, or discarded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.expecting import managed
from exceptions_app.errors import NotAllowedNow
from exceptions_app.outbox.models import Withheld
from exceptions_app.outbox.owing import Owed, owe_many
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.source_models import Source
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.vocabulary import Doubt, Fate, Operation

#: A record made now says how the case stands now; only its making, its evidence and its comments are left.
STILL_MATTERS = (Operation.CREATE, Operation.ATTACH, Operation.COMMENT)


@dataclass(frozen=True)
class Released:
    """What came of a release."""

    cases: int
    sent: int
    discarded: int


def withheld(source_id: int) -> QuerySet[Withheld]:
    """What waits for this source's release, oldest first."""
    rows: QuerySet[Withheld] = Withheld.objects.filter(
        case__quarantine=source_id, fate=Fate.WITHHELD
    )
    return rows.order_by("pk")


def shown(source_id: int, *, by: Actor) -> QuerySet[Withheld]:
    """Those of cases that the actor may see; a source may speak for many sites."""
    return access.visible(withheld(source_id), by, site="case__site_id", team="case__team_id")


def counts(source_ids: Sequence[int]) -> dict[int, int]:
    """How much each withholds; those that withhold nothing are left out."""
    rows = Withheld.objects.filter(case__quarantine__in=source_ids, fate=Fate.WITHHELD)
    found = rows.values_list("case__quarantine").annotate(number=Count("pk")).order_by()
    return dict(found)


@transaction.atomic
def release(source_id: int, *, send: bool, by: Actor, at: datetime) -> Released:
    """Believe the source from now on."""
    # Whoever raises a case just now still knows the source as doubtful; theirs are to be found, too.
    policies.alone()
    # Cases before their source, as signals lock them.
    cases = list(
        Case.objects.select_for_update(of=("self",)).filter(quarantine=source_id).order_by("pk")
    )
    source = managed(source_id, by=by)
    if source.quarantined_at is None and not cases:
        raise NotAllowedNow(f"{source.name} is not in quarantine.")
    rows = list(withheld(source_id).filter(case__in=cases).select_for_update(of=("self",)))
    open_ones = {case.pk for case in cases if case.is_open}
    going = [
        row for row in rows if send and row.case_id in open_ones and row.operation in STILL_MATTERS
    ]
    settle(rows, {row.pk for row in going}, by=by, at=at)
    owe_many((owed(row) for row in going), at=at)
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(quarantine=None)
    # Those settled meanwhile are nobody's business outside.
    verbs = dict.fromkeys(open_ones, "case.cleared" if send else "case.kept_quiet")
    told = {"source": source.name}
    record_many(New(case.pk, verbs.get(case.pk, "case.kept_quiet"), by, at, told) for case in cases)
    believe(source)
    return Released(len(cases), len(going), len(rows) - len(going))


def settle(rows: Sequence[Withheld], sent: set[int], *, by: Actor, at: datetime) -> None:
    of = Withheld.objects.filter(pk__in=[row.pk for row in rows])
    settled = {"settled_at": at, "settled_by": by.name[:120]}
    of.filter(pk__in=sent).update(fate=Fate.SENT, **settled)
    of.filter(~Q(pk__in=sent)).update(fate=Fate.DISCARDED, **settled)


def owed(row: Withheld) -> Owed:
    return Owed(row.case_id, row.connection_id, Operation(row.operation), row.key, row.text)


def believe(source: Source) -> None:
    """A person has looked at what it says; that it says it late is known from then on."""
    source.late_is_usual = source.late_is_usual or source.doubt == Doubt.BACK_DATED
    source.quarantined_at, source.doubt = None, ""
    source.save(update_fields=["late_is_usual", "quarantined_at", "doubt"])
