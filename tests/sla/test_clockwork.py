from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.sla.clockwork import Pause, proof, reckon
from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_length, read_week
from tests.sla.worlds import History

BERLIN = ZoneInfo("Europe/Berlin")
DAYTIME = read_week("mon-fri 09:00-17:00")
EASTER = {date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"}
DESK = Hours(BERLIN, (Version(date(2026, 1, 1), DAYTIME, EASTER),))
SECOND = timedelta(seconds=1)
FOUR_HOURS, TWO_DAYS = read_length("4 working hours"), read_length("2 business days")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of March 2026 in Berlin; the 2nd is a Monday, the clocks change on the 29th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


OPENED = History(on(2, 10))


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def read(history, at, length=FOUR_HOURS, fraction=0.75):
    return reckon(history, length, DESK, at, fraction)


def test_a_running_clock_knows_its_warning_and_its_due_instant():
    reading = read(OPENED, on(2, 11))

    assert (reading.warn_at, reading.due_at, reading.next_at) == (on(2, 13), on(2, 14), on(2, 13))
    assert (reading.spent, reading.remaining) == (hours(1), hours(3))
    assert (reading.met, reading.paused, reading.stopped_at) == (None, False, None)


def test_after_its_warning_the_due_instant_is_next():
    before, after = read(OPENED, on(2, 13)), read(OPENED, on(2, 13) + SECOND)

    assert (before.warned_at, before.next_at) == (None, on(2, 13))
    assert (after.warned_at, after.next_at) == (on(2, 13), on(2, 14))


def test_a_clock_breaches_at_its_due_instant_and_not_when_somebody_looks():
    on_the_dot, late = read(OPENED, on(2, 14)), read(OPENED, on(3, 10))

    assert (on_the_dot.breached_at, on_the_dot.met) == (None, None)
    assert (late.breached_at, late.met, late.next_at) == (on(2, 14), False, None)
    assert late.remaining == -hours(4)


@pytest.mark.parametrize(
    ("stop", "met"), [(on(2, 12), True), (on(2, 14), True), (on(2, 15), False)]
)
def test_a_stopped_clock_is_met_up_to_its_due_instant(stop, met):
    reading = read(OPENED.stopped(at=stop), on(20, 9))

    assert (reading.met, reading.breached_at is None, reading.next_at) == (met, met, None)
    assert (reading.stopped_at, reading.due_at) == (stop, on(2, 14))
    assert reading.spent == stop - on(2, 10)


def test_a_paused_clock_is_due_at_no_time_and_its_rest_stands_still():
    waiting = OPENED.waiting(at=on(2, 11), why="waiting for customer")

    reading = read(waiting, on(10, 12))

    assert (reading.due_at, reading.warn_at, reading.next_at) == (None, None, None)
    assert (reading.paused, reading.remaining, reading.met) == (True, hours(3), None)


def test_a_pause_moves_warning_and_due_by_the_working_time_in_it():
    waited = OPENED.waiting(at=on(2, 11), why="waiting for customer").resumed(at=on(3, 10))

    reading = read(waited, on(3, 10))

    assert (reading.warn_at, reading.due_at) == (on(3, 12), on(3, 13))


def test_a_pause_outside_the_hours_moves_nothing():
    long, closed = read_length("12 working hours"), (on(2, 18), on(3, 8))
    waited = OPENED.waiting(at=closed[0], why="supplier").resumed(at=closed[1])

    assert read(waited, on(3, 9), long).due_at == read(OPENED, on(3, 9), long).due_at


def test_elapsed_time_is_paused_round_the_clock():
    length = read_length("12 elapsed hours")
    waited = OPENED.waiting(at=on(2, 11), why="customer").resumed(at=on(7, 11))

    assert read(waited, on(7, 12), length).due_at == on(7, 22)


def test_a_pause_after_the_due_instant_changes_nothing():
    waiting = OPENED.waiting(at=on(2, 15), why="customer")

    reading = read(waiting, on(4, 9))

    assert (reading.breached_at, reading.due_at, reading.met) == (on(2, 14), on(2, 14), False)
    assert (reading.paused, reading.next_at) == (True, None)
    assert reading.remaining == -hours(1)


def test_a_pause_that_begins_when_the_time_is_just_up_is_in_time():
    waiting = OPENED.waiting(at=on(2, 14), why="customer")
    resumed = waiting.resumed(at=on(3, 12))

    assert (read(waiting, on(3, 9)).breached_at, read(waiting, on(3, 9)).remaining) == (
        None,
        hours(0),
    )
    assert read(resumed, on(3, 12) + SECOND).breached_at == on(3, 12)


def test_nothing_falls_due_while_paused_even_where_the_pause_counts_for_nothing():
    half_fridays = Hours(
        BERLIN, (Version(date(2026, 1, 1), read_week("mon-thu 09:00-17:00; fri 09:00-12:00")),)
    )
    history = History(on(5, 15)).waiting(at=on(6, 14), why="customer").resumed(at=on(7, 10))

    reading = reckon(history, read_length("1 business day"), half_fridays, on(7, 11), 0.5)

    assert reading.due_at == on(7, 10)


def test_a_warning_given_before_a_pause_stays_where_it_was():
    waiting = OPENED.waiting(at=on(2, 13, 30), why="customer")

    reading = read(waiting, on(2, 14))

    assert (reading.warned_at, reading.warn_at, reading.due_at) == (on(2, 13), on(2, 13), None)


def test_a_case_solved_while_waiting_was_solved_in_time():
    waiting = OPENED.waiting(at=on(2, 11), why="customer")

    reading = read(waiting.stopped(at=on(9, 12)), on(9, 13))

    assert (reading.met, reading.paused, reading.stopped_at) == (True, False, on(9, 12))
    assert reading.remaining == hours(3)


def test_a_reopened_clock_goes_on_with_what_was_left():
    reopened = OPENED.stopped(at=on(2, 12)).reopened(at=on(5, 9))

    reading = read(reopened, on(5, 10))

    assert (reading.due_at, reading.stopped_at, reading.remaining) == (on(5, 11), None, hours(1))
    assert reopened.pauses == (Pause(on(2, 12), on(5, 9), "resolved"),)


def test_what_was_breached_before_a_reopening_stays_breached():
    late = OPENED.stopped(at=on(2, 16)).reopened(at=on(5, 9)).stopped(at=on(5, 10))

    reading = read(late, on(6, 9))

    assert (reading.breached_at, reading.met) == (on(2, 14), False)


def test_business_days_are_paused_by_working_time():
    waited = OPENED.waiting(at=on(2, 12), why="customer").resumed(at=on(3, 11))

    reading = read(waited, on(3, 12), TWO_DAYS, Fraction(1, 2))

    assert reading.due_at == on(4, 17)
    assert reading.spent + reading.remaining == hours(16)


def test_a_clock_paused_over_the_clock_change_keeps_its_remaining_time():
    length = read_length("48 elapsed hours")
    waited = History(on(28, 12)).waiting(at=on(28, 18), why="customer").resumed(at=on(30, 18))

    reading = read(waited, on(30, 19), length)

    assert (reading.spent, reading.remaining) == (hours(7), hours(41))
    assert reading.due_at == datetime(2026, 4, 1, 12, tzinfo=BERLIN)


def test_calendar_days_over_the_clock_change_are_an_hour_shorter():
    reading = read(History(on(28, 12)), on(29, 12), read_length("2 calendar days"))

    assert reading.due_at == on(30, 12)
    assert (reading.spent, reading.remaining) == (hours(23), hours(24))


def test_pauses_out_of_order_overlapping_or_before_the_start_are_put_right():
    tidy = History(on(2, 10), (Pause(on(2, 10), on(2, 12), "a"), Pause(on(2, 12), on(2, 13), "b")))
    muddled = History(
        on(2, 10),
        (
            Pause(on(2, 11), on(2, 13), "b"),
            Pause(on(1, 9), on(2, 12), "a"),
            Pause(on(2, 11), on(2, 10), "backwards"),
        ),
    )

    assert read(muddled, on(2, 14)) == read(tidy, on(2, 14))
    assert proof(muddled, FOUR_HOURS, DESK, on(2, 14)) == proof(tidy, FOUR_HOURS, DESK, on(2, 14))


def test_a_pause_ends_at_the_stop_even_if_nobody_ended_it():
    forgotten = History(on(2, 10), (Pause(on(2, 11), None, "customer"),), on(3, 10))

    assert read(forgotten, on(4, 9)) == read(
        OPENED.waiting(at=on(2, 11), why="customer").stopped(at=on(3, 10)), on(4, 9)
    )


def test_the_proof_of_an_earlier_moment_ends_there():
    history = OPENED.waiting(at=on(2, 11), why="customer").resumed(at=on(3, 10))

    ends = [proof(history, FOUR_HOURS, DESK, at)[-1].end for at in (on(2, 10, 30), on(2, 16))]

    assert ends == [on(2, 10, 30), on(2, 16)]


def test_the_proof_names_every_stretch_and_why_it_counts_or_not():
    thursday, tuesday = on(31, 16) + timedelta(days=2), on(31, 11) + timedelta(days=7)
    history = History(on(31, 15)).waiting(at=on(31, 16), why="waiting for customer")
    history = (
        history.resumed(at=thursday - hours(6))
        .stopped(at=thursday)
        .reopened(at=thursday + hours(20))
    )

    stretches = proof(history, FOUR_HOURS, DESK, tuesday)

    assert [(s.length, s.counted, s.reason) for s in stretches] == [
        (hours(1), True, "open hours"),
        (hours(42), False, "paused: waiting for customer"),
        (hours(6), True, "open hours"),
        (hours(20), False, "resolved"),
        (hours(12), False, "holiday: Good Friday"),
        (hours(48), False, "closed"),
        (hours(24), False, "holiday: Easter Monday"),
        (hours(9), False, "closed"),
        (hours(2), True, "open hours"),
    ]
