"""The past weeks: told by the desk's own functions, so that everything the desk promises of itself holds."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from exceptions_app.demo import history, seeding
from exceptions_app.models import Case, Clock, Delivery, Entry, Subject
from exceptions_app.sla.calendars import hours_by_clock
from exceptions_app.sla.clocks import STORED, events_of, read
from exceptions_app.timeline.entries import verify
from exceptions_app.vocabulary import OPEN_STATUSES, Status
from tests.conftest import lasting
from tests.factories import HOUR, NOON


@pytest.fixture(scope="module")
def past(django_db_setup, django_db_blocker):
    with lasting(django_db_blocker), pytest.MonkeyPatch.context() as patch:
        small(patch)
        list(history.tell(NOON))
        yield


@pytest.fixture(autouse=True)
def told(db, past):
    """The past has been told; each test looks at it."""


def small(patch):
    seeding.seed(NOON)
    for name, many in {"LATELY": 6, "BROKEN": 14, "FLAGGED": 3, "KEPT": 30}.items():
        patch.setattr(history, name, many)


def test_every_clock_says_what_its_history_says():
    clocks = list(Clock.objects.all())
    events = events_of({clock.case_id for clock in clocks})
    hours = hours_by_clock(clocks)
    for clock in clocks:
        reading = read(clock, events[clock.case_id], hours[clock.pk], NOON)
        for name in STORED:
            assert getattr(clock, name) == getattr(reading, name), (clock, name)


def test_the_timeline_holds_and_runs_forward():
    assert verify() == []
    for case in Case.objects.all():
        times = [entry.at for entry in case.entries.all()]
        assert all(earlier <= later for earlier, later in pairwise(times)), case
        assert case.entries.get(seq=1).verb == "case.opened"
        assert times[-1] <= NOON


def test_nothing_goes_out_and_every_case_counts_as_worked_here():
    assert not Delivery.objects.exists()
    assert not Case.objects.filter(imported=True).exists()
    assert not Subject.objects.filter(cases=None, imported=False).exists()


def test_there_are_settled_cases_with_causes_and_open_ones():
    settled = Case.objects.filter(status=Status.RESOLVED)
    assert Case.objects.count() == 6 + 14 + 3
    assert settled.count() >= 10
    assert not settled.filter(cause="").exists()
    assert Case.objects.filter(status__in=OPEN_STATUSES, opened_at__gt=NOON - 72 * HOUR).exists()
    assert Clock.objects.filter(breached_at__isnull=False).exists()


def test_a_breach_is_on_the_timeline_within_a_second_of_the_instant():
    breaches = Entry.objects.filter(verb="clock.breached")
    late = [entry.at - datetime.fromisoformat(entry.data["due_at"]) for entry in breaches]
    assert late
    assert all(timedelta() < one < timedelta(seconds=1) for one in late)


def test_promises_that_were_kept_raised_nothing():
    assert Subject.objects.filter(cases=None, ended_at__isnull=False).count() > 20
