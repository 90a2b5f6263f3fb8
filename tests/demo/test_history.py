"""The past weeks: told by the desk's own functions, so that everything the desk promises of itself holds."""

from datetime import datetime, timedelta
from itertools import islice, pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from exceptions_app.demo import history, seeding
from exceptions_app.models import Case, Clock, Delivery, Entry, Signal, Subject
from exceptions_app.sla.calendars import hours_by_clock
from exceptions_app.sla.clocks import STORED, events_of, read
from exceptions_app.timeline.entries import verify
from exceptions_app.vocabulary import OPEN_STATUSES, Status
from tests.factories import HOUR, MINUTE, NOON

if TYPE_CHECKING:
    from exceptions_app.demo.stories.base import Saying


@pytest.fixture(autouse=True)
def a_small_past(db, monkeypatch):
    seeding.seed(NOON)
    for name, many in {"LATELY": 6, "BROKEN": 14, "FLAGGED": 3, "KEPT": 30}.items():
        monkeypatch.setattr(history, name, many)


def told():
    return len(list(history.tell(NOON)))


def test_every_clock_says_what_its_history_says():
    told()

    clocks = list(Clock.objects.all())
    events = events_of({clock.case_id for clock in clocks})
    hours = hours_by_clock(clocks)
    for clock in clocks:
        reading = read(clock, events[clock.case_id], hours[clock.pk], NOON)
        for name in STORED:
            assert getattr(clock, name) == getattr(reading, name), (clock, name)


def test_the_timeline_holds_and_runs_forward():
    told()

    assert verify() == []
    for case in Case.objects.all():
        times = [entry.at for entry in case.entries.all()]
        assert all(earlier <= later for earlier, later in pairwise(times)), case
        assert case.entries.get(seq=1).verb == "case.opened"
        assert times[-1] <= NOON


def test_nothing_goes_out_and_every_case_counts_as_worked_here():
    told()

    assert not Delivery.objects.exists()
    assert not Case.objects.filter(imported=True).exists()
    assert not Subject.objects.filter(cases=None, imported=False).exists()


def test_what_is_open_still_is_live_and_its_story_goes_on():
    later: list[Saying] = []

    list(history.tell(NOON, later=later.extend))

    live = Subject.objects.filter(imported=False)
    assert live.count() == 6
    assert Case.objects.filter(imported=False, status__in=OPEN_STATUSES).count() > 2
    assert later
    assert {one.item["subject"]["reference"] for one in later} <= {one.reference for one in live}
    assert min(one.at for one in later) > NOON


def test_there_are_settled_cases_with_causes_and_open_ones():
    told()

    settled = Case.objects.filter(status=Status.RESOLVED)
    assert Case.objects.count() == 6 + 14 + 3
    assert settled.count() >= 10
    assert not settled.filter(cause="").exists()
    assert Case.objects.filter(status__in=OPEN_STATUSES, opened_at__gt=NOON - 72 * HOUR).exists()
    assert Clock.objects.filter(breached_at__isnull=False).exists()


def test_a_breach_is_on_the_timeline_within_a_second_of_the_instant():
    told()

    breaches = Entry.objects.filter(verb="clock.breached")
    late = [entry.at - datetime.fromisoformat(entry.data["due_at"]) for entry in breaches]
    assert late
    assert all(timedelta() < one < timedelta(seconds=1) for one in late)


def test_promises_that_were_kept_raised_nothing():
    told()

    assert Subject.objects.filter(cases=None, ended_at__isnull=False).count() > 20


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
