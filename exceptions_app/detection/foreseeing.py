"""What was learned at each site, put into the rules of predicted lateness where they are on (T19)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from exceptions_app.detection.models import RiskModel
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.rules.base import Rule
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.vocabulary import SubjectKind

Rules = Mapping[tuple[SubjectKind, int | None], tuple[Rule, ...]]


def foreseeing(rules: Rules) -> Rules:
    """The rules, with each site's newest model in those that need one; no query where all are off."""
    wanted = {kind for (kind, _), of in rules.items() if any(isinstance(r, Predicted) for r in of)}
    if not wanted:
        return rules
    found = dict(rules)
    for row, model in learned(wanted):
        kind = SubjectKind(row.kind)
        own = rules.get((kind, row.site_id), rules[kind, None])
        found[kind, row.site_id] = tuple(with_model(own, model, row))
    return found


def learned(kinds: Collection[SubjectKind]) -> Iterator[tuple[RiskModel, Model]]:
    """The newest of each site and kind."""
    newest = RiskModel.objects.filter(kind__in=kinds).order_by("site_id", "kind", "-id")
    for row in newest.distinct("site_id", "kind").select_related("site"):
        yield row, Model.from_json(row.learned, ZoneInfo(row.site.time_zone))


def with_model(rules: Iterable[Rule], model: Model, row: RiskModel) -> Iterable[Rule]:
    for rule in rules:
        yield (
            replace(rule, model=model, learned_at=row.made_at)
            if isinstance(rule, Predicted)
            else rule
        )
