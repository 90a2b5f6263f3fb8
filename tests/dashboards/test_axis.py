"""Milestones on one time axis."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards.axis import axis
from exceptions_app.cases.detail import MilestoneLine, PromiseLine, SubjectLine

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def subject(*milestones, promised=None):
    promises = (PromiseLine(promised, NOON, ""),) if promised else ()
    return SubjectLine(1, "deal", "D-7", "", "", {}, promises, tuple(milestones), ())


def milestone(expected=None, actual=None):
    return MilestoneLine(
        "sold", "sold", expected and NOON + expected * HOUR, actual and NOON + actual * HOUR
    )


def drawn(*milestones, live=True, **given):
    return axis(subject(*milestones, **given), now=NOON, zone=BERLIN, live=live)


def test_without_a_time_there_is_nothing_to_draw():
    assert drawn(milestone()) is None


@pytest.mark.parametrize(
    ("expected", "actual", "words", "late"),
    [
        (-5, -4, "1 h 00 late", True),
        (-4, -5, "1 h 00 early", False),
        (-4, -4, "on time", False),
        (-4, None, "4 h 00 late so far", True),
        (4, None, "to come", False),
        (None, -2, "done", False),
    ],
)
def test_each_milestone_says_how_it_stands(expected, actual, words, late):
    track = drawn(milestone(expected, actual), milestone(-9, -9)).tracks[0]

    assert (track.words, track.late) == (words, late)


def test_places_lie_between_the_edges_in_the_order_of_time():
    picture = drawn(
        milestone(-10, -9), milestone(-2, None), milestone(5, None), promised=NOON + 2 * HOUR
    )

    first, second, third = picture.tracks
    assert 0 < first.planned_x < first.actual_x < second.planned_x
    assert second.planned_x < picture.now_x < picture.promised_x < third.planned_x < 100
    assert first.bar == (first.planned_x, first.actual_x - first.planned_x)
    assert second.bar is None


def test_a_settled_case_has_no_now():
    assert drawn(milestone(-5, -4), live=False).now_x is None


def test_a_single_instant_still_has_an_axis():
    picture = drawn(milestone(-5, -5), live=False)

    assert picture.tracks[0].planned_x == 50


@pytest.mark.parametrize("hours", [1, 5, 20, 60, 24 * 20, 24 * 300, 24 * 4000])
def test_there_are_few_enough_ticks_to_read(hours):
    picture = drawn(milestone(-hours, -hours), milestone(0.1, 0.1))

    assert len(picture.ticks) <= 8
    assert [tick.x for tick in picture.ticks] == sorted(tick.x for tick in picture.ticks)
