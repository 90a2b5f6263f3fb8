"""The policy as people and programs read it: rules, thresholds, journeys, and who changed them when."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exceptions_app.detection.changing import document_now
from exceptions_app.detection.durations import FIRST, Durations
from exceptions_app.detection.editing import durations_at, place_of, threshold_at
from exceptions_app.detection.models import PolicyVersion, Replan
from exceptions_app.detection.parameters import Parameter, parameters_of, words_or_unset
from exceptions_app.detection.policy import (
    EVERYWHERE,
    OF_THRESHOLD,
    Document,
    expects,
    of_journey,
    of_rule,
    setting_of,
)
from exceptions_app.detection.rules.base import Late, Reported, Rule, Silent
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.errors import NotPermitted
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import ExceptionType, SubjectKind

HISTORY_SHOWN = 50
KINDS = tuple(SubjectKind)


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter and what it is."""

    of: Parameter
    value: Any

    @property
    def words(self) -> str:
        return words_or_unset(self.of, self.value)

    @property
    def changed(self) -> bool:
        return bool(self.value != self.of.shipped)


@dataclass(frozen=True, slots=True)
class Held:
    """What holds of a rule at one place."""

    site: str
    site_slug: str
    on: bool
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A version in a history."""

    version: int
    at: datetime
    by: str
    why: str
    said: str
    site: str
    site_slug: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: what it looks for, what holds of it everywhere and at single sites, and its last change.

    ``changed``: it holds otherwise than it was shipped, wherever the reader works.
    """

    slug: str
    kind: SubjectKind
    exception_type: ExceptionType
    title: str
    says: str
    everywhere: Held
    sites: tuple[Held, ...]
    changed: bool
    last: Changed | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A milestone: after what and within which time it is expected, and the rules that watch it.

    Those that it is ``timed_by`` go by a time of their own.
    """

    name: str
    label: str
    after: str
    after_label: str
    within: str
    watched_by: tuple[str, ...]
    timed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """What a kind of subject goes through."""

    kind: SubjectKind
    label: str
    durations: Durations
    keeps: str
    steps: tuple[StepRow, ...]
    last: Changed | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which score on findings open cases, everywhere and at single sites."""

    everywhere: int
    sites: tuple[tuple[str, str, int], ...]
    last: Changed | None


def insist_reads(by: Actor) -> None:
    if not access.may_somewhere(by, "see"):
        raise NotPermitted("Rules are shown to people of a site. Ask an administrator for a role.")


def sites_of(by: Actor) -> list[Site]:
    return list(access.sites(by).order_by("name"))


def rules(*, by: Actor) -> tuple[RuleRow, ...]:
    """Every rule by kind; three statements."""
    insist_reads(by)
    document, sites, last = document_now(), sites_of(by), last_changes(by)
    ordered = sorted(RULES, key=lambda rule: KINDS.index(rule.kind))
    return tuple(row_of(rule, document, sites, last) for rule in ordered)


def row_of(
    rule: Rule, document: Document, sites: Sequence[Site], last: Mapping[str, Changed]
) -> RuleRow:
    about = of_rule(rule.slug)
    said = document.get(about, {})
    own = [site for site in sites if place_of(site.pk) in said]
    shape: Any = rule
    return RuleRow(
        slug=rule.slug,
        kind=rule.kind,
        exception_type=shape.exception_type,
        title=f"{shape.exception_type.label.capitalize()}: {title_of(shape.title)}"
        if "{what}" in shape.title
        else title_of(shape.title),
        says=says_of(rule),
        everywhere=held_at(rule, document, None),
        sites=tuple(held_at(rule, document, site) for site in own),
        changed=EVERYWHERE in said or bool(own),
        last=last.get(about),
    )


def title_of(title: str) -> str:
    """The wording of its cases without names."""
    plain = title.replace("{customer}", "the customer")
    plain = plain.replace("{name}", "…").replace("{what}", "…").replace("……", "…")
    return plain[:1].upper() + plain[1:].removesuffix(": …")


def says_of(rule: Rule) -> str:
    """What it looks for: in its own words, or in the sentence that its shape is written with."""
    match rule:
        case Late():
            return f"{spoken(rule.milestone)} has not come by its time or the promise, plus grace."
        case Silent():
            missing = f": no {spoken(*rule.awaits)}" if rule.awaits else ""
            return f"After {spoken(*rule.after)}, nothing is heard for a while{missing}."
        case Reported():
            until = f", until {spoken(*rule.unless)} is heard" if rule.unless else ""
            return f"A source says {spoken(*rule.words)}{until}."
    return (inspect.getdoc(type(rule)) or "").split("\n\n")[0].replace("\n", " ")


def spoken(*names: str) -> str:
    """“shipped”, “packed” or “sent back”."""
    quoted = [f"“{name.replace('_', ' ')}”" for name in names]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def held_at(rule: Rule, document: Document, site: Site | None) -> Held:
    setting = setting_of(document, rule.slug, place_of(site.pk) if site else EVERYWHERE)
    values = tuple(
        Value(one, setting.parameters.get(one.name, one.shipped)) for one in parameters_of(rule)
    )
    name, slug = (site.name, site.slug) if site else ("", "")
    return Held(name, slug, setting.on, values)


def last_changes(by: Actor) -> dict[str, Changed]:
    """The newest change of each thing, as far as the actor may see."""
    newest = PolicyVersion.objects.filter(access.shared(by)).order_by("about", "-pk")
    return {row.about: changed(row) for row in newest.distinct("about").select_related("site")}


def changed(row: PolicyVersion) -> Changed:
    name, slug = (row.site.name, row.site.slug) if row.site else ("", "")
    return Changed(row.pk, row.at, row.actor_name, row.why, row.said, name, slug)


def history(about: str, *, by: Actor) -> tuple[Changed, ...]:
    """Its changes, newest first."""
    insist_reads(by)
    rows = PolicyVersion.objects.filter(access.shared(by), about=about).select_related("site")
    return tuple(changed(row) for row in rows.order_by("-pk")[:HISTORY_SHOWN])


def threshold(*, by: Actor) -> Threshold:
    insist_reads(by)
    document, last = document_now(), last_changes(by)
    said = document.get(OF_THRESHOLD, {})
    own = [site for site in sites_of(by) if place_of(site.pk) in said]
    return Threshold(
        threshold_at(document, EVERYWHERE),
        tuple((s.name, s.slug, threshold_at(document, place_of(s.pk))) for s in own),
        last.get(OF_THRESHOLD),
    )


def journeys(*, by: Actor) -> tuple[JourneyRow, ...]:
    """The journey of every kind of subject; two statements."""
    insist_reads(by)
    document, last = document_now(), last_changes(by)
    return tuple(journey_of(kind, document, last) for kind in SubjectKind)


def journey_of(
    kind: SubjectKind, document: Document, last: Mapping[str, Changed] | None = None
) -> JourneyRow:
    journey, durations = JOURNEYS[kind], durations_at(document, kind)
    labels = {FIRST: "first heard of", **journey.milestones}
    steps = []
    for name, label in journey.milestones.items():
        allowed = durations.steps.get(name)
        after, within = (allowed.after, allowed.words) if allowed else ("", "")
        watched = watchers(kind, name, document)
        steps.append(StepRow(name, label, after, labels.get(after, ""), within, *watched))
    newest = (last or {}).get(of_journey(kind))
    keeps = journey.milestones[journey.keeps]
    return JourneyRow(kind, str(kind.label), durations, keeps, tuple(steps), newest)


def watchers(
    kind: SubjectKind, milestone: str, document: Document
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The rules that are on and wait for it by the time it is expected; those that do by one of their own."""
    on = [
        rule
        for rule in RULES
        if rule.kind == kind and setting_of(document, rule.slug, EVERYWHERE).on
    ]
    expected = tuple(rule.slug for rule in on if milestone in expects(rule))
    others = tuple(
        rule.slug
        for rule in on
        if milestone in getattr(rule, "awaits", ()) and rule.slug not in expected
    )
    return expected, others


def replanning() -> int:
    """How many walks over subjects a change still has before it."""
    return Replan.objects.filter(done_at=None).count()
