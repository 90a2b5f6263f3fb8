"""From findings to cases: a new case, or the open one about the same thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.models import Case
from exceptions_app.cases.opening import Opening, open_cases
from exceptions_app.cases.triage import change_severity
from exceptions_app.detection.rules.base import Finding
from exceptions_app.people.access import by_rule
from exceptions_app.people.models import Team
from exceptions_app.subjects.models import Subject
from exceptions_app.timeline.entries import New, record_many


@dataclass(frozen=True)
class Found:
    """A finding about a subject, and as of when it was found."""

    subject: Subject
    finding: Finding
    at: datetime

    @property
    def key(self) -> str:
        """References repeat between sites; cases about them must not meet."""
        return f"{self.subject.site_id}:{self.finding.key}"


@dataclass(frozen=True)
class Raised:
    """What became of a finding."""

    subject_id: int
    case: Case
    opened: bool


def raise_cases(found: Sequence[Found], *, imported: bool = False) -> list[Raised]:
    """Open or join a case for each finding; one already told of that very finding is left alone."""
    if not found:
        return []
    latest = latest_cases({one.key for one in found})
    teams = teams_of({one.subject.site_id for one in found})
    fresh: dict[str, Found] = {}
    again: list[Found] = []
    for one in sorted(found, key=lambda f: f.at):
        case = latest.get(one.key)
        if one.key in fresh or (case and case.is_open):
            again.append(one)
        elif case is None or is_news(case, one):
            fresh[one.key] = one
    opened = open_cases(
        [opening(one, teams, imported=imported) for one in fresh.values()],
        at=max(f.at for f in found),
    )
    raised = [
        Raised(one.subject.pk, case, opened=True)
        for one, case in zip(fresh.values(), opened, strict=True)
    ]
    return raised + join_each(again, latest | dict(zip(fresh, opened, strict=True)))


def latest_cases(keys: Iterable[str]) -> dict[str, Case]:
    """Per key the open case, else the newest; locked, so that two finders do not both join or open."""
    rows = Case.objects.select_for_update(of=("self",)).filter(key__in=sorted(keys)).order_by("pk")
    found: dict[str, Case] = {}
    for case in rows:
        if case.key not in found or not found[case.key].is_open:
            found[case.key] = case
    return found


def teams_of(site_ids: Iterable[int]) -> dict[tuple[int, str], int]:
    rows = Team.objects.filter(site__in=site_ids).values_list("site_id", "slug", "pk")
    return {(site, slug): pk for site, slug, pk in rows}


def is_news(case: Case, one: Found) -> bool:
    """A finding is news to a case if it holds since later than what the case was told."""
    return case.since is None or one.finding.since > case.since


def opening(one: Found, teams: dict[tuple[int, str], int], *, imported: bool) -> Opening:
    finding, subject = one.finding, one.subject
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
        imported=imported,
    )


def join_each(found: Iterable[Found], cases: dict[str, Case]) -> list[Raised]:
    """Tell the open cases in turn; what one finding made of a case is what the next one meets."""
    joined = []
    for one in found:
        if is_news(cases[one.key], one):
            joined.append(join(cases[one.key], one))
            cases[one.key] = joined[-1].case
    return joined


def join(case: Case, one: Found) -> Raised:
    """Tell the open case; it takes the newer wording, and the severity if that is worse."""
    finding = one.finding
    repeated = {
        "repeats": case.repeats + 1,
        "last_seen_at": one.at,
        "since": finding.since,
    }
    if finding.severity <= case.severity:
        repeated |= {"title": finding.title, "rule": finding.rule}
        # What a person says a complaint is about outlives the same rule finding it again.
        if finding.rule != case.rule:
            repeated["exception_type"] = finding.exception_type
    Case.objects.filter(pk=case.pk).update(**repeated, changed_at=one.at)
    for name, value in repeated.items():
        setattr(case, name, value)
    by = by_rule(finding.rule)
    data = {
        "title": finding.title,
        "rule": finding.rule,
        "since": finding.since.isoformat(),
    }
    record_many([New(case.pk, "case.repeated", by, one.at, data)])
    if finding.severity < case.severity:
        case = change_severity(
            Seen(case.pk),
            by=by,
            at=one.at,
            severity=finding.severity,
            reason=finding.title,
        )
    return Raised(one.subject.pk, case, opened=False)
