"""From findings to cases: a new case, the open one about the same thing, or one settled lately (L5, T20)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from exceptions_app.cases.many import Change, before_settling, settle
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.detection import masses
from exceptions_app.detection.holding import Standings, hold
from exceptions_app.detection.keyed import latest_cases, may_be_taken_up
from exceptions_app.detection.loosened import only_loosened
from exceptions_app.detection.rules.base import Finding
from exceptions_app.people.access import by_rule
from exceptions_app.people.models import Team
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import ExceptionType

Became = Literal["opened", "joined", "reopened", "held", "absorbed", "watched", "known"]


@dataclass(frozen=True)
class Found:
    """A finding about a subject, and as of when it was found.

    ``regraded``: what its severity follows was said otherwise just then. ``source_id`` told of it just then.
    """

    subject: Subject
    finding: Finding
    at: datetime
    regraded: bool = False
    source_id: int | None = None

    @property
    def key(self) -> str:
        """References repeat between sites; cases about them must not meet."""
        return f"{self.subject.site_id}:{self.finding.key}"

    @property
    def told_by(self) -> int | None:
        """Whose word it rests on: who told of it just then; on the clock, who told of the subject last."""
        return self.source_id or self.subject.source_id


@dataclass(frozen=True)
class Raised:
    """What became of a finding, and why."""

    subject_id: int
    finding: Finding
    became: Became
    why: str
    case: Case | None = None

    @property
    def opened(self) -> bool:
        return self.became in ("opened", "absorbed")

    @property
    def told(self) -> bool:
        """Whether a case was told of it."""
        return self.opened or self.became in ("joined", "reopened")


def raise_cases(
    found: Sequence[Found],
    *,
    imported: bool = False,
    doubted: frozenset[int] = frozenset(),
) -> list[Raised]:
    """Say of each finding, in the order of time, what becomes of it; one told before is left alone.

    ``doubted`` are sources about to go into quarantine.
    """
    if not found:
        return []
    latest = latest_cases({one.key for one in found})
    old = frozenset[int]() if imported else only_loosened(found, latest)
    sorting = Sorting(latest, imported, Standings(doubted), old)
    ordered = sorted(found, key=lambda one: one.at)
    became = [sorting.place(one) for one in ordered]
    hold(sorting.held, sorting.standings)
    at = ordered[-1].at
    opened = sorting.open(at)
    sorting.tell(opened, at)
    cases = sorting.latest | opened
    return [
        raised(one, fate, cases.get(one.key), sorting)
        for one, fate in zip(ordered, became, strict=True)
    ]


@dataclass
class Sorting:
    """Findings of one batch on their way to their cases, which are locked."""

    latest: dict[str, Case]
    imported: bool
    standings: Standings
    #: Findings that only a less strict rule makes look new.
    old: frozenset[int] = frozenset()
    fresh: dict[str, Found] = field(default_factory=dict)
    again: list[Found] = field(default_factory=list)
    taken_up: set[str] = field(default_factory=set)
    held: list[Found] = field(default_factory=list)
    #: Of what each case has been told in this batch.
    told: dict[str, datetime] = field(default_factory=dict)

    def place(self, one: Found) -> Became:
        case = self.latest.get(one.key)
        open_one = one.key in self.fresh or one.key in self.taken_up or (case and case.is_open)
        if not self.is_news(one, case):
            return "known"
        if open_one:
            return self.takes(one, "joined")
        if not self.imported and self.standings.holding(one.subject, one.finding):
            self.held.append(one)
            return "held"
        if case and may_be_taken_up(case, one.at, imported=self.imported):
            self.taken_up.add(one.key)
            return self.takes(one, "reopened")
        self.fresh[one.key], self.told[one.key] = one, one.finding.since
        return "opened"

    def takes(self, one: Found, became: Became) -> Became:
        self.again.append(one)
        self.told[one.key] = one.finding.since
        return became

    def is_news(self, one: Found, case: Case | None) -> bool:
        """A finding is news to a case if it holds since later than what the case was told, by its facts.

        Or if it is worse by what was just said (S6); a person who made the case less bad is not overruled
        by anything else.
        """
        since = self.told.get(one.key) or (case.since if case else None)
        if since is None or (one.finding.since > since and id(one.finding) not in self.old):
            return True
        told_now = one.key in self.told
        open_one = case is not None and case.is_open and one.finding.severity < case.severity
        return one.regraded and open_one and not told_now

    def open(self, at: datetime) -> dict[str, Case]:
        teams = teams_of({one.subject.site_id for one in self.fresh.values()})
        openings = [self.opening(one, teams) for one in self.fresh.values()]
        openings = masses.absorbed(openings, at=at)
        opened = open_cases(openings, at=at)
        return dict(zip(self.fresh, opened, strict=True))

    def opening(self, one: Found, teams: dict[tuple[int, str], int]) -> Opening:
        finding, subject, former = one.finding, one.subject, self.latest.get(one.key)
        quarantined = not self.imported and self.standings.quarantined(one.told_by)
        return Opening(
            title=finding.title,
            exception_type=finding.exception_type,
            severity=finding.severity,
            site_id=subject.site_id,
            team_id=teams.get((subject.site_id, finding.team), subject.team_id),
            subject=subject,
            rule=finding.rule,
            key=one.key,
            since=finding.since,
            evidence=dict(finding.evidence),
            by=by_rule(finding.rule),
            at=one.at,
            imported=self.imported,
            former_id=former.pk if former else None,
            quarantine_id=one.told_by if quarantined else None,
        )

    def tell(self, opened: dict[str, Case], at: datetime) -> None:
        """Tell each case in turn; it takes the newer wording, and the severity if that is worse."""
        if not self.again:
            return
        cases = self.latest | opened
        before = before_settling([cases[key].pk for key in self.taken_up]) if self.taken_up else {}
        changes: dict[str, Change] = {}
        worst: dict[str, Found] = {}
        for one in self.again:
            change = changes.setdefault(one.key, Change(cases[one.key]))
            if not change.case.is_open:
                by, why = by_rule(one.finding.rule), one.finding.title
                change.reopen(before.get(change.case.pk, ""), by=by, at=one.at, reason=why)
            join(change, one)
            worst[one.key] = min(worst.get(one.key, one), one, key=badness)
        for key, change in changes.items():
            finding, found_at = worst[key].finding, worst[key].at
            by = by_rule(finding.rule)
            change.worsen(finding.severity, by=by, at=found_at, reason=finding.title)
        settle(list(changes.values()), at=at)


def badness(one: Found) -> int:
    """The worst comes first."""
    return one.finding.severity


def join(change: Change, one: Found) -> None:
    case, finding = change.case, one.finding
    case.repeats += 1
    case.last_seen_at = case.changed_at = one.at
    case.since = finding.since
    came_true = case.exception_type == ExceptionType.PREDICTED_LATE
    if finding.severity <= case.severity or came_true:
        if finding.rule != case.rule:  # else it may be what a person made of it
            case.exception_type = finding.exception_type
        case.title, case.rule = finding.title, finding.rule
    told = {"title": finding.title, "rule": finding.rule, "since": finding.since.isoformat()}
    change.mention("case.repeated", by=by_rule(finding.rule), at=one.at, **told)


def teams_of(site_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    rows = Team.objects.filter(site__in=site_ids).values_list("site_id", "slug", "pk")
    return {(site, slug): pk for site, slug, pk in rows}


def raised(one: Found, became: Became, case: Case | None, sorting: Sorting) -> Raised:
    subject_id, finding = one.subject.pk, one.finding
    if became == "held":
        source = sorting.standings.holding(one.subject, finding)
        why = source.holds() if source else ""
        return Raised(subject_id, finding, became, why, source.silence if source else None)
    if became == "opened" and case and case.parent_id:
        became = "absorbed"
    return Raised(subject_id, finding, became, because(became, case), case)


def watched(found: Iterable[Found]) -> list[Raised]:
    """What became of those that do not matter enough for a case."""
    return [
        Raised(
            one.subject.pk,
            one.finding,
            "watched",
            f"It scores {one.finding.score}, which is not enough for a case.",
        )
        for one in found
    ]


def because(became: Became, case: Case | None) -> str:
    """Why it became that, as a sentence."""
    if became == "known":
        standing = f"which is {case.get_status_display()}" if case else "which is open"
        return f"{case} was told of this before, {standing}."
    sentences = {
        "opened": "Nothing was open about it.",
        "joined": f"{case} is open about the same thing.",
        "reopened": f"{case} was settled less than three days ago, and it is the same thing again.",
        "absorbed": f"{case} opened as one of many at once.",
    }
    return sentences[became]
