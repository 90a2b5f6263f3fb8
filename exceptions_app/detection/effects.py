"""What a change would do before it holds: which cases would open as of now, counted a batch at a time.

Nothing is written and nothing is locked.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import QuerySet

from exceptions_app.cases.models import Case
from exceptions_app.detection.changing import learned_for, newest
from exceptions_app.detection.editing import Edit
from exceptions_app.detection.keyed import may_be_taken_up
from exceptions_app.detection.looking import outlook
from exceptions_app.detection.loosened import is_later, told_of
from exceptions_app.detection.policy import Policy, built, current
from exceptions_app.detection.rules.base import Finding
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Subject
from exceptions_app.vocabulary import SubjectKind

BATCH = 500
#: By the key of the case that they would be, what was found.
Found = Mapping[str, Sequence[Finding]]
Cases = Mapping[str, Case]


@dataclass(frozen=True, slots=True)
class Affected:
    """A subject of which something else would be found."""

    subject_id: int
    name: str
    reference: str
    site: str
    what: str
    title: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What was counted so far; ``after`` is the last subject that was looked at."""

    total: int
    looked: int = 0
    opens: int = 0
    reopens: int = 0
    watched: int = 0
    ceases: int = 0
    moved: int = 0
    after: int = 0
    done: bool = False
    rows: tuple[Affected, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Trial:
    """The policy as it is, and as it would be."""

    now: Policy
    then: Policy
    kinds: Collection[SubjectKind]
    site_id: int | None
    sites: Mapping[int, str]


def trial(edit: Edit) -> Trial:
    """Both policies, by the same hours."""
    now, version = current(), newest()
    document = edit.applied(version.document if version else {})
    trying = learned_for(edit, document)
    then = built(document, hours=now.hours, version=now.version + 1).foreseeing(trying)
    sites = dict(Site.objects.order_by("pk").values_list("pk", "name"))
    return Trial(now, then, edit.kinds, edit.site_id, sites)


def begin(tried: Trial, *, by: Actor) -> Effects:
    return Effects(total=open_subjects(tried.kinds, tried.site_id).filter(access.scope(by)).count())


def open_subjects(kinds: Collection[SubjectKind], site_id: int | None) -> QuerySet[Subject]:
    """Those that somebody watches: of these kinds, not ended, and not known from history only."""
    found = Subject.objects.filter(kind__in=kinds, ended_at=None, imported=False).order_by()
    return found if site_id is None else found.filter(site=site_id)


def count_on(
    tried: Trial, counted: Effects, *, by: Actor, at: datetime, limit: int = BATCH
) -> Effects:
    """The same with the next batch in it; its rows are those of this batch only."""
    mine = open_subjects(tried.kinds, tried.site_id).filter(access.scope(by), pk__gt=counted.after)
    subjects = list(mine.order_by("pk")[:limit])
    if not subjects:
        return replace(counted, done=True, rows=())
    known = facts_of(subjects, tried.now.hours)
    compared = [compare(tried, subject, known[subject.pk], at) for subject in subjects]
    cases = cases_of({key for one in compared for key in (*one.now, *one.then)})
    rows = tuple(row for one in compared for row in rows_of(tried, one, cases, at))
    found = Counter(row.what for row in rows)
    return Effects(
        total=counted.total,
        looked=counted.looked + len(subjects),
        opens=counted.opens + found["opens"],
        reopens=counted.reopens + found["reopens"],
        watched=counted.watched + found["watched"],
        ceases=counted.ceases + found["ceases"],
        moved=counted.moved + sum(one.moved for one in compared),
        after=subjects[-1].pk,
        done=len(subjects) < limit,
        rows=rows,
    )


def cases_of(keys: Iterable[str]) -> Cases:
    """Per key the case that raising would meet, with what it asks of it."""
    found: dict[str, Case] = {}
    asked = ("key", "status", "since", "resolved_at", "closed_at", "imported")
    for case in Case.objects.filter(key__in=sorted(keys)).order_by("pk").only(*asked):
        if case.key not in found or not found[case.key].is_open:
            found[case.key] = case
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """What either policy finds of a subject, and whether it would be looked at at another time."""

    subject: Subject
    now: Found
    then: Found
    moved: bool


def compare(tried: Trial, subject: Subject, facts: Facts, at: datetime) -> Compared:
    site = subject.site_id
    (now, before), (then, after) = (outlook(facts, at, p, site) for p in (tried.now, tried.then))
    return Compared(subject, by_key(now, site), by_key(then, site), before != after)


def by_key(findings: Iterable[Finding], site_id: int) -> Found:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(f"{site_id}:{finding.key}", []).append(finding)
    return found


def rows_of(tried: Trial, one: Compared, cases: Cases, at: datetime) -> Iterator[Affected]:
    """Cases that would open or reopen, findings only watched then, and cases that nothing would support."""
    site = one.subject.site_id
    heavy_now, heavy_then = (
        {key: heavy for key, all_of in found.items() if (heavy := weighty(policy, all_of, site))}
        for policy, found in ((tried.now, one.now), (tried.then, one.then))
    )
    for key, heavy in heavy_then.items():
        case, before = cases.get(key), one.now.get(key, ())
        if news(heavy, before, case) and not news(heavy_now.get(key, ()), (), case):
            again = case is not None and may_be_taken_up(case, at)
            yield affected(tried, one.subject, "reopens" if again else "opens", heavy[0])
    for key, all_of in one.then.items():
        if key not in heavy_then and (key in heavy_now or key not in one.now):
            yield affected(tried, one.subject, "watched", all_of[0])
    for key, heavy in heavy_now.items():
        if key not in one.then and key in cases and cases[key].is_open:
            yield affected(tried, one.subject, "ceases", heavy[0])


def weighty(policy: Policy, findings: Sequence[Finding], site_id: int) -> list[Finding]:
    """Those that are more than watch items."""
    return [finding for finding in findings if policy.opens(finding, site_id)]


def news(findings: Sequence[Finding], before: Sequence[Finding], case: Case | None) -> bool:
    """Whether they open a case: there is none, or it is settled and was told of something older.

    What the policy as it is finds since then already is nothing new for being looked at less strictly.
    """
    if case is None:
        return bool(findings)
    known = {one.rule: one.since for one in before}
    return not case.is_open and any(
        case.since is None or (is_later(one, case) and not told_of(one, known, case.since))
        for one in findings
    )


def affected(tried: Trial, subject: Subject, what: str, finding: Finding) -> Affected:
    name, reference, site = str(subject), subject.reference, tried.sites[subject.site_id]
    return Affected(subject.pk, name, reference, site, what, finding.title)
