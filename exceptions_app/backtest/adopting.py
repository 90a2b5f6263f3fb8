"""From a backtest to what holds: what may be switched on of what was learned, and learned anew (T19)."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from exceptions_app.backtest.models import Backtest
from exceptions_app.detection.changing import VERB, adopt, let_go, now_without_models
from exceptions_app.detection.foreseeing import adopted
from exceptions_app.detection.models import RiskModel
from exceptions_app.detection.reminding import KINDS
from exceptions_app.errors import Refused
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.people.models import Site
from exceptions_app.vocabulary import SubjectKind


def learned_by(found: Backtest) -> RiskModel:
    """What a backtest learned, which may be adopted; refused with why not."""
    if found.model == "trained":
        raise Refused(
            "The trained model is there to compare with: only the plain one can be switched on. "
            "Run a backtest of the plain model."
        )
    if found.learned is None:
        raise Refused("What it learned is not kept any more. Run it again to switch that on.")
    return found.learned


def remind(found: Backtest, *, by: Actor, at: datetime) -> None:
    """List whom to remind by what it learned, from now on; no rule has to be on for that."""
    insist_may_remind(found, by)
    adopt(learned_by(found), by=by, at=at)


def remind_no_more(found: Backtest, *, by: Actor, at: datetime) -> None:
    """List nobody to remind at its site, until somebody goes by what was learned again."""
    insist_may_remind(found, by)
    let_go(SubjectKind(found.kind), found.site_id, by=by, at=at)


def insist_may_remind(found: Backtest, by: Actor) -> None:
    access.insist(by, VERB, site_id=found.site_id)
    if found.kind not in KINDS:
        raise Refused("Nobody is reminded of these.")


def gone_by(sites: Iterable[Site]) -> Iterator[tuple[Site, SubjectKind]]:
    """Where something goes by what is learned: a rule that is on, or the list of reminders."""
    policy = now_without_models()
    held = adopted(KINDS).defer("model__learned")
    reminds = {(one.site_id, one.kind) for one in held if one.model is not None}
    for site in sites:
        for kind in SubjectKind:
            if policy.predicts(kind, site.pk) or (site.pk, kind.value) in reminds:
                yield site, kind
