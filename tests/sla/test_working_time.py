from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours, Interval, Span, Version
from exceptions_app.sla.notation import read_length, read_week
from exceptions_app.sla.working_time import (
    Length,
    NeverOpens,
    advance,
    due,
    ledger,
    next_opening,
    worked,
)

BOSTON = ZoneInfo("America/New_York")
HOLIDAYS = {date(2014, 4, 21): "Patriots' Day"}
CITY = Hours(BOSTON, (Version(date(2014, 1, 1), read_week("mon-fri 08:30-17:00"), HOLIDAYS),))
NEVER = Hours(BOSTON, (Version(date(2014, 1, 1), {}),))


def boston(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON)


def due_in_boston(start: str, length: str, hours: Hours = CITY) -> str:
    at = due(boston(start), read_length(length), hours)
    return at.astimezone(BOSTON).strftime("%a %Y-%m-%d %H:%M")


def test_one_business_day_from_inside_the_hours_is_the_same_time_on_the_next():
    assert due_in_boston("2014-04-15 11:20", "1 business day") == "Wed 2014-04-16 11:20"


def test_one_business_day_over_a_weekend_and_a_holiday():
    assert due_in_boston("2014-04-18 11:20", "1 business day") == "Tue 2014-04-22 11:20"


@pytest.mark.parametrize("start", ["2014-04-15 17:00", "2014-04-15 23:59", "2014-04-16 08:29"])
def test_a_start_outside_the_hours_is_a_start_at_the_next_opening(start):
    assert due_in_boston(start, "1 business day") == "Thu 2014-04-17 08:30"


def test_a_start_on_a_holiday_counts_from_the_day_after():
    assert due_in_boston("2014-04-21 12:00", "2 business days") == "Thu 2014-04-24 08:30"


def test_a_business_day_keeps_the_wall_time_over_a_clock_change():
    assert due_in_boston("2014-03-07 09:00", "1 business day") == "Mon 2014-03-10 09:00"


def test_a_business_day_keeps_its_time_even_where_the_last_day_closes_earlier():
    hours = Hours(
        BOSTON, (Version(date(2014, 1, 1), read_week("mon-thu 08:00-17:00; fri 08:00-12:00")),)
    )

    assert due_in_boston("2014-04-17 15:00", "1 business day", hours) == "Fri 2014-04-18 15:00"


def test_calendar_days_keep_the_wall_time_and_are_not_so_many_hours():
    assert due_in_boston("2013-12-01 09:10", "120 calendar days") == "Mon 2014-03-31 09:10"
    assert due_in_boston("2013-12-01 09:10", "2880 elapsed hours") == "Mon 2014-03-31 10:10"


def test_a_calendar_day_that_ends_in_skipped_time_ends_at_the_jump():
    at = due(boston("2014-03-08 02:30"), read_length("1 calendar day"), CITY)

    assert at == datetime(2014, 3, 9, 7, tzinfo=UTC)


def test_working_hours_end_at_closing_rather_than_at_the_next_opening():
    assert due_in_boston("2014-04-15 16:00", "60 working minutes") == "Tue 2014-04-15 17:00"


def test_working_hours_go_on_in_the_morning_under_the_hours_of_that_day():
    longer = Version(date(2014, 4, 16), read_week("mon-fri 07:00-19:00"))
    hours = Hours(BOSTON, (*CITY.versions, longer))

    assert due_in_boston("2014-04-15 16:00", "2 working hours") == "Wed 2014-04-16 09:30"
    assert due_in_boston("2014-04-15 16:00", "2 working hours", hours) == "Wed 2014-04-16 08:00"


def test_a_night_shift_works_through_midnight():
    night = read_week("fri 22:00-24:00; sat 00:00-06:00")
    hours = Hours(BOSTON, (Version(date(2014, 1, 1), night),))

    end = advance(boston("2014-04-18 12:00"), timedelta(hours=5), hours)

    assert end == boston("2014-04-19 03:00")


def test_a_night_shift_over_a_clock_change_has_an_hour_more_or_less():
    night = Hours(BOSTON, (Version(date(2014, 1, 1), read_week("sun 00:00-06:00")),))
    spring, autumn = boston("2014-03-09 00:00"), boston("2014-11-02 00:00")

    lengths = [worked(at, at + timedelta(days=1), night) for at in (spring, autumn)]

    assert lengths == [timedelta(hours=5), timedelta(hours=7)]


def test_a_shift_that_closes_in_the_repeated_hour_closes_the_first_time():
    night = Hours(BOSTON, (Version(date(2014, 1, 1), read_week("sun 00:00-01:30")),))

    length = worked(boston("2014-11-02 00:00"), boston("2014-11-02 06:00"), night)

    assert length == timedelta(hours=1, minutes=30)


def test_an_exception_opens_a_closed_day():
    saturday = {date(2014, 4, 19): (Interval(time(10), time(12)),)}
    hours = Hours(BOSTON, (Version(date(2014, 1, 1), CITY.versions[0].week, {}, saturday),))

    opening = next_opening(boston("2014-04-18 18:00"), hours)

    assert opening == boston("2014-04-19 10:00")


def test_no_time_at_all_is_no_advance():
    night = boston("2014-04-19 03:00")

    assert advance(night, timedelta(0), CITY) == night


def test_an_end_before_the_start_has_nothing_worked():
    noon, morning = boston("2014-04-15 12:00"), boston("2014-04-15 09:00")

    assert worked(noon, morning, CITY) == timedelta(0)
    assert ledger(noon, morning, CITY) == []


def test_the_ledger_joins_what_has_one_reason():
    entries = ledger(boston("2014-04-18 16:00"), boston("2014-04-22 09:00"), CITY)

    assert entries == [
        Span(boston("2014-04-18 16:00"), boston("2014-04-18 17:00"), True, "open hours"),
        Span(boston("2014-04-18 17:00"), boston("2014-04-21 00:00"), False, "closed"),
        Span(
            boston("2014-04-21 00:00"), boston("2014-04-22 00:00"), False, "holiday: Patriots' Day"
        ),
        Span(boston("2014-04-22 00:00"), boston("2014-04-22 08:30"), False, "closed"),
        Span(boston("2014-04-22 08:30"), boston("2014-04-22 09:00"), True, "open hours"),
    ]


@pytest.mark.parametrize("edge", ["2014-04-16 08:30", "2014-04-16 17:00", "2014-04-17 00:00"])
def test_a_ledger_that_ends_where_counting_begins_or_ends_has_no_empty_stretch(edge):
    entries = ledger(boston("2014-04-15 12:00"), boston(edge), CITY)

    assert entries[-1].end == boston(edge)
    assert all(entry.start < entry.end for entry in entries)


def test_results_are_in_utc_whatever_zone_the_instants_came_in():
    start = datetime(2014, 4, 15, 12, tzinfo=ZoneInfo("Asia/Kolkata"))

    ends = [due(start, read_length(text), CITY) for text in ("1 business day", "1 elapsed hour")]

    assert [end.tzinfo for end in ends] == [UTC, UTC]
    assert ends[1] - start == timedelta(hours=1)


@pytest.mark.parametrize("length", ["1 working hour", "1 business day"])
def test_hours_that_never_open_are_an_error_and_no_endless_loop(length):
    with pytest.raises(NeverOpens, match="no opening in the two years after 2014-04-15"):
        due(boston("2014-04-15 12:00"), read_length(length), NEVER)


def test_hours_that_close_for_good_are_an_error_too():
    hours = Hours(BOSTON, (*CITY.versions, Version(date(2014, 4, 16), {})))

    with pytest.raises(NeverOpens, match="after 2014-04-15"):
        due(boston("2014-04-15 12:00"), read_length("1 business day"), hours)


def test_a_season_of_closure_is_no_error():
    winter = Version(date(2014, 4, 16), {})
    hours = Hours(
        BOSTON, (*CITY.versions, winter, Version(date(2016, 4, 4), CITY.versions[0].week))
    )

    assert due_in_boston("2014-04-15 12:00", "1 business day", hours) == "Mon 2016-04-04 12:00"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(Refused, match="needs a time zone"):
        worked(datetime(2014, 4, 15), boston("2014-04-16 00:00"), CITY)  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        ("business_days", timedelta(days=1)),
        ("working", 3),
        ("elapsed", timedelta(0)),
        ("calendar_days", -1),
        ("calendar_days", 4000),
        ("fortnights", 1),
    ],
)
def test_a_length_that_makes_no_sense_is_refused(kind, amount):
    with pytest.raises(Refused, match=r"^(A length|Working and elapsed)"):
        Length(kind, amount)


def test_a_year_is_cheap():
    start, began = boston("2014-01-01 00:00"), process_time()

    for _ in range(20):
        fresh = Hours(CITY.zone, CITY.versions)
        worked(start, start + timedelta(days=365), fresh)

    assert (process_time() - began) / 20 < 0.05


def test_round_the_clock_everything_counts():
    start = boston("2014-03-08 12:00")

    assert advance(start, timedelta(hours=24), ALWAYS(BOSTON)) == boston("2014-03-09 13:00")
