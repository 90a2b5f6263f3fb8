"""What signals make of the facts, in whatever order they arrive."""

from decimal import Decimal
from itertools import permutations

import pytest

from exceptions_app.cases.detail import about as told_about
from exceptions_app.detection.policy import built
from exceptions_app.intake.accept import accept
from exceptions_app.intake.items import Place
from exceptions_app.intake.learning import learn
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.intake.study import Heard, study
from exceptions_app.models import Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.rows import told_of
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, SourceFactory, TeamFactory
from tests.intake.stories import about, booked


def order(hour, promised=None, **subject):
    """What somebody says about an order so many hours after noon."""
    return booked(
        type="order.updated",
        occurred_at=(NOON + hour * HOUR).isoformat(),
        subject={"reference": "O-9", **subject},
        promise={"promised_at": (NOON + promised * HOUR).isoformat()} if promised else None,
        milestones={},
    )


STORY = [
    order(1, promised=20, value=10, tier="gold", customer={"name": "L. Moreau", "phone": "1"}),
    order(2, promised=30, value=20, attributes={"tracked": True}),
    order(3, promised=20, tier=None, customer={"name": "L. Moreau-Roth", "phone": None}),
    order(4, label="A bicycle", attributes={"tracked": False}),
]


def said_of(kind, word, hour):
    at = (NOON + hour * HOUR).isoformat()
    return about("X-1", word, at=NOON + hour * HOUR, type=f"{kind.value}.{word}", occurred_at=at)


def learned(*story):
    kind = SubjectKind(story[0]["type"].partition(".")[0])
    facts = Facts(kind, story[0]["subject"]["reference"])
    for sent in story:
        signal = parse(sent)
        assert isinstance(signal, NewSignal)
        facts = learn(facts, signal)
    return facts


def test_every_order_of_arrival_makes_the_same_facts():
    found = [learned(*story) for story in permutations(STORY)]

    assert all(facts == found[0] for facts in found)
    last = found[0]
    assert (last.promised_at, last.value, last.tier) == (NOON + 20 * HOUR, Decimal(20), "gold")
    assert last.customer == {"name": "L. Moreau-Roth", "phone": "1"}
    assert (last.label, last.attributes) == ("A bicycle", {"tracked": False})


def test_two_of_one_second_end_alike_in_whatever_order_they_come():
    one = order(1, promised=20, value=100, tier="gold", attributes={"tracked": True})
    other = order(1, promised=40, value=900, tier="none", attributes={"tracked": False})

    facts = learned(one, other)

    assert facts == learned(other, one)
    assert (facts.value, facts.tier) in ((Decimal(100), "gold"), (Decimal(900), "none"))


def test_repeating_the_promise_that_holds_is_no_revision():
    told = ((1, 20), (2, 20), (3, 30), (4, 20), (5, 20))
    facts = learned(*(order(hour, promised=promised) for hour, promised in told))

    assert [told.said_at for told in facts.revisions] == [NOON + hour * HOUR for hour in (1, 3, 4)]


@pytest.mark.parametrize("kind", SubjectKind)
def test_only_what_is_said_later_of_an_end_takes_it_back(kind):
    journey = JOURNEYS[kind]
    words = {*journey.milestones, *journey.reports}

    assert journey.resumes.keys() <= journey.ends <= words
    for end, resumed in journey.resumes.items():
        assert resumed <= words - journey.ends
        for word in resumed:
            story = [said_of(kind, end, 1), said_of(kind, word, 2)]
            assert learned(*story).ended_at is learned(*story[::-1]).ended_at is None
            assert learned(*story, said_of(kind, end, 3)).ended_at == NOON + 3 * HOUR
            assert learned(said_of(kind, end, 2), said_of(kind, word, 1)).ended_at is not None


def test_an_older_signal_that_comes_later_brings_the_look_forward():
    policy = built({"rule:stock.behind": {"": {"on": True}}}, version=1)
    signals = [parse(said_of(SubjectKind.STOCK, "booked", hour)) for hour in (0, -72)]

    def arrived(story):
        at = story[0].occurred_at
        subject, facts = Subject(site_id=1, kind="stock", opened_at=at), None
        for minute, one in enumerate(story):
            known = facts or Facts(SubjectKind.STOCK, "X-1", opened_at=at)
            heard = [Heard(NOON + minute * MINUTE, one, Place(1, 1, None))]
            facts = study(subject, known, heard, policy=policy).after
        return subject.opened_at, subject.next_look_at

    assert arrived(signals) == arrived(signals[::-1])


@pytest.mark.parametrize("hours", [(0, -1), (-1, 0)])
def test_of_what_one_post_says_each_finding_is_told_by_who_said_it(hours):
    """A doubted carrier's “lost” opens no case in the name of the shop that spoke beside it."""
    said = [
        parse(said_of(SubjectKind.ORDER, *one))
        for one in zip(("lost", "updated"), hours, strict=True)
    ]
    heard = [
        Heard(NOON, signal, Place(source, 1, None))
        for source, signal in zip((7, 8), said, strict=True)
        if isinstance(signal, NewSignal)
    ]
    for story in (heard, heard[::-1]):
        subject = Subject(site_id=1, kind="order", opened_at=NOON)
        known = Facts(SubjectKind.ORDER, "X-1", opened_at=NOON - 2 * HOUR)
        studied = study(subject, known, story)

        (found,) = (one for one in studied.holds if one.rule == "order.lost")
        assert studied.told_by[id(found)] == 7


@pytest.mark.django_db
def test_a_repeated_promise_is_kept_and_not_shown_as_a_revision():
    SourceFactory()
    for sent in (order(1, promised=20), order(3, promised=20), order(2, promised=30)):
        accept([sent], by=SYSTEM, at=NOON)

    subject = Subject.objects.get()
    shown = [line.promised_at for line in told_about(subject, {}).promises]
    assert subject.promised_at == NOON + 20 * HOUR
    assert shown == [NOON + hours * HOUR for hours in (20, 30, 20)]
    accept([order(4, promised=20)], by=SYSTEM, at=NOON)
    assert (told_of([subject.pk]), subject.promises.count()) == ({subject.pk: 3}, 4)


@pytest.mark.django_db
def test_what_was_said_earlier_and_arrives_later_fills_gaps_and_overwrites_nothing():
    site = SiteFactory()
    sales, service = (TeamFactory(site=site, slug=slug) for slug in ("sales", "service"))
    SourceFactory(site=site)
    new = {"value": 900, "tier": "gold", "customer": {"name": "New", "phone": "1"}}
    old = {"value": 10, "tier": "", "customer": {"name": "Old", "email": "o@example.com"}}

    accept([order(5, team=sales.slug, **new)], by=SYSTEM, at=NOON)
    accept([order(1, team=service.slug, label="A bicycle", **old)], by=SYSTEM, at=NOON)

    subject = Subject.objects.get()
    assert (subject.value, subject.tier, subject.team_id) == (Decimal(900), "gold", sales.pk)
    assert subject.customer == {"name": "New", "phone": "1", "email": "o@example.com"}
    assert subject.label == "A bicycle"
