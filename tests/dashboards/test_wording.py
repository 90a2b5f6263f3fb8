"""How times read. The same table is read by the browser tests against ``time.js``."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from dashboards import wording
from exceptions_app.cases.rows import ClockFace
from exceptions_app.vocabulary import TargetKind

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LENGTHS = [
    (0, "0 s"),
    (59, "59 s"),
    (60, "1 min"),
    (18 * 60 + 59, "18 min"),
    (3600, "1 h 00"),
    (2 * 3600 + 5 * 60, "2 h 05"),
    (86_399, "23 h 59"),
    (86_400, "1 d"),
    (3 * 86_400 + 4 * 3600, "3 d 4 h"),
    (12 * 86_400 + 4 * 3600, "12 d"),
]


@pytest.mark.parametrize(("seconds", "words"), LENGTHS)
def test_a_length_has_at_most_two_units(seconds, words):
    assert wording.length(seconds) == words


CLOCK = ClockFace(
    id=1,
    kind=TargetKind.ACKNOWLEDGE,
    started_at=NOON - timedelta(hours=1),
    due_at=NOON,
    warn_at=NOON - timedelta(minutes=10),
    paused=False,
    stopped_at=None,
    breached_at=None,
)


@pytest.mark.parametrize(
    ("given", "before", "text", "mood"),
    [
        ({}, timedelta(minutes=18, seconds=30), "18 min left", "fine"),
        ({}, timedelta(minutes=10), "10 min left", "soon"),
        ({}, timedelta(milliseconds=500), "0 s left", "soon"),
        ({}, timedelta(0), "0 s over", "over"),
        ({}, -timedelta(hours=2, minutes=5), "2 h 05 over", "over"),
        ({"warn_at": None}, timedelta(seconds=5), "5 s left", "fine"),
        ({"paused": True, "due_at": None}, timedelta(0), "paused", "paused"),
        ({"paused": True, "paused_since": NOON}, timedelta(0), "paused since Fri 13:00", "paused"),
        ({"stopped_at": NOON}, timedelta(0), "kept", "kept"),
        ({"stopped_at": NOON, "breached_at": NOON}, timedelta(0), "missed", "over"),
    ],
)
def test_a_clock_says_what_is_left_to_the_second(given, before, text, mood):
    words = wording.clock_words(replace(CLOCK, **given), now=NOON - before, zone=BERLIN)

    assert (words.text, words.mood, words.what) == (text, mood, "to acknowledge")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOON, "today 13:00"),
        (NOON + timedelta(hours=10, minutes=59), "today 23:59"),
        (NOON + timedelta(hours=11), "tomorrow 00:00"),
        (NOON - timedelta(days=1), "yesterday 13:00"),
        (NOON - timedelta(days=3), "Tue 17 Nov 13:00"),
        (NOON + timedelta(days=6), "Thu 13:00"),
        (NOON - timedelta(days=7), "13 Nov 13:00"),
        (NOON - timedelta(days=400), "16 Oct 2025 14:00"),
    ],
)
def test_an_instant_is_as_short_as_it_can_be_understood(at, words):
    assert wording.shown(at, now=NOON, zone=BERLIN) == words


def test_in_full_it_names_its_zone_and_the_readers_own_where_that_differs():
    here = wording.whole(NOON, zone=BERLIN, own=ZoneInfo("Europe/Madrid"))
    there = wording.whole(NOON, zone=BERLIN, own=ZoneInfo("America/New_York"))

    elsewhere = wording.whole(NOON, zone=BERLIN, own=BERLIN, site=ZoneInfo("Asia/Tokyo"))

    assert here == "Friday 20 November 2026, 13:00:00 CET"
    assert elsewhere == "Friday 20 November 2026, 13:00:00 CET · at the site Fri 21:00 JST"
    assert there == "Friday 20 November 2026, 13:00:00 CET · for you Fri 07:00 EST"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "on time"), (1, "on time"), (-1, "on time"), (15, "15 min late"), (-90, "1 h 30 early")],
)
def test_the_plan_and_the_fact_are_compared_in_words(minutes, words):
    assert wording.late_by(NOON, NOON + timedelta(minutes=minutes)) == words


def test_times_kept_in_a_sentence_are_told_where_it_is_read():
    seen = SimpleNamespace(now=NOON, zone=BERLIN, own=BERLIN)

    kept = "heard more: handed over 2026-11-20 19:20 UTC; now promised 2026-11-21 08:00 UTC"

    assert wording.local_times(kept, seen) == (
        "heard more: handed over today 20:20; now promised tomorrow 09:00"
    )
