"""The shapes of rules: late, silent, reported. A rule is a value that looks at facts and knows no database.

Every rule answers one question, ``when``: from which instant on does it hold, on these facts? From that
follow both what is true now and when a subject next needs a look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

Grading = Callable[[Facts], Severity]


@dataclass(frozen=True)
class Finding:
    """What a rule found: enough to open a case. ``key`` says what it is about; one open case per key.

    ``awaits`` are the milestones and words whose absence it rests on; empty if it rests on what was said.
    """

    rule: str
    exception_type: ExceptionType
    severity: Severity
    title: str
    team: str
    key: str
    since: datetime
    evidence: Mapping[str, Any] = field(default_factory=dict)
    awaits: tuple[str, ...] = ()
    score: int = 100


class Rule(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def kind(self) -> SubjectKind: ...
    def when(self, facts: Facts) -> datetime | None:
        """From when on it holds on these facts; may be to come. None: not on these facts."""
        ...

    def finding(self, facts: Facts, since: datetime) -> Finding: ...


def called(name: str, title: str) -> str:
    """The name as it goes into a title that may begin with its first word: “Order {name} is late”."""
    noun, _, rest = name.partition(" ")
    return rest if rest and title.lower().startswith(f"{noun.lower()} {{") else name


@dataclass(frozen=True, kw_only=True)
class Common:
    """What the shapes share: names, wording, grading."""

    slug: str
    kind: SubjectKind
    exception_type: ExceptionType
    title: str
    team: str
    severity: Severity | Grading = Severity.MEDIUM
    about: str = ""

    @property
    def awaits(self) -> tuple[str, ...]:
        """What has to be absent for it to hold."""
        return ()

    def finding(self, facts: Facts, since: datetime) -> Finding:
        return Finding(
            rule=self.slug,
            exception_type=self.exception_type,
            severity=self.severity if isinstance(self.severity, Severity) else self.severity(facts),
            title=self.title.format(
                name=called(facts.name, self.title), customer=facts.customer_name or "the customer"
            )[:200],
            team=self.team,
            key=f"{facts.kind}:{facts.reference}:{self.about or self.slug}",
            since=since,
            evidence=evidence(facts, since),
            awaits=self.awaits,
        )


@dataclass(frozen=True, kw_only=True)
class Late(Common):
    """A milestone that has not come by its expected time, or by the promise, plus grace."""

    milestone: str
    by_promise: bool = False
    grace: timedelta = timedelta(0)

    @property
    def awaits(self) -> tuple[str, ...]:
        return (self.milestone,)

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None or facts.reached(self.milestone) is not None:
            return None
        expected = facts.promised_at if self.by_promise else facts.expected(self.milestone)
        return None if expected is None else expected + self.grace


@dataclass(frozen=True, kw_only=True)
class Silent(Common):
    """After one milestone, nothing more was heard for a while, though more should have been."""

    after: str
    until: tuple[str, ...]
    silence: timedelta
    heard: tuple[str, ...] = ()
    needs: Callable[[Facts], bool] = lambda _: True

    @property
    def awaits(self) -> tuple[str, ...]:
        return (*self.until, *self.heard)

    def when(self, facts: Facts) -> datetime | None:
        begun = facts.reached(self.after)
        if begun is None or facts.ended_at is not None or not self.needs(facts):
            return None
        if any(facts.reached(name) or facts.reported(name) for name in self.until):
            return None
        sounds = [facts.reported(word) for word in self.heard]
        return max([begun, *(at for at in sounds if at)]) + self.silence


@dataclass(frozen=True, kw_only=True)
class Reported(Common):
    """A source said a watched word; once something later is reached, it holds no more."""

    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    only: Callable[[Facts, str], bool] = lambda _, __: True

    def when(self, facts: Facts) -> datetime | None:
        said = [
            at for word in self.words if (at := facts.reported(word)) and self.only(facts, word)
        ]
        if not said:
            return None
        last = max(said)
        mended = [at for name in self.unless if (at := facts.reached(name)) and at >= last]
        return None if mended else last


def check(rule: Rule, facts: Facts, at: datetime) -> Finding | None:
    """What the rule finds as of an instant."""
    if rule.kind != facts.kind:
        return None
    since = rule.when(facts)
    return None if since is None or since > at else rule.finding(facts, since)


def evidence(facts: Facts, since: datetime) -> dict[str, Any]:
    """The facts that decided, frozen as JSON."""
    return {
        "since": since.isoformat(),
        "promises": [
            {
                "promised_at": t.promised_at.isoformat(),
                "said_at": t.said_at.isoformat(),
                "reason": t.reason,
            }
            for t in facts.revisions
        ],
        "milestones": {
            name: {
                "expected_at": iso(step.expected_at),
                "actual_at": iso(step.actual_at),
            }
            for name, step in facts.milestones.items()
        },
        "reports": {
            word: {
                "at": report.at.isoformat(),
                "times": report.times,
                "note": report.note,
            }
            for word, report in facts.reports.items()
        },
        "tier": facts.tier,
        "value": str(facts.value) if facts.value is not None else None,
    }


def iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def worth(facts: Facts) -> Decimal:
    return facts.value if facts.value is not None else Decimal(0)
