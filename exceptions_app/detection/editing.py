"""Edits of the policy: what somebody wants to be otherwise, checked and put into words; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from exceptions_app.detection.durations import Durations, durations_json, read_durations
from exceptions_app.detection.materiality import THRESHOLD
from exceptions_app.detection.parameters import checked, parameters_of, words_or_unset
from exceptions_app.detection.policy import (
    BY_SLUG,
    EVERYWHERE,
    OF_THRESHOLD,
    Document,
    of_journey,
    of_rule,
    setting_of,
)
from exceptions_app.detection.rules.base import Rule
from exceptions_app.detection.shipped import DURATIONS
from exceptions_app.errors import NotFound, Refused
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind


@dataclass(frozen=True)
class Edit:
    """One thing at one place; ``value`` None takes back what was said there.

    ``adopts`` is the learned model that is to hold with it, if it comes with one.
    """

    about: str
    site_id: int | None
    value: Any
    said: str
    kinds: tuple[SubjectKind, ...]
    adopts: int | None = None

    @property
    def place(self) -> str:
        return place_of(self.site_id)

    def applied(self, document: Document) -> Document:
        """The document with this edit; what says nothing is left out."""
        said = {k: v for k, v in document.get(self.about, {}).items() if k != self.place}
        if self.value is not None:
            said[self.place] = self.value
        rest = {about: places for about, places in document.items() if about != self.about}
        return {**rest, self.about: said} if said else rest


def place_of(site_id: int | None) -> str:
    return EVERYWHERE if site_id is None else str(site_id)


def rule_named(slug: str) -> Rule:
    if slug not in BY_SLUG:
        raise NotFound(f"There is no rule “{slug}”.")
    return BY_SLUG[slug]


def rule_edit(
    document: Document,
    slug: str,
    *,
    on: bool | None,
    parameters: Mapping[str, Any],
    site_id: int | None = None,
) -> Edit:
    """Switch a rule and set its parameters; only what differs from what would hold anyway is kept."""
    rule = rule_named(slug)
    edit = Edit(of_rule(slug), site_id, None, "", (rule.kind,))
    without = setting_of(edit.applied(document), slug, edit.place)
    shipped = {one.name: one.shipped for one in parameters_of(rule)}
    base = shipped | dict(without.parameters)
    differ = {name: v for name, v in checked(rule, parameters).items() if v != base[name]}
    value: dict[str, Any] = {"parameters": differ} if differ else {}
    if on is not None and on != without.on:
        value["on"] = on
    before = setting_of(document, slug, edit.place)
    after = {"on": without.on, **value}["on"], base | differ
    said = rule_words(rule, (before.on, shipped | dict(before.parameters)), after)
    return Edit(edit.about, site_id, value or None, said, edit.kinds)


State = tuple[bool, Mapping[str, Any]]


def rule_words(rule: Rule, before: State, after: State) -> str:
    """What changes, in words."""
    said = []
    if before[0] != after[0]:
        said.append("switched on" if after[0] else "switched off")
    for one in parameters_of(rule):
        old, new = before[1][one.name], after[1][one.name]
        if old != new:
            said.append(
                f"{one.label.lower()} {words_or_unset(one, old)} → {words_or_unset(one, new)}"
            )
    return cut(f"{rule.slug}: {', '.join(said) or 'as it was'}")


def adopting(edit: Edit, model_id: int, learned_at: datetime) -> Edit:
    """The same, with what a backtest learned."""
    said = cut(f"{edit.said}; with what was learned {learned_at:%Y-%m-%d %H:%M} UTC")
    return replace(edit, adopts=model_id, said=said)


def threshold_edit(document: Document, score: int | None, *, site_id: int | None = None) -> Edit:
    """From which score on a finding opens a case; None at a site is as everywhere."""
    if score is not None and not 0 <= score <= 100:
        raise Refused.about(
            "threshold", "Write a threshold from 0, where everything opens a case, to 100."
        )
    edit = Edit(OF_THRESHOLD, site_id, None, "", tuple(SubjectKind))
    without = threshold_at(edit.applied(document), edit.place)
    value = None if score == without else score
    after = without if value is None else value
    said = f"threshold {threshold_at(document, edit.place)} → {after}"
    return Edit(OF_THRESHOLD, site_id, value, said, edit.kinds)


def threshold_at(document: Document, place: str) -> int:
    said = document.get(OF_THRESHOLD, {})
    return int(said.get(place, said.get(EVERYWHERE, THRESHOLD)))


def journey_edit(document: Document, kind: SubjectKind, given: Mapping[str, Any]) -> Edit:
    """Give a kind of subject other durations; the shipped ones again are nothing said."""
    durations = read_durations(kind, given)
    before = durations_at(document, kind)
    value = None if durations == DURATIONS[kind] else durations_json(durations)
    return Edit(of_journey(kind), None, value, journey_words(kind, before, durations), (kind,))


def durations_at(document: Document, kind: SubjectKind) -> Durations:
    kept = document.get(of_journey(kind), {}).get(EVERYWHERE)
    return DURATIONS[kind] if kept is None else read_durations(kind, kept)


def journey_words(kind: SubjectKind, before: Durations, after: Durations) -> str:
    old, new = durations_json(before)["steps"], durations_json(after)["steps"]
    said = [
        f"“{label}” {step_words(kind, old.get(name))} → {step_words(kind, new.get(name))}"
        for name, label in JOURNEYS[kind].milestones.items()
        if old.get(name) != new.get(name)
    ]
    if before.promise != after.promise:
        said.append(f"the promise: {after.promise.label}")
    return cut(f"{kind.label}: {', '.join(said) or 'as it was'}")


def step_words(kind: SubjectKind, step: Mapping[str, str] | None) -> str:
    if not step:
        return "not expected"
    after = JOURNEYS[kind].milestones.get(step["after"], "the first that is known of it")
    return f"{step['within']} after {after}"


def back_edit(document: Document, before: Document, edit: Edit) -> Edit:
    """What an edit was about, as it was in an older document."""
    value = before.get(edit.about, {}).get(edit.place)
    there = document.get(edit.about, {}).get(edit.place)
    if value == there and edit.adopts is None:
        raise Refused("It is so already.")
    return replace(edit, value=value)


def cut(text: str) -> str:
    return text if len(text) <= 500 else f"{text[:499]}…"
