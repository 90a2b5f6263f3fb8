"""Orders that travel in several parcels: there when all are that were sent, found by the number of each."""

from itertools import permutations

import pytest

from exceptions_app.detection.looking import look
from exceptions_app.intake.accept import accept
from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.models import Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.lookup import identified_by
from exceptions_app.subjects.resolving import orders_with
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, NOON, SiteFactory, SourceFactory
from tests.intake.stories import about

FIRST, SECOND = "1Z-A.7", "1Z-A"


def said(hour, word, *numbers, promised=None, **parcels):
    """A signal about the order, so many hours after noon, that names these parcels."""
    at = NOON + hour * HOUR
    told = about("O-9", f"{word}-{hour}", at=at, type=f"order.{word}", occurred_at=at.isoformat())
    told["parcels"] = {number: {} for number in numbers} | parcels
    if promised is not None:
        told["promise"] = {"promised_at": (NOON + promised * HOUR).isoformat()}
    return told


def learned(*story):
    facts = Facts(SubjectKind.ORDER, "O-9")
    for sent in story:
        signal = parse(sent)
        assert isinstance(signal, NewSignal), signal
        facts = learn(facts, signal)
    return facts


PLACED = said(-9, "placed", promised=5)
BOTH = said(-5, "shipped", FIRST, SECOND)
ONE, OTHER = said(1, "delivered", FIRST), said(3, "delivered", SECOND)


def test_an_order_is_there_when_the_last_of_its_parcels_is():
    half, whole = learned(PLACED, BOTH, ONE), learned(PLACED, BOTH, ONE, OTHER)

    assert (half.reached("delivered"), half.ended_at) == (None, None)
    assert whole.reached("delivered") == whole.ended_at == NOON + 3 * HOUR


def test_what_is_missing_of_an_order_is_late():
    at = NOON + 6 * HOUR

    assert [one.rule for one in look(learned(PLACED, BOTH, ONE), at)] == ["order.late"]
    assert look(learned(PLACED, BOTH, ONE, OTHER), at) == []


@pytest.mark.parametrize(
    "story",
    [
        (BOTH, ONE, OTHER),
        (said(-5, "shipped", FIRST), ONE, said(2, "shipped", SECOND), OTHER),
        (BOTH, ONE, said(2, "delivered")),
        (BOTH, ONE, said(2, "updated", **{SECOND: {"cancelled_at": NOON.isoformat()}})),
        (said(-5, "shipped", FIRST), ONE, said(2, "updated", SECOND)),
        (BOTH, said(-1, "delivered")),
    ],
)
def test_in_whatever_order_it_is_told_it_is_there_at_the_same_time(story):
    found = [learned(*told) for told in permutations((PLACED, *story))]

    assert all(facts == found[0] for facts in found)
    assert found[0].ended_at is not None


def test_one_that_is_sent_after_the_first_arrived_is_waited_for():
    late = learned(PLACED, said(-5, "shipped", FIRST), ONE, said(2, "shipped", SECOND))

    assert late.ended_at is None


def cancelled(hour, number):
    return said(hour, "updated", **{number: {"cancelled_at": (NOON + hour * HOUR).isoformat()}})


def test_one_that_was_cancelled_may_be_sent_again():
    again = said(2, "shipped", FIRST)

    assert learned(said(-5, "shipped", FIRST), cancelled(1, FIRST), again).ended_at is None
    there = learned(
        said(-5, "shipped", FIRST), cancelled(1, FIRST), again, said(4, "delivered", FIRST)
    )
    assert there.ended_at == NOON + 4 * HOUR


def test_one_that_arrived_is_there_whatever_is_cancelled_afterwards():
    assert learned(said(-5, "shipped", FIRST), ONE, cancelled(2, FIRST)).ended_at == NOON + HOUR


def test_for_one_that_was_lost_another_may_be_sent():
    story = (said(-5, "shipped", FIRST), said(1, "lost", FIRST), said(2, "shipped", SECOND), OTHER)

    assert learned(PLACED, *story).ended_at == NOON + 3 * HOUR


def test_one_that_no_carrier_has_seen_is_not():
    """A label that was printed and never used must not make an order late."""
    facts = learned(PLACED, said(-6, "updated", SECOND), said(-5, "shipped", FIRST), ONE)

    assert facts.ended_at == NOON + HOUR


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"parcels": ["1Z"]}, "parcels"),
        ({"parcels": {" ": {}}}, "parcels"),
        ({"parcels": {"1" * 81: {}}}, "parcels"),
        ({"parcels": {"1Z": None}}, "parcels.1Z"),
        ({"parcels": {"1Z": {"received_at": NOON.isoformat()}}}, "parcels.1Z.received_at"),
        ({"parcels": {"1Z": {"sent_at": "monday"}}}, "parcels.1Z.sent_at"),
        ({"parcels": {str(n): {} for n in range(201)}}, "parcels"),
        ({"parcels": {"1Z": {}}, "type": "payment.paid"}, "parcels"),
    ],
)
def test_what_is_wrong_with_parcels_is_said_by_field(wrong, field):
    assert list(parse({**said(0, "updated"), **wrong})) == [field]


@pytest.fixture
def order(db):
    site = SiteFactory()
    source = SourceFactory(site=site, slug="shop")
    for signal in (BOTH, ONE):
        accept([signal | {"source": "shop"}], by=SYSTEM, at=NOON + 2 * HOUR)
    return Subject.objects.get(), source


def test_what_is_known_of_parcels_is_kept(order):
    subject, _ = order

    assert facts_of([subject])[subject.pk].parcels == learned(BOTH, ONE).parcels
    assert subject.ended_at is None


def test_an_order_is_found_by_the_number_of_each_parcel(order):
    subject, source = order

    found = orders_with({FIRST, SECOND, "2Z"}, source)

    assert {number: known[0].reference for number, known in found.items()} == {
        FIRST: "O-9",
        SECOND: "O-9",
    }
    assert orders_with({"1z -a"}, source).keys() == {"1z -a"}
    assert identified_by(SECOND.lower()) == [subject.pk]
    assert identified_by("1Z-B") == []
