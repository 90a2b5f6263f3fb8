"""When a source has to speak next: round the clock, in opening hours, or once a day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.detection.rhythms import Beat
from exceptions_app.errors import DeskError
from exceptions_app.sla.hours import ALWAYS, Hours, Interval, Version
from exceptions_app.vocabulary import Rhythm

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours(
    BERLIN,
    (
        Version(
            datetime(2020, 1, 1).date(),  # noqa: DTZ001 - a day has no zone
            dict.fromkeys(range(5), (Interval(time(9), time(17)),)),
        ),
    ),
)
QUARTER = timedelta(minutes=15)


def berlin(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def test_round_the_clock_counts_every_minute():
    beat = Beat(Rhythm.ELAPSED, ALWAYS(BERLIN), QUARTER)

    assert beat.after(berlin(10, 23, 50)) == berlin(11, 0, 5)


def test_in_opening_hours_a_night_is_no_silence():
    beat = Beat(Rhythm.WORKING, OFFICE, QUARTER)

    # Friday 13 March, five minutes before closing: ten minutes of Monday are left.
    assert beat.after(berlin(13, 16, 55)) == berlin(16, 9, 10)


@pytest.mark.parametrize(
    ("heard", "due"),
    [
        pytest.param(berlin(10, 2), berlin(11, 6), id="in the night, as usual"),
        pytest.param(berlin(10, 6, 5), berlin(11, 6), id="five minutes late counts for the night"),
        pytest.param(berlin(9, 23), berlin(11, 6), id="early in the evening counts for the night"),
        pytest.param(berlin(10, 12), berlin(11, 6), id="noon is no silence"),
    ],
)
def test_a_nightly_export_is_waited_for_once_a_day(heard, due):
    assert Beat(Rhythm.DAILY, ALWAYS(BERLIN), by=time(6)).after(heard) == due


def test_a_nightly_export_of_opening_days_rests_on_the_weekend():
    beat = Beat(Rhythm.DAILY, OFFICE, by=time(6))

    assert beat.after(berlin(13, 2)) == berlin(16, 6)
    assert beat.after(beat.heard_at_latest(berlin(13, 2))) == berlin(13, 6)


def test_it_is_due_once_on_the_day_on_which_the_clocks_change():
    """On 29 March 2026 there is no 02:30 in Berlin; it is due when the clocks jump."""
    beat = Beat(Rhythm.DAILY, ALWAYS(BERLIN), by=time(2, 30))

    assert beat.next_by(berlin(28, 3)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("rhythm", [Rhythm.WORKING, Rhythm.DAILY])
def test_nothing_is_due_in_hours_that_never_open(rhythm):
    closed = Hours(BERLIN, (Version(datetime(2020, 1, 1).date(), {}),))  # noqa: DTZ001 - as above

    with pytest.raises(DeskError):
        Beat(rhythm, closed, QUARTER, time(6)).after(berlin(10, 12))
