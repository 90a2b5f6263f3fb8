"""Telling the past: what goes on from it, and telling it again."""

from itertools import islice
from random import Random
from typing import TYPE_CHECKING

import pytest

from exceptions_app.demo import history
from exceptions_app.models import Case, Entry, Signal, Subject
from exceptions_app.timeline.entries import verify
from exceptions_app.vocabulary import OPEN_STATUSES
from tests.factories import MINUTE, NOON

if TYPE_CHECKING:
    from exceptions_app.demo.stories.base import Saying


from tests.demo.test_history import small


@pytest.fixture(autouse=True)
def a_small_past(db, monkeypatch):
    small(monkeypatch)


def told():
    return len(list(history.tell(NOON)))


def test_what_is_open_still_is_live_and_its_story_goes_on():
    later: list[Saying] = []

    list(history.tell(NOON, later=later.extend))

    live = Subject.objects.filter(imported=False)
    assert live.count() == 6
    assert Case.objects.filter(imported=False, status__in=OPEN_STATUSES).count() > 2
    assert later
    assert {one.item["subject"]["reference"] for one in later} <= {one.reference for one in live}
    assert min(one.at for one in later) > NOON


def test_telling_it_again_adds_nothing():
    told()
    before = (Case.objects.count(), Signal.objects.count(), Entry.objects.count())

    told()

    assert (Case.objects.count(), Signal.objects.count(), Entry.objects.count()) == before


def test_whoever_stopped_in_between_goes_on_where_it_was():
    list(islice(history.tell(NOON), 9))
    known = Case.objects.count()

    list(history.tell(NOON + MINUTE))

    assert 0 < known < Case.objects.count() == 6 + 14 + 3
    assert verify() == []


def test_the_past_is_the_same_every_time():
    first, second = (planned() for _ in range(2))

    assert first == second
    assert len({reference for reference, _ in first}) == 6


def planned():
    rng = Random(7)
    pasts = [
        history.a_past(rng, begins, number, broken=True)
        for number, begins in enumerate(history.lately(rng, NOON))
    ]
    return [(past.reference, past.items) for past in pasts]
