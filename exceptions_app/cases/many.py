"""Changing many locked cases at once, in a constant number of statements; for what rules find."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import keep_standings, starting
from exceptions_app.people.access import Actor
from exceptions_app.sla import clocks
from exceptions_app.timeline.entries import New, record_many
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import Severity
from exceptions_app.writing import update

#: What a rule may change of a case.
SAVED = (
    "title", "exception_type", "rule", "since", "severity", "status", "acknowledged_at", "resolved_at",
    "closed_at", "cause", "repeats", "last_seen_at", "changed_at", "version",
)  # fmt: skip


@dataclass
class Change:
    """A locked case under change, and what will be on its timeline."""

    case: Case
    entries: list[New] = field(default_factory=list)
    retargeted: bool = False
    moved: bool = False

    def note(self, verb: str, *, by: Actor, at: datetime, **data: Any) -> None:
        """Something that somebody may have to see: it makes a version."""
        if not self.moved:
            self.case.version += 1
            self.moved = True
        self.mention(verb, by=by, at=at, **data, version=self.case.version)

    def mention(self, verb: str, *, by: Actor, at: datetime, **data: Any) -> None:
        """Something that changes nothing."""
        self.entries.append(New(self.case.pk, verb, by, at, data))

    def reopen(self, before: str, *, by: Actor, at: datetime, reason: str) -> None:
        self.case.reopen(before)
        self.note("case.reopened", by=by, at=at, reason=reason)

    def worsen(self, severity: Severity, *, by: Actor, at: datetime, reason: str) -> None:
        """A worse severity; the targets follow it. A better one changes nothing."""
        before = Severity(self.case.severity)
        if severity < before:
            self.case.severity, self.retargeted = severity, True
            told = {"before": before.slug, "after": severity.slug, "reason": reason}
            self.note("case.severity_raised", by=by, at=at, **told)


def settle(changes: Sequence[Change], *, at: datetime) -> None:
    """Save the changed cases, write their entries, and let their clocks follow."""
    update([one.case for one in changes], SAVED)
    retargeted = [starting(one.case) for one in changes if one.retargeted]
    if retargeted:
        clocks.retarget_many(retargeted)
    record_many(entry for one in changes for entry in one.entries)
    moved = [one.case for one in changes if one.moved]
    if moved:
        keep_standings(moved, clocks.follow_many([case.pk for case in moved], at=at))


def before_settling(case_ids: Collection[int]) -> dict[int, str]:
    """The status of each before it was resolved or dismissed last."""
    settled = Entry.objects.filter(case__in=case_ids, verb__in=("case.resolved", "case.dismissed"))
    last = settled.order_by("case_id", "-seq").distinct("case_id")
    return {pk: before or "" for pk, before in last.values_list("case_id", "data__before")}
