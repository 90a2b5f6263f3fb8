"""The shapes of rules: late, silent, reported. A rule is a value that looks at facts and knows no database.

Every rule answers one question, ``when``: from which instant on does it hold, on these facts? From that
follow both what is true now and when a subject next needs a look. Two more shapes, mismatch and repeated,
have modules of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal, NewType, Protocol

from exceptions_app.detection.materiality import weighed
from exceptions_app.detection.rules.evidence import evidence
from exceptions_app.detection.rules.hours import lasting, later
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import ExceptionType, Severity, SubjectKind

Grading = Callable[[Facts], Severity]
#: What staff may change of a rule: the field's name to its label and what it means.
Parameters = Mapping[str, tuple[str, str]]
#: A whole number from 0 to 100.
Percent = NewType("Percent", int)
CountsFrom = Literal["expected", "promise", "window_start", "window_end"]


@dataclass(frozen=True)
class Finding:
    """What a rule found: enough to open a case. ``key`` says what it is about; one open case per key.

    ``points`` and ``settles_at`` are the rule's own share in the score: what such a thing weighs, and until
    when it may settle by itself. What ``spreads`` also concerns others that share this attribute.
    From the ``since`` of the ``graver`` one on, that is found in its place, if nothing is heard until then.
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
    points: int = 0
    settles_at: datetime | None = None
    spreads: str = ""
    graver: "Finding | None" = None
    score: int = field(default=100, compare=False)
    parts: Mapping[str, int] = field(default_factory=dict, compare=False)


class Rule(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def kind(self) -> SubjectKind: ...
    @property
    def off(self) -> bool: ...
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
    """What the shapes share: names, wording, grading, and what such a thing weighs.

    Findings of one ``about`` are about one thing, of whatever rule; ``shared`` names an attribute that
    several subjects may have alike, whose findings then meet in one case. One that is ``off`` is shipped
    for staff to switch on.
    """

    slug: str
    kind: SubjectKind
    exception_type: ExceptionType
    title: str
    team: str
    severity: Severity | Grading = Severity.MEDIUM
    about: str = ""
    shared: str = ""
    points: int = 0
    settles: Callable[[Facts, datetime], datetime | None] = lambda _, __: None
    spreads: str = ""
    off: bool = False

    parameters: ClassVar[Parameters] = {}

    @property
    def awaits(self) -> tuple[str, ...]:
        """What has to be absent for it to hold."""
        return ()

    def finding(self, facts: Facts, since: datetime) -> Finding:
        return Finding(
            rule=self.slug,
            exception_type=self.exception_type,
            severity=self.grade(facts),
            title=self.wording(facts)[:200],
            team=self.team,
            key=self.key(facts),
            since=since,
            evidence=evidence(facts, since) | self.shown(facts),
            awaits=self.awaits,
            points=self.points,
            settles_at=self.settles(facts, since),
            spreads=self.spreads,
        )

    def grade(self, facts: Facts) -> Severity:
        return self.severity if isinstance(self.severity, Severity) else self.severity(facts)

    def key(self, facts: Facts) -> str:
        which = str((self.shared and facts.attributes.get(self.shared)) or facts.reference)[:80]
        return f"{facts.kind}:{which}:{self.about or self.slug}"

    def wording(self, facts: Facts) -> str:
        return self.title.format(
            name=called(facts.name, self.title),
            customer=facts.customer_name or "the customer",
            what=self.what(facts) if "{what}" in self.title else "",
        )

    def what(self, facts: Facts) -> str:
        """What exactly, where a title says so."""
        return ""

    def shown(self, facts: Facts) -> dict[str, Any]:
        """Evidence that only this shape has."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Late(Common):
    """A milestone that has not come by its expected time, the promise or its window, plus grace."""

    milestone: str
    counts_from: CountsFrom = "expected"
    grace: timedelta = timedelta(0)

    parameters: ClassVar[Parameters] = {
        "grace": ("Grace", "How long after its time it is late"),
        "counts_from": ("Counts from", "The milestone's own time, the promise, or the time window"),
    }

    @property
    def awaits(self) -> tuple[str, ...]:
        return (self.milestone,)

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None or facts.reached(self.milestone) is not None:
            return None
        due = due_at(facts, self.counts_from, self.milestone)
        return None if due is None else due + self.grace


def due_at(facts: Facts, counts_from: CountsFrom, milestone: str) -> datetime | None:
    """The time a milestone is measured by; whoever was told no window is measured by the job's own start."""
    if counts_from == "promise":
        return facts.promised_at
    starts_at = facts.expected(milestone)
    if counts_from == "window_end":
        return facts.planned("window_ends_at") or starts_at
    opens_at = facts.planned("window_starts_at") if facts.plans else None
    return (opens_at or starts_at) if counts_from == "window_start" else (starts_at or opens_at)


@dataclass(frozen=True, kw_only=True)
class Silent(Common):
    """After one milestone, nothing more was heard for a while, though more should have been.

    ``after`` may name several of which the first one reached counts; ``working`` counts opening hours. What
    ``until`` names ends it if it was heard since it began, the last time; what ``rests`` names ends it until
    something else is heard.
    """

    after: tuple[str, ...]
    until: tuple[str, ...]
    silence: timedelta
    heard: tuple[str, ...] = ()
    rests: tuple[str, ...] = ()
    working: bool = False
    needs: Callable[[Facts], bool] = lambda _: True

    parameters: ClassVar[Parameters] = {
        "silence": ("Silence", "How long nothing may be heard"),
        "working": ("In opening hours", "Count only while the site is open"),
    }

    @property
    def awaits(self) -> tuple[str, ...]:
        return (*self.until, *self.rests, *self.heard)

    def what(self, facts: Facts) -> str:
        return lasting(self.silence)

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None:
            return None
        begun = self.begun(facts)
        if not begun or not self.needs(facts):
            return None
        last = self.last(facts, begun)
        over = [(name, max(begun)) for name in self.until] + [(name, last) for name in self.rests]
        if any((at := facts.heard(name)) and at >= since for name, since in over):
            return None
        return later(facts, last, self.silence) if self.working else last + self.silence

    def begun(self, facts: Facts) -> list[datetime]:
        return [at for name in self.after if (at := facts.reached(name))]

    def last(self, facts: Facts, begun: Sequence[datetime]) -> datetime:
        """When something was heard of it last."""
        return max([begun[0], *(at for word in self.heard if (at := facts.reported(word)))])


@dataclass(frozen=True, kw_only=True)
class Reported(Common):
    """A source said a watched word; once something later is heard, it holds no more."""

    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    while_open: bool = False
    only: Callable[[Facts, str], bool] = lambda _, __: True

    def when(self, facts: Facts) -> datetime | None:
        said = [at for word in self.words if (at := facts.heard(word)) and self.only(facts, word)]
        if not said or (self.while_open and facts.ended_at is not None):
            return None
        last = max(said)
        mended = [at for name in self.unless if (at := facts.heard(name)) and at >= last]
        return None if mended else last


def check(rule: Rule, facts: Facts, at: datetime) -> Finding | None:
    """What the rule finds as of an instant, and how much it matters then."""
    if rule.kind != facts.kind:
        return None
    since = rule.when(facts)
    if since is None or since > at:
        return None
    return weighed(rule.finding(facts, since), facts, at)


def worth(facts: Facts) -> Decimal:
    return facts.value if facts.value is not None else Decimal(0)
