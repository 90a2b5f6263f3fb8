"""Orders of a shop with a fast and a slow lane, and what a person does with a backtest of them."""

from exceptions_app.backtest import asking
from exceptions_app.backtest.asking import Question, ask
from exceptions_app.detection import changing
from exceptions_app.detection.editing import adopting, rule_edit
from exceptions_app.intake.accept import accept
from exceptions_app.models import Source
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, NOON, SiteFactory

DAY = 24 * HOUR
ORDERS = 240


def shop():
    site = SiteFactory(slug="web")
    Source.objects.create(slug="shop", name="Shop", site=site)
    return site


def lived(site):
    """Two orders a day for months, each eighth by the slow lane; heard when it happened."""
    begun = NOON - (ORDERS // 2 + 20) * DAY
    said = [
        one
        for number in range(ORDERS)
        for one in order(number, begun + number * 12 * HOUR, slow=number % 8 == 0)
    ]
    said.sort(key=lambda one: one[0])
    for start in range(0, len(said), 500):
        batch = said[start : start + 500]
        accept(
            [item for _, item in batch],
            by=SYSTEM,
            at=batch[-1][0],
            moment=lambda heard: heard.occurred_at,
        )
    return site


def order(number, placed, *, slow):
    """Promised in ten days; the slow lane is handed over late and comes late."""
    name, lane = f"O-{number}", "far" if slow else "near"
    took = {"shipped": 6 if slow else 1, "delivered": 14 if slow else 4}
    first = {
        "subject": {"reference": name, "value": 120, "attributes": {"destination": lane}},
        "promise": {"promised_at": (placed + 10 * DAY).isoformat()},
    }
    yield placed, signal(name, "placed", placed, first)
    for word, days in took.items():
        yield placed + days * DAY, signal(name, word, placed + days * DAY)


def signal(name, word, at, rest=None):
    told = {"source": "shop", "external_id": f"{name}:{word}", "type": f"order.{word}"}
    return {**told, "occurred_at": at.isoformat(), "subject": {"reference": name}, **(rest or {})}


def run(site, **more):
    found = ask(Question(site, SubjectKind.ORDER, **more), by=SYSTEM, at=NOON)
    assert asking.work(now=lambda: NOON)
    found.refresh_from_db()
    return found


def switched_on(site, found=None, *, least=60, at=NOON):
    """With what a backtest learned, if one is given."""
    edit = rule_edit(
        changing.document_now(),
        "order.predicted_late",
        on=True,
        parameters={"least": least},
        site_id=site.pk,
    )
    if found:
        edit = adopting(edit, found.learned.pk, found.learned.made_at)
    changing.change(edit, why="Tried on history", by=SYSTEM, at=at)
