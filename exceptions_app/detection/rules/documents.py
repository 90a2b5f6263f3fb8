"""Rules about documents: missing when they are needed, expired by then, or saying something else (T12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from exceptions_app.detection.rules.base import Common, Parameters, Rule
from exceptions_app.detection.rules.hours import hours_of
from exceptions_app.detection.rules.mismatch import plain
from exceptions_app.subjects.facts import Document, Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind


@dataclass(frozen=True, kw_only=True)
class Missing(Common):
    """Not all required documents are there so long before the promise, or so long after a milestone."""

    required: tuple[str, ...]
    ahead: timedelta
    after: str
    grace: timedelta

    parameters: ClassVar[Parameters] = {
        "ahead": ("Before the promise", "So long before it everything must be there"),
        "grace": ("After the milestone", "Where nothing is promised: so long after it"),
    }

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None or not self.missing(facts):
            return None
        if facts.promised_at is not None:
            return max(facts.promised_at - self.ahead, facts.revisions[-1].said_at)
        reached = facts.reached(self.after)
        return None if reached is None else reached + self.grace

    def missing(self, facts: Facts) -> list[str]:
        known = facts.documents
        return [name for name in self.required if name not in known or not known[name].received_at]

    def what(self, facts: Facts) -> str:
        return ", ".join(JOURNEYS[facts.kind].documents[name] for name in self.missing(facts))


@dataclass(frozen=True, kw_only=True)
class Expired(Common):
    """A document that is known expires before what was promised, or has expired without a promise.

    It is good to the end of its last day, where the site is.
    """

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None or not facts.documents:
            return None
        return min((at for _, at in self.expiring(facts)), default=None)

    def expiring(self, facts: Facts) -> Iterator[tuple[str, datetime]]:
        zone = hours_of(facts).zone
        for name, document in facts.documents.items():
            if document.expires_on is None:
                continue
            over = datetime.combine(document.expires_on + timedelta(days=1), time(), zone)
            promised = facts.promised_at
            if promised is not None and over <= promised:
                yield name, min(over, max(document.said_at, facts.revisions[-1].said_at))
            else:
                yield name, over

    def what(self, facts: Facts) -> str:
        name = min(self.expiring(facts), key=lambda one: one[1])[0]
        expires_on = facts.documents[name].expires_on
        return f"{JOURNEYS[facts.kind].documents[name]}, {expires_on}"


@dataclass(frozen=True, kw_only=True)
class Inconsistent(Common):
    """A document states something else than is known of the subject."""

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None or not facts.documents:
            return None
        return max((one[-1] for one in self.differences(facts)), default=None)

    def differences(self, facts: Facts) -> Iterator[tuple[str, str, Any, Any, datetime]]:
        for name, document in facts.documents.items():
            yield from self.of_document(facts, name, document)

    def of_document(
        self, facts: Facts, name: str, document: Document
    ) -> Iterator[tuple[str, str, Any, Any, datetime]]:
        for attribute, stated in document.states.items():
            known = facts.attributes.get(attribute)
            if None not in (known, stated) and plain(known) != plain(stated):
                said = facts.said_at.get(f"attributes.{attribute}")
                since = max(document.said_at, said.at) if said else document.said_at
                yield name, attribute, stated, known, since

    def what(self, facts: Facts) -> str:
        labels = JOURNEYS[facts.kind].documents
        return "; ".join(
            f"{labels[name]} says {attribute.replace('_', ' ')} {stated}, known is {known}"
            for name, attribute, stated, known, _ in self.differences(facts)
        )


def rules(
    kind: SubjectKind, *, noun: str, required: tuple[str, ...], after: str, team: str
) -> tuple[Rule, ...]:
    """The three for one kind; what they find is one case, since one person sees to the papers."""
    shared: dict[str, Any] = {
        "kind": kind,
        "exception_type": ExceptionType.DOCUMENT_MISSING,
        "team": team,
        "about": "documents",
    }
    return (
        Missing(
            slug=f"{kind.value}.documents_missing",
            required=required,
            ahead=timedelta(hours=24),
            after=after,
            grace=timedelta(hours=24),
            title=f"{noun} {{name}} lacks: {{what}}",
            **shared,
        ),
        Expired(
            slug=f"{kind.value}.document_expired",
            title=f"{noun} {{name}}: document expires too early ({{what}})",
            **shared,
        ),
        Inconsistent(
            slug=f"{kind.value}.document_inconsistent",
            severity=Severity.HIGH,
            title=f"{noun} {{name}}: {{what}}",
            **shared,
        ),
    )
