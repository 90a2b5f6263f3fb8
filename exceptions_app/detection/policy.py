"""The policy: which rules look at what, with which parameters, where, and by which journeys.

It is the shipped rules and durations with what staff changed; loaded once per version and process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import connection
from django.utils.functional import cached_property

from exceptions_app.asking import asked
from exceptions_app.detection.durations import Durations, planned, read_durations
from exceptions_app.detection.foreseeing import foreseeing
from exceptions_app.detection.materiality import THRESHOLD
from exceptions_app.detection.models import PolicyVersion, RiskModel
from exceptions_app.detection.parameters import applied
from exceptions_app.detection.rules.base import Finding, Late, Rule
from exceptions_app.detection.rules.behind import Behind
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.detection.shipped import DURATIONS
from exceptions_app.errors import Refused
from exceptions_app.people.models import Site
from exceptions_app.sla.calendars import hours_of
from exceptions_app.sla.hours import ALWAYS, Hours
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

#: Where a setting holds that names no site.
EVERYWHERE = ""
UTC_ALWAYS = ALWAYS(ZoneInfo("UTC"))
BY_SLUG: Mapping[str, Rule] = {rule.slug: rule for rule in RULES}
OF_THRESHOLD = "threshold"
#: What staff changed: what it is about, where, and what holds of it there.
Document = Mapping[str, Mapping[str, Any]]
_log = structlog.stdlib.get_logger("desk.policy")


@dataclass(frozen=True, slots=True)
class Setting:
    """Whether a rule is on, and the parameters that differ from the shipped ones."""

    on: bool
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """What to look with. ``rules`` by kind, and by kind and site where a site has its own."""

    rules: Mapping[tuple[SubjectKind, int | None], tuple[Rule, ...]]
    durations: Mapping[SubjectKind, Durations]
    threshold: int = THRESHOLD
    thresholds: Mapping[int, int] = field(default_factory=dict)
    hours: Mapping[int, Hours] = field(default_factory=dict)
    version: int = 0

    def rules_of(self, kind: SubjectKind, site_id: int | None = None) -> tuple[Rule, ...]:
        """The rules that are switched on for this kind at this site."""
        own = self.rules.get((kind, site_id))
        return self.rules[kind, None] if own is None else own

    def threshold_at(self, site_id: int | None) -> int:
        return self.threshold if site_id is None else self.thresholds.get(site_id, self.threshold)

    def opens(self, finding: Finding, site_id: int | None = None) -> bool:
        """Whether it weighs enough to open a case; otherwise it is a watch item."""
        return finding.score >= self.threshold_at(site_id)

    def hours_at(self, site_id: int | None) -> Hours:
        """When a site works; without a calendar it is round the clock, as its clocks run."""
        return UTC_ALWAYS if site_id is None else self.hours.get(site_id, UTC_ALWAYS)

    def seen(self, facts: Facts, site_id: int | None = None) -> Facts:
        """The facts as rules look at them: with what the journey expects. Seeing twice changes nothing."""
        key = facts.kind, site_id
        needed = self.needed.get(key) or self.needed[facts.kind, None]
        return planned(facts, needed, self.hours_at(site_id))

    def foreseeing(self, trying: RiskModel | None = None) -> "Policy":
        """With what was adopted at each site, in those rules that predict; one may be tried instead."""
        return replace(self, rules=foreseeing(self.rules, trying))

    def predicts(self, kind: SubjectKind, site_id: int) -> bool:
        """Whether a rule that looks with what was learned is on there."""
        return any(isinstance(rule, Predicted) for rule in self.rules_of(kind, site_id))

    @cached_property
    def needed(self) -> Mapping[tuple[SubjectKind, int | None], Durations]:
        """The durations of those milestones whose expected time some rule looks at."""
        return {
            key: self.durations[key[0]].only(expected_by(rules), JOURNEYS[key[0]].keeps)
            for key, rules in self.rules.items()
        }


def expected_by(rules: Iterable[Rule]) -> set[str]:
    """The milestones whose expected time these rules look at."""
    return {name for rule in rules for name in expects(rule)}


def expects(rule: Rule) -> tuple[str, ...]:
    if isinstance(rule, Behind):
        return rule.milestones
    return (rule.milestone,) if isinstance(rule, Late) and rule.counts_from != "promise" else ()


def built(document: Document, *, hours: Mapping[int, Hours] | None = None, version: int) -> Policy:
    """The policy of a document of changes."""
    rules: dict[tuple[SubjectKind, int | None], tuple[Rule, ...]] = {
        (kind, None): rules_at(document, kind, EVERYWHERE) for kind in SubjectKind
    }
    own = {(rule.kind, place) for rule in RULES for place in document.get(of_rule(rule.slug), {})}
    for kind, place in own:
        if place != EVERYWHERE:
            rules[kind, int(place)] = rules_at(document, kind, place)
    thresholds = dict(document.get(OF_THRESHOLD, {}))
    return Policy(
        rules=rules,
        durations={kind: durations_of(document, kind) for kind in SubjectKind},
        threshold=thresholds.pop(EVERYWHERE, THRESHOLD),
        thresholds={int(place): score for place, score in thresholds.items()},
        hours=hours or {},
        version=version,
    )


def of_rule(slug: str) -> str:
    """What a document calls the settings of a rule."""
    return f"rule:{slug}"


def of_journey(kind: SubjectKind) -> str:
    return f"journey:{kind.value}"


def rules_at(document: Document, kind: SubjectKind, place: str) -> tuple[Rule, ...]:
    """Those of a kind that are on at a place; what a site says goes before what holds everywhere."""
    settings = {rule: setting_of(document, rule.slug, place) for rule in RULES if rule.kind == kind}
    return tuple(with_parameters(rule, s.parameters) for rule, s in settings.items() if s.on)


def setting_of(document: Document, slug: str, place: str) -> Setting:
    """What holds of a rule at a place."""
    said = document.get(of_rule(slug), {})
    rule = BY_SLUG.get(slug)
    on, parameters = rule is None or not rule.off, dict[str, Any]()
    for one in dict.fromkeys((EVERYWHERE, place)):
        on = said.get(one, {}).get("on", on)
        parameters |= said.get(one, {}).get("parameters", {})
    return Setting(on, parameters)


def with_parameters(rule: Rule, kept: Mapping[str, Any]) -> Rule:
    """A value that a newer release does not take any more must not stop the intake: the shipped one holds."""
    try:
        return applied(rule, kept)
    except Refused as refusal:
        _log.error("a rule keeps its shipped parameters", rule=rule.slug, why=str(refusal))
        return rule


def durations_of(document: Document, kind: SubjectKind) -> Durations:
    kept = document.get(of_journey(kind), {}).get(EVERYWHERE)
    if kept is None:
        return DURATIONS[kind]
    try:
        return read_durations(kind, kept)
    except Refused as refusal:
        _log.error("a journey keeps its shipped durations", kind=kind.value, why=str(refusal))
        return DURATIONS[kind]


SHIPPED = built({}, version=0)


#: What this process loaded last, under the mark of what it was loaded from.
_kept: dict[str, tuple[tuple[int, str], Policy]] = {}

#: The newest version, and a mark that changes with any row of the calendars and sites.
MARK = """
    SELECT coalesce((SELECT max(id) FROM exceptions_app_policyversion), 0),
           coalesce((SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (
               SELECT 's' || id || ':' || xmin || ctid AS row FROM exceptions_app_site
               UNION ALL SELECT 'c' || id || ':' || xmin || ctid FROM exceptions_app_calendar
               UNION ALL SELECT 'v' || id || ':' || xmin || ctid
                   FROM exceptions_app_calendarversion
               UNION ALL SELECT 'r' || max(id) FROM exceptions_app_riskadoption) known), '')
"""
#: Whoever plans looks holds it shared until its transaction ends; a new version waits for all of them.
LOCK = 0x706F6C69


def current() -> Policy:
    """The policy that holds now; one query unless it changed."""
    mark = asked(MARK)[0]
    known = _kept.get("now")
    if known is not None and known[0] == mark:
        return known[1]
    version = PolicyVersion.objects.filter(pk=mark[0]).first()
    document = version.document if version else {}
    policy = built(document, hours=hours_by_site(), version=mark[0]).foreseeing()
    _kept["now"] = (mark, policy)
    return policy


def held() -> Policy:
    """The policy, held until the transaction ends: no look that it plans can outlive a newer version unseen.

    Taken before any row is locked, so that nobody waits for rows while another waits for the version.
    """
    asked("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK], answers=False)
    return current()


def alone() -> None:
    """Wait for all who plan looks or raise cases, and keep others from it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def hours_by_site() -> dict[int, Hours]:
    """The opening hours of every site, in three queries."""
    sites = list(Site.objects.order_by("pk"))
    calendars = hours_of(site.calendar_id for site in sites if site.calendar_id is not None)
    return {
        site.pk: ALWAYS(ZoneInfo(site.time_zone))
        if site.calendar_id is None
        else calendars[site.calendar_id]
        for site in sites
    }
