from datetime import datetime, timedelta
from functools import reduce
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exceptions_app.sla.clockwork import Reading, proof, reckon
from exceptions_app.sla.hours import Hours, Version
from exceptions_app.sla.notation import read_week
from exceptions_app.sla.working_time import NO_TIME, Length, advance, due, worked
from tests.sla.worlds import CHANGES, History, befall, hours_anywhere, lengths, stories, verbs

MOMENT = timedelta(microseconds=1)
WARN = 0.75
STORED = ("due_at", "warn_at", "paused", "stopped_at", "warned_at", "breached_at", "next_at")
AFTERWARDS = st.timedeltas(timedelta(0), timedelta(days=9))
SHIFTS = [read_week(text) for text in ("mon-fri 08:30-17:00", "mon-sun 00:00-02:30 22:00-24:00")]


def stored(reading: Reading) -> dict[str, object]:
    return {name: getattr(reading, name) for name in STORED}


def whole(opened_at: datetime, story) -> History:
    return reduce(lambda history, one: befall(history, one[1], one[0]), story, History(opened_at))


class Desk:
    """Keeps a reading as the desk does: anew at each event, and whenever its next instant has come."""

    def __init__(self, opened_at: datetime, length: Length, hours: Hours) -> None:
        self.history, self.length, self.hours = History(opened_at), length, hours
        self.kept = self.read(opened_at)

    def read(self, at: datetime) -> Reading:
        return reckon(self.history, self.length, self.hours, at, WARN)

    def until(self, at: datetime) -> Reading:
        while self.kept.next_at and self.kept.next_at < at:
            self.kept = self.read(self.kept.next_at + MOMENT)
        return self.kept

    def befallen(self, verb: str, at: datetime) -> Reading:
        self.until(at)
        self.history = befall(self.history, verb, at)
        self.kept = self.read(at)
        return self.kept


class Stopwatch:
    """Another way to keep a clock, and the one that forgets: carries the rest from pause to pause."""

    def __init__(self, opened_at: datetime, length: Length, hours: Hours) -> None:
        self.measure = length.measure(hours)
        self.due_at: datetime | None = due(opened_at, length, hours)
        self.rest = NO_TIME

    def stops(self, at: datetime) -> None:
        if self.due_at and at <= self.due_at:
            self.rest, self.due_at = worked(at, self.due_at, self.measure), None

    def goes_on(self, at: datetime) -> None:
        self.due_at = self.due_at or advance(at, self.rest, self.measure)

    def follow(self, story) -> None:
        for (at, verb), before in zip(story, [None, *(v for _, v in story)], strict=False):
            if verb in {"resumed", "reopened"}:
                self.goes_on(at)
            elif before != "waiting":
                self.stops(at)


@given(st.data(), hours_anywhere(), lengths, AFTERWARDS)
def test_what_the_desk_stored_step_by_step_is_what_the_whole_history_gives(
    data, hours, length, later
):
    opened_at, story = data.draw(stories(hours.zone))
    desk = Desk(opened_at, length, hours)
    for at, verb in story:
        desk.befallen(verb, at)
    now = (story[-1][0] if story else opened_at) + later

    kept = desk.until(now)

    again = reckon(whole(opened_at, story), length, hours, now, WARN)
    assert stored(kept) == stored(again)


@given(st.data(), hours_anywhere(), lengths)
def test_what_has_come_stays_and_nothing_comes_about_in_the_past(data, hours, length):
    opened_at, story = data.draw(stories(hours.zone))
    desk = Desk(opened_at, length, hours)

    for at, verb in story:
        before = desk.until(at)
        after = desk.befallen(verb, at)
        assert (after.breached_at, after.warned_at) == (before.breached_at, before.warned_at)


@given(st.data(), hours_anywhere(), lengths, AFTERWARDS)
def test_the_proof_tiles_the_life_of_the_clock_and_sums_to_what_was_spent(
    data, hours, length, later
):
    opened_at, story = data.draw(stories(hours.zone))
    history = whole(opened_at, story)
    now = (story[-1][0] if story else opened_at) + later
    end = history.stopped_at or now
    assume(opened_at < end)

    stretches = proof(history, length, hours, now)
    reading = read(history, length, hours, now)

    assert (stretches[0].start, stretches[-1].end) == (opened_at, end)
    assert all(a.end == b.start for a, b in pairwise(stretches))
    assert sum((s.length for s in stretches if s.counted), NO_TIME) == reading.spent
    measure = length.measure(hours)
    assert reading.spent + reading.remaining == worked(
        opened_at, due(opened_at, length, hours), measure
    )


@given(st.data(), hours_anywhere(), lengths, AFTERWARDS)
def test_time_is_over_exactly_when_the_clock_is_breached(data, hours, length, later):
    assume(length.kind != "business_days")  # whose last instant may lie outside the hours
    opened_at, story = data.draw(stories(hours.zone))
    history = whole(opened_at, story)
    now = (story[-1][0] if story else opened_at) + later

    reading = read(history, length, hours, now)

    if reading.remaining < NO_TIME:
        assert reading.breached_at
    if reading.remaining > NO_TIME:
        assert reading.breached_at is None


def read(history: History, length: Length, hours: Hours, at: datetime) -> Reading:
    return reckon(history, length, hours, at, WARN)


def some_story(random: Random, change: datetime) -> tuple[datetime, list[tuple[datetime, str]]]:
    """A case that opened in the three days before a clock change, and what befell it."""
    opened_at = change - timedelta(seconds=random.randrange(3 * 86_400))
    gaps = [timedelta(seconds=random.randrange(1, 86_400)) for _ in range(random.randrange(7))]
    instants = [opened_at + gap for gap in accumulate(gaps)]
    return opened_at, list(zip(instants, verbs([random.randrange(4) for _ in gaps]), strict=True))


def some_length(random: Random) -> Length:
    if random.randrange(3):
        minutes = timedelta(minutes=random.randrange(1, 2_000))
        return Length(random.choice(("working", "elapsed")), minutes)
    return Length("calendar_days", random.randrange(1, 5))


@pytest.mark.parametrize("zone", [zone for zone, changes in CHANGES.items() if changes], ids=str)
def test_of_ten_thousand_histories_each_agrees_with_the_desk_and_with_a_stopwatch(zone):
    random = Random(str(zone))
    shifts = [Hours(zone, (Version(CHANGES[zone][0].date(), week),)) for week in SHIFTS]

    for change in CHANGES[zone] * 240:
        opened_at, story = some_story(random, change)
        length, hours = some_length(random), random.choice(shifts)
        desk, stopwatch = Desk(opened_at, length, hours), Stopwatch(opened_at, length, hours)
        for at, verb in story:
            desk.befallen(verb, at)
        stopwatch.follow(story)
        now = (story[-1][0] if story else opened_at) + timedelta(hours=random.randrange(1, 50))

        again = read(whole(opened_at, story), length, hours, now)

        assert stored(desk.until(now)) == stored(again)
        assert again.stopped_at or again.due_at == stopwatch.due_at
