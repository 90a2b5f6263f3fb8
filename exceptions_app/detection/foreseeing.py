"""What was learned and adopted at each site, put into the rules of predicted lateness that are on (T19)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from exceptions_app.detection.models import RiskAdoption, RiskModel
from exceptions_app.detection.risk.foresight import Foresight, read_chosen
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.rules.base import Rule
from exceptions_app.detection.rules.predicted import Adoption, Predicted
from exceptions_app.vocabulary import SubjectKind

Rules = Mapping[tuple[SubjectKind, int | None], tuple[Rule, ...]]


def foreseeing(rules: Rules, trying: RiskModel | None = None) -> Rules:
    """The rules, with what holds at each site in those that need it; no query where all are off.

    ``trying`` is looked with at its site instead, before anybody adopts it.
    """
    wanted = {kind for (kind, _), of in rules.items() if any(isinstance(r, Predicted) for r in of)}
    if not wanted:
        return rules
    found = dict(rules)
    for row in adopted(wanted):
        if row.model is not None:
            put_in(found, rules, row.model, Adoption(row.model.made_at, row.at, row.actor_name))
    if trying is not None:
        put_in(found, rules, trying, Adoption(trying.made_at, trying.made_at, ""))
    return found


def put_in(
    found: dict[tuple[SubjectKind, int | None], tuple[Rule, ...]],
    rules: Rules,
    model: RiskModel,
    adoption: Adoption,
) -> None:
    kind = SubjectKind(model.kind)
    own = rules.get((kind, model.site_id), rules[kind, None])
    found[kind, model.site_id] = tuple(with_learned(own, read(model), adoption))


def adopted(kinds: Collection[SubjectKind]) -> Iterable[RiskAdoption]:
    """The newest of each site and kind, which is the one that holds."""
    newest = RiskAdoption.objects.filter(kind__in=kinds).order_by("site_id", "kind", "-id")
    return newest.distinct("site_id", "kind").select_related("model__site")


def learned(kinds: Collection[SubjectKind]) -> Iterator[tuple[RiskModel, Model]]:
    for row in adopted(kinds):
        if row.model is not None:
            yield row.model, read(row.model).model


def read(row: RiskModel) -> Foresight:
    model = Model.from_json(row.learned, ZoneInfo(row.site.time_zone))
    return Foresight(model, read_chosen(row.thresholds, model))


def with_learned(rules: Iterable[Rule], found: Foresight, adoption: Adoption) -> Iterable[Rule]:
    for rule in rules:
        yield (
            replace(rule, learned=found, adoption=adoption) if isinstance(rule, Predicted) else rule
        )
