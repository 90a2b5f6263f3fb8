"""What the report of a backtest offers to be switched on: what each was like on this history, and why not."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from dashboards.policy_forms import SET, drawn
from exceptions_app.backtest.adopting import learned_by
from exceptions_app.detection import rulebook
from exceptions_app.detection.changing import document_now
from exceptions_app.detection.foreseeing import holding
from exceptions_app.detection.policy import BY_SLUG
from exceptions_app.detection.reminding import KINDS
from exceptions_app.errors import Refused
from exceptions_app.models import Backtest
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import SubjectKind

#: From so many subjects on, figures say more than chance does.
ENOUGH = 100
#: The fixed chance that is offered until another is chosen.
USUAL = 75


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to let learned risk raise cases; ``least`` is its fixed chance, none if the desk chooses."""

    least: int | None
    figures: dict[str, Any] | None
    address: str = ""
    not_yet: str = ""
    holds: bool = False

    @property
    def words(self) -> str:
        return "as the desk chooses" if self.least is None else f"from a fixed {self.least} %"


def offers(found: Backtest, chosen: dict[str, Any] | None, *, by: Actor) -> dict[str, Any]:
    """For the page: both ways with their own figures, or why nothing of this can be switched on."""
    slug = f"{found.kind}.predicted_late"
    if slug not in BY_SLUG or not found.report:
        return {}
    held = rulebook.held_at(BY_SLUG[slug], document_now(), found.site)
    kind, values = SubjectKind(found.kind), {one.of.name: one for one in held.values}
    now = next(iter(holding(kind, by=by, site_id=found.site_id)), None)
    ours = now is not None and now.model_id == found.learned_id
    least = chosen["least"] if chosen else values["least"].value or USUAL
    rows = {one["least"]: one for one in found.report.get("choices", [])}
    ways = [(None, found.report.get("as_chosen")), (least, rows.get(least))]
    offered = [
        Offer(
            least=percent,
            figures=figures,
            address=switch(found, held, percent),
            not_yet=why_not(found.report, figures),
            holds=held.on and ours and values["least"].value == percent,
        )
        for percent, figures in ways
    ]
    return {
        "offers": offered,
        "to_switch": any(not one.not_yet and not one.holds for one in offered),
        "held_on": held.on,
        "held_as": Offer(values["least"].value, None).words,
        "now": now,
        "ours": ours,
        "rule": slug,
        "no_offer": refused(found),
        "reminds": found.kind in KINDS,
    }


def refused(found: Backtest) -> str:
    """Why nothing that it learned can be adopted; empty if it can."""
    try:
        learned_by(found)
    except Refused as refusal:
        return str(refusal)
    return ""


def why_not(report: dict[str, Any], figures: dict[str, Any] | None) -> str:
    """Why it should not be switched on like this; empty if it may."""
    if report["subjects"] < ENOUGH:
        return f"{report['subjects']} subjects are too few to rely on; wait for {ENOUGH}."
    if figures is None:
        return "this history was not tried like this."
    if not figures["alerts"]:
        return "it would have found nothing here."
    if figures["precision"] <= report["missed"] / report["subjects"]:
        return "it would have been right no more often than a guess."
    return ""


def switch(found: Backtest, held: rulebook.Held, least: int | None) -> str:
    """What the page of the rule is asked, so that it shows what switching on would do."""
    asked = QueryDict(mutable=True)
    asked.update({"site": found.site.slug, "on": "on", "try": "1", "backtest": str(found.pk)})
    for one in held.values:
        asked[SET + one.of.name] = str(drawn(one.of, one.words, one.value).initial)
    asked[f"{SET}least"] = "" if least is None else str(least)
    return asked.urlencode()
