from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.sla.comparison import Comparison, explain
from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_week
from exceptions_app.sla.published import ANY_TYPE, Published
from exceptions_app.sla.working_time import Length

BOSTON = ZoneInfo("America/New_York")
ONE_DAY = Length("business_days", 1)
CITY = Hours(
    BOSTON,
    (
        Version(
            date(2014, 1, 1), read_week("mon-fri 08:30-17:00"), {date(2014, 4, 21): "Patriots' Day"}
        ),
    ),
)
MONDAY, TUESDAY = "2014-04-14 11:00", "2014-04-15 11:00"


def boston(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(UTC)


def published(opened=MONDAY, target: str | None = TUESDAY, closed="", met=None, type_="dog"):
    return Published(
        line=2,
        key="1",
        type=type_,
        opened_at=boston(opened),
        target_at=boston(target) if target else None,
        closed_at=boston(closed) if closed else None,
        met=met,
    )


def compared(*cases, lengths=None, keep=10) -> Comparison:
    comparison = Comparison(CITY, lengths or {"dog": ONE_DAY}, keep=keep)
    for case in cases:
        comparison.add(case)
    return comparison


def test_a_target_counts_as_reproduced_within_a_minute_and_within_two():
    targets = (
        "2014-04-15 11:00:59",
        "2014-04-15 10:59:00",
        "2014-04-15 11:01:01",
        "2014-04-15 12:00",
    )

    comparison = compared(*(published(target=target) for target in targets))

    shares = comparison.tallies["one_business_day"].shares()
    assert shares == {"cases": 4, "within_60_s": 0.5, "within_120_s": 0.75}


def test_nothing_compared_has_no_share():
    comparison = compared()

    assert comparison.tallies["one_business_day"].shares()["within_60_s"] is None
    assert comparison.outcome(comparison.extracted_at()) == (0, None)
    assert comparison.span is None


def test_each_kind_of_length_is_counted_apart_and_types_without_one_are_named():
    lengths = {"dog": ONE_DAY, "bug": Length("calendar_days", 2), "rat": Length("business_days", 2)}

    comparison = compared(
        published(),
        published(type_="bug", target="2014-04-16 11:00"),
        published(type_="cat"),
        published(target=None),
        lengths=lengths,
    )

    assert {group: tally.cases for group, tally in comparison.tallies.items()} == {
        "one_business_day": 1,
        "calendar_days": 1,
        "business_days": 0,
    }
    assert (comparison.unruled, comparison.untargeted) == ({"cat": 1}, 1)


def test_a_length_without_a_type_is_for_every_type():
    comparison = compared(published(type_="cat"), lengths={ANY_TYPE: ONE_DAY})

    assert comparison.tallies["one_business_day"].within_60_s == 1


@pytest.mark.parametrize(
    ("closed", "met", "agrees"),
    [
        (TUESDAY, True, 1.0),
        (TUESDAY, False, 0.0),
        ("2014-04-15 11:00:01", False, 1.0),
        ("2014-04-15 11:00:01", True, 0.0),
    ],
)
def test_a_closed_case_is_met_when_closed_not_later_than_the_target(closed, met, agrees):
    comparison = compared(published(closed=closed, met=met))

    assert comparison.outcome(comparison.extracted_at()) == (1, agrees)


def test_a_case_without_a_verdict_is_counted_and_not_judged():
    comparison = compared(published(), published(closed=TUESDAY))

    assert (comparison.undecided, comparison.outcome(None)) == (2, (0, None))


def test_open_cases_are_judged_by_the_last_stamp_of_the_file():
    comparison = compared(
        published(met=False),
        published(target="2014-05-01 08:30", met=True),
        published(target=None, opened="2014-04-20 19:00"),
    )

    extracted_at = comparison.extracted_at()

    assert extracted_at == boston("2014-04-20 19:00")
    assert comparison.outcome(extracted_at) == (2, 1.0)


def test_verdicts_on_open_cases_tell_that_the_file_was_extracted_later_than_its_last_stamp():
    comparison = compared(
        published(target="2014-04-30 08:30", met=False),
        published(target="2014-05-02 08:30", met=False),
        published(target="2014-05-01 08:30", met=True),
        published(target="2014-06-01 08:30", met=True),
        published(target="2014-06-02 08:30", met=True),
        published(target="2014-06-03 08:30", met=False),
    )

    extracted_at = comparison.extracted_at()

    assert extracted_at == boston("2014-04-30 08:30:01")
    assert comparison.outcome(extracted_at) == (6, 4 / 6)


def test_a_stated_time_of_extraction_decides():
    comparison = compared(published(target="2014-05-01 08:30", met=False))

    extractions = ("2014-05-01 08:29:59", "2014-05-01 08:30", "2014-05-01 08:30:01")
    shares = [comparison.outcome(boston(text))[1] for text in extractions]

    assert shares == [0.0, 0.0, 1.0]


def test_the_worst_misses_are_kept_worst_first():
    targets = [f"2014-04-15 {hour}:00" for hour in (13, 18, 12, 15, 11)]

    comparison = compared(*(published(target=target) for target in targets), keep=2)

    assert [miss.off for miss in comparison.worst()] == [timedelta(hours=7), timedelta(hours=4)]


@pytest.mark.parametrize(
    ("opened", "target", "words"),
    [
        (MONDAY, "2014-04-15 11:01:30", "the clocks of opening and target were a little apart"),
        (MONDAY, MONDAY, "the target was set to the opening itself"),
        ("2014-04-18 11:00", "2014-04-21 11:00", "no holidays had been entered"),
        (MONDAY, "2014-04-17 11:00", "the length was 3 business days"),
        ("2014-04-12 11:00", "2014-04-14 11:00", "the length was 2 calendar days"),
        ("2014-04-13 11:00", "2014-04-24 08:30", "the length was 7 business days"),
        ("2014-04-12 11:00", "2014-04-13 08:30", "due 2 d earlier than ours"),
    ],
)
def test_a_miss_is_explained_by_the_rule_that_would_fit(opened, target, words):
    [miss] = compared(published(opened=opened, target=target)).worst()

    assert explain(miss, CITY).startswith(f"fits if {words}")


def test_a_miss_that_no_rule_fits_says_so_and_how_ours_came_about():
    [miss] = compared(published(opened="2014-04-18 18:00", target="2014-06-01 03:33")).worst()

    assert explain(miss, CITY) == (
        "fits no simple rule; perhaps set by hand "
        "(opened outside the hours; holiday: Patriots' Day)"
    )


def test_a_miss_of_a_length_round_the_clock_is_not_explained_by_opening_hours():
    lengths = {"dog": Length("calendar_days", 1)}
    [miss] = compared(
        published(opened="2014-04-19 18:00", target="2014-06-01 03:33"), lengths=lengths
    ).worst()

    assert explain(miss, CITY) == "fits no simple rule; perhaps set by hand"
