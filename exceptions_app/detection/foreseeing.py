"""What was learned and adopted at each site, put into the rules of predicted lateness that are on (T19)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from exceptions_app.detection.models import RiskAdoption, RiskModel
from exceptions_app.detection.risk.foresight import Foresight, in_words, read_chosen
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.rules.base import Rule
from exceptions_app.detection.rules.predicted import Adoption, Predicted
from exceptions_app.people import access
from exceptions_app.people.access import Actor
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
    for row, model, foresight in held(wanted):
        put_in(found, rules, model, foresight, Adoption(model.made_at, row.at, row.actor_name))
    if trying is not None:
        put_in(found, rules, trying, read(trying), Adoption(trying.made_at, trying.made_at, ""))
    return found


def put_in(
    found: dict[tuple[SubjectKind, int | None], tuple[Rule, ...]],
    rules: Rules,
    model: RiskModel,
    foresight: Foresight,
    adoption: Adoption,
) -> None:
    kind = SubjectKind(model.kind)
    own = rules.get((kind, model.site_id), rules[kind, None])
    found[kind, model.site_id] = tuple(with_learned(own, foresight, adoption))


def adopted(kinds: Collection[SubjectKind]) -> QuerySet[RiskAdoption]:
    """The newest of each site and kind, which is the one that holds."""
    newest = RiskAdoption.objects.filter(kind__in=kinds).order_by("site_id", "kind", "-id")
    return newest.distinct("site_id", "kind").select_related("model__site")


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds at a site: when it was learned, from how many promises, and by whose word it holds."""

    site: str
    site_id: int
    zone: str
    model_id: int
    learned_at: datetime
    promises: int
    at: datetime
    by: str
    alerts_from: str


def holding(kind: SubjectKind, *, by: Actor, site_id: int | None = None) -> list[Holding]:
    """At one site, or at each of the actor's."""
    rows = adopted([kind]).filter(access.scope(by, team="")).defer("model__learned")
    mine = rows if site_id is None else rows.filter(site=site_id)
    return [
        Holding(
            site=row.model.site.name,
            site_id=row.site_id,
            zone=row.model.site.time_zone,
            model_id=row.model.pk,
            learned_at=row.model.made_at,
            promises=row.model.promises,
            at=row.at,
            by=row.actor_name,
            alerts_from=in_words(read_chosen(row.model.thresholds, kind)),
        )
        for row in mine
        if row.model is not None
    ]


def learned(kinds: Collection[SubjectKind]) -> Iterator[tuple[RiskModel, Model]]:
    for _, row, foresight in held(kinds):
        yield row, foresight.model


#: By kind, what this process read of the models that held when it last asked; reading one takes long.
_read: dict[SubjectKind, dict[tuple[int, datetime, str], Foresight]] = {}


def held(
    kinds: Collection[SubjectKind],
) -> Iterator[tuple[RiskAdoption, RiskModel, Foresight]]:
    """Each adoption that holds, with its model; only those that it did not read before are fetched whole."""
    rows = [(row, row.model) for row in adopted(kinds).defer("model__learned") if row.model]
    known = {name: one for kind in kinds for name, one in _read.get(kind, {}).items()}
    unread = [model.pk for _, model in rows if name_of(model) not in known]
    fresh = RiskModel.objects.filter(pk__in=unread).select_related("site") if unread else ()
    known |= {name_of(model): read(model) for model in fresh}
    # One that was let go meanwhile is not there.
    found = [(row, model, known[name_of(model)]) for row, model in rows if name_of(model) in known]
    for kind in kinds:
        _read[kind] = {name_of(model): one for _, model, one in found if model.kind == kind}
    yield from found


def name_of(model: RiskModel) -> tuple[int, datetime, str]:
    return model.pk, model.made_at, model.site.time_zone


def read(row: RiskModel) -> Foresight:
    model = Model.from_json(row.learned, ZoneInfo(row.site.time_zone))
    return Foresight(model, read_chosen(row.thresholds, model.kind))


def with_learned(rules: Iterable[Rule], found: Foresight, adoption: Adoption) -> Iterable[Rule]:
    for rule in rules:
        yield (
            replace(rule, learned=found, adoption=adoption) if isinstance(rule, Predicted) else rule
        )
