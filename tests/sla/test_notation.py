from datetime import time, timedelta

import pytest

from exceptions_app.errors import Refused
from exceptions_app.sla.hours import Interval
from exceptions_app.sla.notation import hours_words, length_words, read_length, read_week
from exceptions_app.sla.working_time import Length


@pytest.mark.parametrize(
    ("text", "length", "words"),
    [
        ("1 business day", Length("business_days", 1), "1 business day"),
        (" 120 Calendar Days ", Length("calendar_days", 120), "120 calendar days"),
        ("8 working hours", Length("working", timedelta(hours=8)), "8:00:00 of working time"),
        ("30 elapsed minutes", Length("elapsed", timedelta(minutes=30)), "0:30:00 of elapsed time"),
    ],
)
def test_a_length_is_read_as_it_is_written(text, length, words):
    assert read_length(text) == length
    assert length_words(length) == words


@pytest.mark.parametrize(
    "text", ["", "1 day", "3 working days", "2 business hours", "-1 business day"]
)
def test_anything_else_is_no_length(text):
    with pytest.raises(Refused, match=r"is no length\. Write 1 business day"):
        read_length(text)


def test_a_week_is_read_day_by_day_with_several_openings_up_to_midnight():
    week = read_week("Mon-Tue 08:30-12:00 13:00-17:00; sat 22:00-24:00; wed")

    twice = (Interval(time(8, 30), time(12)), Interval(time(13), time(17)))
    assert week == {0: twice, 1: twice, 2: (), 5: (Interval(time(22), None),)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "opens on no day"),
        ("mon-fri", "opens on no day"),
        ("noday 08:00-17:00", "“noday” is no weekday"),
        ("fri-mon 08:00-17:00", "“fri-mon” is no weekday"),
        ("mon 8-17", "“8-17” is no opening"),
        ("mon 08:00", "“08:00-” is no opening"),
        ("mon 08:00-25:00", "is no opening"),
    ],
)
def test_a_week_that_cannot_be_read_is_refused_with_an_example(text, reason):
    with pytest.raises(Refused, match=reason):
        read_week(text)


def test_hours_go_on_past_a_day_and_may_be_negative():
    assert hours_words(timedelta(days=2, hours=3, seconds=5)) == "51:00:05"
    assert hours_words(-timedelta(minutes=90)) == "-1:30:00"
