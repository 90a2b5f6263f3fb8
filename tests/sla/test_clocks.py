"""Clocks on rows: the target that matches, warning and breach, and stored equal to recomputed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exceptions_app.cases import clockwatch, lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.errors import DeskError
from exceptions_app.models import Case, Clock, Entry, Target
from exceptions_app.people.access import SYSTEM
from exceptions_app.sla import clocks
from exceptions_app.sla.calendars import hours_by_clock
from exceptions_app.sla.clocks import Match, matching
from exceptions_app.vocabulary import Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    CalendarFactory,
    SiteFactory,
    TargetFactory,
    open_case,
)

pytestmark = pytest.mark.django_db


def recomputed(clock, at):
    events = clocks.events_of([clock.case_id])[clock.case_id]
    hours = hours_by_clock([clock])[clock.pk]
    reading = clocks.read(clock, events, hours, at)
    return {name: getattr(reading, name) for name in clocks.STORED}


def stored(clock):
    return {name: getattr(clock, name) for name in clocks.STORED}


def test_the_most_specific_target_wins():
    site = SiteFactory()
    TargetFactory(amount=1)
    by_type = TargetFactory(amount=2, exception_type="scan_gap")
    by_severity = TargetFactory(amount=3, severity=Severity.HIGH)
    by_site = TargetFactory(amount=4, site=site)

    def amount(*match):
        return matching(Target.objects.all(), Match(*match))["resolve"].amount

    assert amount("no_show", Severity.LOW, "", 0) == 1
    assert amount("scan_gap", Severity.LOW, "", 0) == by_type.amount
    assert amount("scan_gap", Severity.HIGH, "", 0) == by_severity.amount
    assert amount("scan_gap", Severity.HIGH, "", site.pk) == by_site.amount


def test_a_clock_runs_by_the_calendar_of_the_site():
    site = SiteFactory(calendar=CalendarFactory(time_zone="Europe/Berlin"))
    TargetFactory(length_kind="working", amount=8 * 60)

    case = open_case(site=site, at=NOON)

    assert case.due_at == NOON + 24 * HOUR


def test_without_a_calendar_days_are_those_of_the_site():
    site = SiteFactory(slug="ny", time_zone="America/New_York")
    TargetFactory(length_kind="calendar_days", amount=7)
    before_summer_time = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)

    case = open_case(site=site, at=before_summer_time)

    assert case.due_at == before_summer_time + timedelta(days=7) - HOUR
    clock = Clock.objects.get(case=case)
    assert stored(clock) == recomputed(clock, before_summer_time)


def test_it_warns_once_then_breaches_once():
    TargetFactory(amount=60, warn_at=50)
    case = open_case()

    touched = [clockwatch.tick(NOON + minutes * MINUTE) for minutes in (29, 31, 45, 60, 61, 90)]

    case.refresh_from_db()
    assert touched == [0, 1, 0, 0, 1, 0]
    assert case.breached
    told = Entry.objects.filter(case=case, actor_kind="clock").values_list("verb", "data__due_at")
    due = (NOON + HOUR).isoformat()
    assert list(told) == [("clock.warned", due), ("clock.breached", due)]


def test_a_recorded_breach_outlives_a_longer_target():
    TargetFactory(amount=60, severity=Severity.CRITICAL)
    TargetFactory(amount=480)
    case = open_case(severity=Severity.CRITICAL)
    clockwatch.tick(NOON + 2 * HOUR)

    triage.change_severity(Seen(case.pk), by=SYSTEM, at=NOON + 3 * HOUR, severity=Severity.HIGH)
    clockwatch.tick(NOON + 9 * HOUR)
    case = lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=NOON + 10 * HOUR, cause="carrier")

    assert case.breached
    clock = Clock.objects.get(case=case)
    assert (clock.breached_at, clock.due_at) == (NOON + HOUR, NOON + 8 * HOUR)
    assert stored(clock) == recomputed(clock, NOON + 10 * HOUR)
    assert Entry.objects.filter(verb="clock.breached").count() == 1


def test_who_acts_by_a_clock_that_is_behind_takes_back_no_warning_and_no_breach():
    TargetFactory(amount=60, warn_at=50)
    case = open_case()
    for minutes in (31, 61):
        clockwatch.tick(NOON + minutes * MINUTE)
        triage.comment(Seen(case.pk), by=SYSTEM, at=NOON + (minutes - 2) * MINUTE, text="…")
        clockwatch.tick(NOON + (minutes + 1) * MINUTE)

    assert Case.objects.get().breached
    told = Entry.objects.filter(actor_kind="clock").values_list("verb", flat=True)
    assert list(told) == ["clock.warned", "clock.breached"]


def test_a_breach_makes_nobody_stale():
    TargetFactory(amount=60)
    case = open_case()
    clockwatch.tick(NOON + 2 * HOUR)

    lifecycle.acknowledge(Seen(case.pk, case.version), by=SYSTEM, at=NOON + 2 * HOUR)

    case.refresh_from_db()
    assert case.acknowledged_at == NOON + 2 * HOUR


def test_a_tick_costs_what_is_due_not_what_exists(django_assert_max_num_queries):
    TargetFactory(amount=60)
    for _ in range(20):
        open_case(at=NOON + 10 * HOUR)
    open_case()

    with django_assert_max_num_queries(25):
        touched = clockwatch.tick(NOON + 2 * HOUR)

    assert touched == 1


def test_a_clock_that_cannot_be_read_stops_no_other(caplog):
    never, always = SiteFactory(slug="never", calendar=CalendarFactory()), SiteFactory()
    never.calendar.versions.update(weekly={"mon": []})
    TargetFactory(length_kind="working", amount=60)
    case = open_case(site=never)
    open_case(site=always)

    touched = [clockwatch.tick(NOON + minutes * MINUTE) for minutes in (61, 62, 72)]

    assert list(Case.objects.filter(breached=True).values_list("site", flat=True)) == [always.pk]
    assert touched == [2, 0, 1]
    assert f"resolve of {case.pk} cannot be read: These hours have no opening" in caplog.text
    never.calendar.versions.update(weekly={"tue": [["09:00", "17:00"]]})
    clockwatch.tick(NOON + 90 * MINUTE)
    assert Case.objects.filter(breached=True).count() == 2


def test_the_proof_says_of_every_minute_why_it_counted():
    site = SiteFactory(calendar=CalendarFactory(time_zone="Europe/Berlin"))
    TargetFactory(length_kind="working", amount=8 * 60)
    case = open_case(site=site)
    lifecycle.wait(Seen(case.pk), by=SYSTEM, at=NOON + HOUR, waiting_for="the carrier")
    lifecycle.resume(Seen(case.pk), by=SYSTEM, at=NOON + 2 * HOUR)

    spans = clocks.proof_of(Clock.objects.get(case=case), at=NOON + 22 * HOUR)

    assert [(span.reason, span.counted) for span in spans] == [
        ("open hours", True),
        ("paused: waiting for the carrier", False),
        ("open hours", True),
        ("closed", False),
        ("open hours", True),
    ]
    assert sum((span.length for span in spans), timedelta()) == 22 * HOUR


VERBS: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "start": {},
    "wait": {"waiting_for": "parts"},
    "resume": {},
    "resolve": {"cause": "carrier"},
    "reopen": {"reason": "again"},
    "dismiss": {"reason": "a test"},
    "comment": {"text": "…"},
    "raise": {"severity": Severity.CRITICAL},
    "lower": {"severity": Severity.LOW},
    "tick": {},
}


ELSEWHERE: dict[str, Callable[..., Case]] = {
    "comment": triage.comment,
    "raise": triage.change_severity,
    "lower": triage.change_severity,
}


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.integers(1, 3000)), max_size=12),
    length=st.sampled_from(
        [("working", 300), ("elapsed", 900), ("business_days", 1), ("calendar_days", 2)]
    ),
)
def test_what_is_stored_equals_what_is_computed_again(db, story, length):
    """Whatever happened, in whatever order: opened on the Friday before the clocks change."""
    Target.objects.all().delete()
    for kind in ("acknowledge", "first_update", "resolve"):
        TargetFactory(kind=kind, length_kind=length[0], amount=length[1])
    TargetFactory(kind="resolve", severity=Severity.CRITICAL, amount=60)
    site = SiteFactory(slug="dst")
    site.calendar = site.calendar or CalendarFactory(time_zone="Europe/Berlin")
    site.save()
    at = NOON + timedelta(days=17)
    case = open_case(site=site, at=at)
    for verb, minutes in story:
        at += minutes * MINUTE
        act(verb, case, at)

    case = Case.objects.get(pk=case.pk)
    clockwatch.tick(at)
    for clock in Clock.objects.filter(case=case):
        assert stored(clock) == recomputed(clock, at)
    case.refresh_from_db()
    told = Entry.objects.filter(case=case, verb="clock.breached").values_list("data__target")
    missed = Clock.objects.filter(case=case, breached_at__isnull=False).values_list("kind")
    assert sorted(told) == sorted(missed)
    assert (
        case.due_at == clocks.standings([case.pk], Clock.objects.filter(case=case))[case.pk].due_at
    )


def act(verb, case, at):
    if verb == "tick":
        clockwatch.tick(at)
        return
    does = ELSEWHERE.get(verb) or getattr(lifecycle, verb)
    try:
        does(Seen(case.pk), by=SYSTEM, at=at, **VERBS[verb])
    except DeskError:
        clockwatch.tick(at)
