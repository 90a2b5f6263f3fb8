"""What is kept of a source with every post."""

from datetime import timedelta

import pytest

from exceptions_app.intake.accept import accept
from exceptions_app.models import Source, SourceHour
from exceptions_app.people.access import SYSTEM
from tests.factories import HOUR, MINUTE, NOON, SourceFactory
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def source():
    return Source.objects.get(slug="scheduler")


def old(many, age=2 * DAY, first=0):
    return [about(f"J-{n}", "booked", NOON - age) for n in range(first, first + many)]


def test_it_spoke_and_what_it_tells_is_remembered():
    accept([booked(), about("J-1", "asked", NOON - MINUTE)], by=SYSTEM, at=NOON)
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON + MINUTE)

    known = source()
    assert (known.last_signal_at, known.heard_from) == (NOON + MINUTE, NOON)
    assert known.tells == ["appointment.booked", "appointment.no_show"]


def test_signals_are_counted_by_the_hour_with_what_was_refused():
    wrong = booked(occurred_at="yesterday")
    accept([booked(), about("J-2", "booked", NOON), wrong], by=SYSTEM, at=NOON)
    accept([wrong], by=SYSTEM, at=NOON + 59 * MINUTE)
    accept([about("J-3", "booked", NOON)], by=SYSTEM, at=NOON + HOUR)

    counted = SourceHour.objects.order_by("hour").values_list("hour", "signals", "refused")
    assert list(counted) == [(NOON, 2, 2), (NOON + HOUR, 1, 0)]


def test_a_repeated_post_is_a_sign_of_life_and_says_nothing_new():
    batch = [booked()]
    accept(batch, by=SYSTEM, at=NOON)
    accept(batch, by=SYSTEM, at=NOON + HOUR)

    assert source().last_signal_at == NOON + HOUR
    assert SourceHour.objects.get().signals == 1


def test_what_is_refused_is_no_sign_of_life():
    """What it tells is not known, so that what rests on its silence is still to be held."""
    accept([booked()], by=SYSTEM, at=NOON)

    accept([booked(occurred_at="yesterday")], by=SYSTEM, at=NOON + HOUR)

    assert source().last_signal_at == NOON


@pytest.mark.parametrize("name", ["nobody", "a\x00b", "\ud800", "x" * 500, 17, None])
def test_a_source_that_nobody_knows_is_counted_nowhere(name):
    accept([booked(source=name)], by=SYSTEM, at=NOON)

    assert not SourceHour.objects.exists()


def test_history_moves_no_source_back_and_counts_nothing():
    accept([booked()], by=SYSTEM, at=NOON)

    accept(old(3, first=5), by=SYSTEM, at=NOON - 2 * DAY, moment=lambda one: one.occurred_at)

    assert source().last_signal_at == NOON
    assert SourceHour.objects.get().signals == 1


def test_most_of_a_post_from_long_ago_puts_it_into_quarantine():
    accept([*old(3), *old(2, age=HOUR, first=10)], by=SYSTEM, at=NOON)

    assert (source().quarantined_at, source().doubt) == (NOON, "back_dated")


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param([*old(2), *old(3, age=HOUR, first=10)], id="few of them are old"),
        pytest.param(old(4), id="too few to say"),
        pytest.param(old(9, age=DAY), id="a day is not long ago"),
    ],
)
def test_otherwise_it_is_believed(batch):
    accept(batch, by=SYSTEM, at=NOON)

    assert source().quarantined_at is None


def test_old_news_one_by_one_is_old_news():
    """A queue that was stuck for days is let go, one post for each."""
    for one in old(5):
        assert source().quarantined_at is None
        accept([one], by=SYSTEM, at=NOON)

    assert source().quarantined_at == NOON


def test_old_news_among_much_that_is_new_is_believed():
    accept(old(5, age=HOUR), by=SYSTEM, at=NOON)

    for one in old(5, first=10):
        accept([one], by=SYSTEM, at=NOON + MINUTE)

    assert source().quarantined_at is None


@pytest.mark.parametrize("known", [{"late_is_usual": True}, {"silent_since": NOON - 9 * DAY}])
def test_one_that_is_known_for_it_or_catches_up_is_believed(known):
    Source.objects.update(**known)

    accept(old(9), by=SYSTEM, at=NOON)

    assert source().quarantined_at is None


def test_history_is_old_and_no_reason_to_doubt():
    accept(old(9), by=SYSTEM, at=NOON, moment=lambda one: one.occurred_at)

    assert source().quarantined_at is None
