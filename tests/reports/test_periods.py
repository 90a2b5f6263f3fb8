"""Which days a report is about, and how it says so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.reports.periods import Period

BERLIN = ZoneInfo("Europe/Berlin")
SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_eight_weeks_end_with_the_current_one():
    period = Period.weeks_up_to(SATURDAY, BERLIN, 8)

    assert (period.first, period.last) == (date(2026, 9, 28), date(2026, 11, 22))
    assert (period.days, period.length_words) == (56, "eight weeks")


def test_days_begin_at_midnight_of_the_zone_on_either_side_of_a_clock_change():
    period = Period.weeks_up_to(SATURDAY, BERLIN, 8)

    assert period.start == datetime(2026, 9, 27, 22, 0, tzinfo=UTC)
    assert period.end == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    assert period.before == datetime(2026, 8, 2, 22, 0, tzinfo=UTC)


def test_the_current_week_belongs_to_the_zone_and_not_to_utc():
    late_on_sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert Period.weeks_up_to(late_on_sunday, BERLIN, 1).first == date(2026, 11, 23)
    assert Period.weeks_up_to(late_on_sunday, ZoneInfo("UTC"), 1).first == date(2026, 11, 16)


def test_weeks_that_have_not_begun_are_left_out():
    period = Period(date(2026, 11, 1), date(2026, 12, 31), BERLIN)

    assert period.mondays(at=SATURDAY) == [
        date(2026, 10, 26) + n * timedelta(days=7) for n in range(4)
    ]


def test_a_week_at_the_edge_keeps_only_its_days_of_the_period():
    period = Period(date(2026, 11, 4), date(2026, 11, 12), BERLIN)

    weeks = [period.week(start) for start in period.mondays(at=SATURDAY)]

    assert [(week.first.day, week.last.day) for week in weeks] == [(4, 8), (9, 12)]


@pytest.mark.parametrize(
    ("first", "last", "words", "length"),
    [
        (date(2026, 9, 28), date(2026, 11, 22), "28 Sep to 22 Nov 2026", "eight weeks"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 Dec 2025 to 4 Jan 2026", "week"),
        (date(2026, 3, 1), date(2026, 3, 31), "1 Mar to 31 Mar 2026", "31 days"),
        (date(2026, 3, 1), date(2026, 3, 1), "1 Mar 2026", "day"),
        (date(2025, 11, 24), date(2026, 11, 22), "24 Nov 2025 to 22 Nov 2026", "52 weeks"),
    ],
)
def test_a_period_says_when_and_how_long(first, last, words, length):
    period = Period(first, last, BERLIN)

    assert (period.words, period.length_words) == (words, length)
