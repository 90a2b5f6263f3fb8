"""Rules, thresholds and journeys for programs: read, try a change on what is open, and change."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from dashboards.api.calling import Call, call
from dashboards.api.endpoint import Endpoint
from dashboards.api.naming import site_meant
from dashboards.api.rule_shapes import (
    EffectsOut,
    JourneyIn,
    JourneyOut,
    JourneysOut,
    RuleIn,
    RuleOut,
    RulesOut,
    ThresholdIn,
    ThresholdOut,
    TryRuleIn,
)
from exceptions_app.detection import changing, editing, effects, rulebook
from exceptions_app.detection.changing import VERB, document_now
from exceptions_app.detection.durations import durations_json
from exceptions_app.detection.editing import Edit, place_of
from exceptions_app.detection.policy import setting_of
from exceptions_app.errors import NotFound, Refused
from exceptions_app.people import access
from exceptions_app.vocabulary import Scope, SubjectKind

WHY = "Told by the carrier"
TRIED = {"parameters": {"silence": 1440}}


class PolicyEndpoint(Endpoint):
    """What the endpoints of the policy share."""

    def site_id(self) -> int | None:
        slug = self.asked.get("site")
        return None if slug is None else site_meant(slug, self.by)

    def change(self, edit: Edit) -> None:
        changing.change(
            edit,
            why=self.asked["why"],
            by=self.by,
            at=timezone.now(),
            seen=self.asked.get("seen"),
        )


class RuleEndpoint(PolicyEndpoint):
    def edit(self, slug: str) -> Edit:
        """What is asked for; what is left out stays as it is there."""
        rule, document, site = editing.rule_named(slug), document_now(), self.site_id()
        held = setting_of(document, rule.slug, place_of(site))
        return editing.rule_edit(
            document,
            slug,
            on=self.asked.get("on", held.on),
            parameters={**held.parameters, **self.asked.get("parameters", {})},
            site_id=site,
        )

    def told(self, slug: str) -> dict[str, Any]:
        rulebook.insist_reads(self.by)
        rule, last = editing.rule_named(slug), rulebook.last_changes(self.by)
        row = rulebook.row_of(rule, document_now(), rulebook.sites_of(self.by), last)
        return dict(RuleOut(row).data)


class Rules(Endpoint):
    @call(Call(name="list_rules", scope=Scope.RULES_READ, gives=RulesOut))
    def get(self, request: Request) -> Response:
        """List the rules by kind of subject, and what holds of each, everywhere and at single sites."""
        rows: Any = {"results": rulebook.rules(by=self.by)}
        return Response(RulesOut(rows).data)


class OneRule(RuleEndpoint):
    @call(Call(name="read_rule", scope=Scope.RULES_READ, gives=RuleOut))
    def get(self, request: Request, slug: str) -> Response:
        """Read a rule."""
        return Response(self.told(slug))

    @call(
        Call(
            name="change_rule",
            scope=Scope.RULES_WRITE,
            asks=RuleIn,
            gives=RuleOut,
            refuses=("stale",),
            example={**TRIED, "why": WHY},
        )
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Switch a rule or change its parameters, everywhere or at one site. It holds at once."""
        self.change(self.edit(slug))
        return Response(self.told(slug))


class RuleEffects(RuleEndpoint):
    @call(
        Call(
            name="try_rule",
            scope=Scope.RULES_WRITE,
            asks=TryRuleIn,
            gives=EffectsOut,
            example=TRIED,
        )
    )
    def post(self, request: Request, slug: str) -> Response:
        """Count what a change of a rule would do to a stretch of the open subjects. Nothing is changed."""
        edit = self.edit(slug)
        access.insist(self.by, VERB, site_id=edit.site_id)
        tried = effects.trial(edit)
        begun = effects.begin(tried, by=self.by)
        begun = effects.Effects(total=begun.total, after=self.asked["after"])
        limit: int = self.asked["limit"]
        counted = effects.count_on(tried, begun, by=self.by, at=timezone.now(), limit=limit)
        return Response(EffectsOut(counted).data)


class Journeys(Endpoint):
    @call(Call(name="list_journeys", scope=Scope.RULES_READ, gives=JourneysOut))
    def get(self, request: Request) -> Response:
        """List what each kind of subject goes through, and within which times."""
        rows: Any = {"results": rulebook.journeys(by=self.by)}
        return Response(JourneysOut(rows).data)


class OneJourney(PolicyEndpoint):
    def told(self, kind: SubjectKind) -> dict[str, Any]:
        rulebook.insist_reads(self.by)
        row = rulebook.journey_of(kind, document_now(), rulebook.last_changes(self.by))
        return dict(JourneyOut(row).data)

    @call(Call(name="read_journey", scope=Scope.RULES_READ, gives=JourneyOut))
    def get(self, request: Request, kind: str) -> Response:
        """Read the journey of a kind of subject."""
        return Response(self.told(kind_named(kind)))

    @call(
        Call(
            name="change_journey",
            scope=Scope.RULES_WRITE,
            asks=JourneyIn,
            gives=JourneyOut,
            refuses=("stale",),
            example={
                "steps": {"financed": {"after": "sold", "within": "10 calendar days"}},
                "why": WHY,
            },
        )
    )
    def patch(self, request: Request, kind: str) -> Response:
        """Change durations of a journey; `null` takes one out, what is left out stays."""
        which, document = kind_named(kind), document_now()
        now = durations_json(editing.durations_at(document, which))
        steps = with_changes(now["steps"], self.asked.get("steps", {}))
        given = {"promise": self.asked.get("promise", now["promise"]), "steps": steps}
        self.change(editing.journey_edit(document, which, given))
        return Response(self.told(which))


def kind_named(kind: str) -> SubjectKind:
    if kind not in SubjectKind.values:
        raise NotFound(f"There is no kind “{kind}”. Use one of {', '.join(SubjectKind.values)}.")
    return SubjectKind(kind)


def with_changes(now: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: step for name, step in {**now, **asked}.items() if step is not None}


class Thresholds(PolicyEndpoint):
    def told(self) -> dict[str, Any]:
        found = rulebook.threshold(by=self.by)
        sites = {slug: score for _, slug, score in found.sites}
        whole: Any = {"everywhere": found.everywhere, "sites": sites, "last": found.last}
        return dict(ThresholdOut(whole).data)

    @call(Call(name="read_threshold", scope=Scope.RULES_READ, gives=ThresholdOut))
    def get(self, request: Request) -> Response:
        """Read from which score on a finding opens a case, and where a site differs."""
        return Response(self.told())

    @call(
        Call(
            name="change_threshold",
            scope=Scope.RULES_WRITE,
            asks=ThresholdIn,
            gives=ThresholdOut,
            refuses=("stale",),
            example={"threshold": 20, "why": WHY},
        )
    )
    def patch(self, request: Request) -> Response:
        """Change it, everywhere or at one site; findings below it are only watched."""
        site, score = self.site_id(), self.asked["threshold"]
        if score is None and site is None:
            raise Refused.about(
                "threshold", "Write a number from 0 to 100; only a site can follow the others."
            )
        self.change(editing.threshold_edit(document_now(), score, site_id=site))
        return Response(self.told())
