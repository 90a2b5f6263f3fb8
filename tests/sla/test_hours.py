from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import ALWAYS, Hours, Interval, Version, instant, missing_years
from exceptions_app.sla.notation import read_week

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = read_week("mon-fri 08:00-17:00")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_a_wall_time_that_the_clocks_skip_is_the_instant_of_the_jump():
    skipped = [instant(SPRING, at, BERLIN) for at in (time(2), time(2, 30), time(2, 59, 59, 9))]

    assert set(skipped) == {utc(2026, 3, 29, 1)}


def test_a_wall_time_that_happens_twice_is_the_first_of_the_two():
    repeated = instant(AUTUMN, time(2, 30), BERLIN)

    assert repeated == utc(2026, 10, 25, 0, 30)


def test_the_fold_of_a_wall_time_makes_no_difference():
    assert instant(AUTUMN, time(2, 30, fold=1), BERLIN) == instant(AUTUMN, time(2, 30), BERLIN)


def test_midnight_may_be_skipped():
    sao_paulo = ZoneInfo("America/Sao_Paulo")

    assert instant(date(2018, 11, 4), time(0), sao_paulo) == utc(2018, 11, 4, 3)


def test_a_whole_day_may_be_skipped():
    apia = ZoneInfo("Pacific/Apia")
    shop = Hours(apia, (Version(date(2011, 1, 1), read_week("mon-sun 09:00-17:00")),))

    assert shop.spans(date(2011, 12, 30)) == ()
    assert instant(date(2011, 12, 30), time(12), apia) == utc(2011, 12, 30, 10)


def test_half_an_hour_may_be_skipped():
    lord_howe = ZoneInfo("Australia/Lord_Howe")

    assert instant(date(2026, 10, 4), time(2, 15), lord_howe) == utc(2026, 10, 3, 15, 30)


@pytest.mark.parametrize(("day", "long"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_the_spans_of_a_day_are_as_long_as_the_day(day, long):
    shop = Hours(BERLIN, (Version(day, read_week("mon-sun 01:00-02:30 02:30-05:00 22:00-24:00")),))

    spans = shop.spans(day)

    assert sum((s.length for s in spans), timedelta()) == timedelta(hours=long)


def test_an_opening_wholly_skipped_is_no_opening():
    night = Hours(BERLIN, (Version(SPRING, read_week("sun 02:15-02:45")),))

    assert [span.counted for span in night.spans(SPRING)] == [False, False]


def test_each_span_says_why_it_counts_or_not():
    monday, tuesday, wednesday = (date(2026, 4, day) for day in (20, 21, 22))
    shop = Hours(
        BERLIN,
        (
            Version(
                date(2026, 1, 1),
                OFFICE,
                holidays={monday: "Patriots' Day", wednesday: "Moved Day"},
                exceptions={tuesday: (Interval(time(10), time(12)),), wednesday: ()},
            ),
        ),
    )

    reasons = {day: [s.reason for s in shop.spans(day)] for day in (monday, tuesday, wednesday)}

    assert reasons == {
        monday: ["holiday: Patriots' Day"],
        tuesday: [
            "closed that day (exception)",
            "open that day (exception)",
            "closed that day (exception)",
        ],
        wednesday: ["closed that day (exception)"],
    }


def test_ordinary_days_are_open_hours_and_closed_and_always_is_round_the_clock():
    shop = Hours(BERLIN, (Version(SPRING, OFFICE),))

    assert [s.reason for s in shop.spans(date(2026, 4, 1))] == ["closed", "open hours", "closed"]
    assert [s.reason for s in ALWAYS(BERLIN).spans(SPRING)] == ["round the clock"]


def test_a_version_holds_from_its_date_until_the_next():
    old, new = Version(date(2025, 1, 1), OFFICE), Version(date(2026, 4, 1), OFFICE)
    shop = Hours(BERLIN, (old, new))

    held = [shop.version_on(day) is new for day in (date(2026, 3, 31), date(2026, 4, 1))]

    assert held == [False, True]


def test_the_first_version_also_holds_before_its_date():
    shop = Hours(BERLIN, (Version(date(2025, 1, 1), OFFICE),))

    assert shop.opens_on(date(2024, 12, 31))


@pytest.mark.parametrize(
    "openings",
    [
        (Interval(time(9), time(9)),),
        (Interval(time(22), time(6)),),
        (Interval(time(9), time(12)), Interval(time(11), time(13))),
        (Interval(time(13), time(14)), Interval(time(9), time(12))),
        (Interval(time(9), None), Interval(time(12), time(13))),
    ],
)
def test_openings_out_of_order_are_refused(openings):
    with pytest.raises(Refused, match="night shift"):
        Version(SPRING, {0: openings})


def test_exceptions_out_of_order_are_refused_too():
    with pytest.raises(Refused, match="in order"):
        Version(SPRING, OFFICE, exceptions={SPRING: (Interval(time(9), time(8)),)})


def test_openings_may_touch():
    noon = time(12)

    version = Version(SPRING, {0: (Interval(time(9), noon), Interval(noon, None))})

    assert len(version.openings(date(2026, 3, 30))) == 2


def test_hours_without_versions_or_with_versions_out_of_order_are_refused():
    version = Version(SPRING, OFFICE)

    with pytest.raises(Refused, match="at least one"):
        Hours(BERLIN, ())
    with pytest.raises(Refused, match="order of their dates"):
        Hours(BERLIN, (version, version))


def test_a_year_without_holidays_is_missing():
    empty = Version(date(2024, 1, 1), OFFICE)
    entered = Version(date(2025, 1, 1), OFFICE, {date(2025, 12, 25): "Christmas Day"})

    missing = missing_years(Hours(BERLIN, (empty, entered)), date(2024, 5, 1), date(2026, 2, 1))

    assert missing == [2024, 2026]


def test_a_holiday_counts_only_in_the_version_that_holds_on_it():
    early = Version(date(2024, 1, 1), OFFICE, {date(2025, 12, 25): "Christmas Day"})
    later = Version(date(2025, 6, 1), OFFICE)

    assert missing_years(Hours(BERLIN, (early, later)), SPRING, SPRING) == [2026]
    assert missing_years(Hours(BERLIN, (early, later)), date(2025, 1, 1), date(2025, 1, 1)) == [
        2025
    ]


def test_hours_that_never_close_need_no_holidays():
    whole = ALWAYS(BERLIN).versions[0].week
    changing = Hours(BERLIN, (Version(date(2024, 1, 1), whole), Version(date(2025, 6, 1), OFFICE)))

    assert missing_years(ALWAYS(BERLIN), SPRING, AUTUMN) == []
    assert missing_years(changing, date(2024, 1, 1), SPRING) == [2025, 2026]
