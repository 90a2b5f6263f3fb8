from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_week
from exceptions_app.sla.working_time import NO_TIME, advance, due, ledger, worked
from tests.sla.worlds import CHANGES, ZONES, hours_anywhere, instants, is_repeated, lengths

MINUTE = timedelta(minutes=1)
FEW_DAYS = st.timedeltas(timedelta(0), timedelta(days=20))
SHIFTS = ("mon-sun 08:30-17:00", "mon-sun 00:00-01:00 04:00-24:00", "sat-sun 00:00-05:00")


@given(st.data(), hours_anywhere(), st.timedeltas(timedelta(0), timedelta(days=8)))
def test_what_is_advanced_has_been_worked(data, hours, working):
    start = data.draw(instants(hours.zone))

    end = advance(start, working, hours)

    assert worked(start, end, hours) == working


@given(st.data(), hours_anywhere(), st.timedeltas(timedelta(seconds=1), timedelta(days=8)))
def test_no_earlier_instant_has_as_much_worked(data, hours, working):
    start = data.draw(instants(hours.zone))

    end = advance(start, working, hours)

    assert worked(start, end - timedelta(microseconds=1), hours) < working


@given(st.data(), hours_anywhere(), FEW_DAYS)
def test_advancing_by_what_was_worked_leads_to_the_last_working_instant(data, hours, span):
    start = data.draw(instants(hours.zone))

    back = advance(start, worked(start, start + span, hours), hours)

    assert back <= start + span
    assert worked(back, start + span, hours) == NO_TIME


@given(st.data(), hours_anywhere(), FEW_DAYS, FEW_DAYS)
def test_working_time_adds_up(data, hours, first, second):
    start = data.draw(instants(hours.zone))
    middle, end = start + first, start + first + second

    parts = worked(start, middle, hours) + worked(middle, end, hours)

    assert parts == worked(start, end, hours)


@given(st.data(), hours_anywhere(), FEW_DAYS)
def test_a_ledger_tiles_its_time_and_its_counted_spans_are_what_was_worked(data, hours, span):
    start = data.draw(instants(hours.zone))
    assume(span)

    entries = ledger(start, start + span, hours)

    assert (entries[0].start, entries[-1].end) == (start, start + span)
    assert all(a.end == b.start and a[2:] != b[2:] for a, b in pairwise(entries))
    assert all(entry.length > NO_TIME for entry in entries)
    counted = sum((entry.length for entry in entries if entry.counted), NO_TIME)
    assert counted == worked(start, start + span, hours)


@given(st.data(), hours_anywhere(), lengths, FEW_DAYS)
def test_who_starts_later_is_due_later(data, hours, length, later):
    start = data.draw(instants(hours.zone))
    # In an hour that the wall clock shows twice, the later of two starts may show the earlier time.
    assume(not is_repeated(start, hours.zone) and not is_repeated(start + later, hours.zone))

    first, second = (due(at, length, hours) for at in (start, start + later))

    assert start < first <= second


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_around_every_clock_change_each_minute_counts_as_the_wall_clock_says(zone, shift):
    week = read_week(shift)
    hours = Hours(zone, (Version(date(2024, 1, 1), week),))
    changes = CHANGES[zone] or [datetime(2026, 3, 29, tzinfo=UTC)]

    for change in changes:
        start = change - timedelta(hours=20)
        minutes = [start + n * MINUTE for n in range(40 * 60)]
        open_minutes = sum(is_open_by_the_wall(at.astimezone(zone), week) for at in minutes)
        assert worked(start, start + len(minutes) * MINUTE, hours) == open_minutes * MINUTE


def is_open_by_the_wall(wall: datetime, week) -> bool:
    at = wall.time()
    return any(o <= at < (c or time.max) for o, c in week.get(wall.weekday(), ()))
