"""Hours, instants and histories to try working time on, with every clock change of 2024 to 2030."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from exceptions_app.sla import clockwork
from exceptions_app.sla.clockwork import RESOLVED, Pause
from exceptions_app.sla.hours import Hours, Interval, Version
from exceptions_app.sla.working_time import Length

ZONES = tuple(
    map(
        ZoneInfo,
        (
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "Australia/Lord_Howe",
            "Asia/Kolkata",
            "UTC",
        ),
    )
)
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUARTERS = tuple(time(n // 4, n % 4 * 15) for n in range(96))


class History(clockwork.History):
    """A history that is told verb by verb."""

    def waiting(self, *, at: datetime, why: str) -> "History":
        return self._with((*self.pauses, Pause(at, None, why)))

    def resumed(self, *, at: datetime) -> "History":
        return self._with(self._ended(at))

    def stopped(self, *, at: datetime) -> "History":
        return self._with(self._ended(at), at)

    def reopened(self, *, at: datetime) -> "History":
        settled = Pause(self.stopped_at or at, at, RESOLVED)
        return self._with((*self.pauses, settled))

    def _with(self, pauses: tuple[Pause, ...], stopped_at: datetime | None = None) -> "History":
        return replace(self, pauses=pauses, stopped_at=stopped_at)

    def _ended(self, at: datetime) -> tuple[Pause, ...]:
        return tuple(p._replace(end=at) if p.end is None else p for p in self.pauses)


def clock_changes(zone: ZoneInfo) -> list[datetime]:
    """The first hour after each change of the zone's offset, 2024 to 2030."""
    hours = [FIRST + n * HOUR for n in range((LAST - FIRST) // HOUR)]
    offsets = [at.astimezone(zone).utcoffset() for at in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


CHANGES = {zone: clock_changes(zone) for zone in ZONES}


def is_repeated(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the wall clock shows this time twice."""
    wall = at.astimezone(zone)
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def openings(edges: list[int]) -> tuple[Interval, ...]:
    """Intervals from an even number of quarter hours, the last of which may be 24:00."""
    closes = [None if edge == 96 else QUARTERS[edge] for edge in edges[1::2]]
    return tuple(Interval(QUARTERS[a], b) for a, b in zip(edges[::2], closes, strict=True))


opening_days = (
    st.sets(st.integers(0, 96), max_size=6)
    .map(sorted)
    .map(lambda edges: openings(edges[: len(edges) // 2 * 2]))
)
dates = st.dates(date(2024, 1, 1), date(2030, 12, 31))
weeks = st.dictionaries(st.integers(0, 6), opening_days, max_size=7)


@st.composite
def versions(draw, since: date):
    week = draw(weeks) | {draw(st.integers(0, 6)): openings([32, 68])}
    holidays = draw(st.dictionaries(dates, st.just("Some Day"), max_size=5))
    return Version(since, week, holidays, draw(st.dictionaries(dates, opening_days, max_size=5)))


@st.composite
def hours_anywhere(draw):
    since = sorted({date(2024, 1, 1), *draw(st.sets(dates, max_size=2))})
    held = tuple(draw(versions(day)) for day in since)
    return Hours(draw(st.sampled_from(ZONES)), held)


@st.composite
def instants(draw, zone: ZoneInfo):
    """Any instant of 2024 to 2030, every other one near a change of the clocks if there is one."""
    changes = CHANGES[zone] or [FIRST]
    near = st.builds(
        lambda change, off: change + off,
        st.sampled_from(changes),
        st.timedeltas(-timedelta(days=2), timedelta(days=2)),
    )
    anywhere = st.datetimes(
        FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.just(UTC)
    )
    return draw(st.one_of(near, anywhere))


lengths = st.one_of(
    st.builds(
        Length,
        st.sampled_from(["working", "elapsed"]),
        st.timedeltas(timedelta(seconds=1), timedelta(days=6)),
    ),
    st.builds(Length, st.sampled_from(["business_days", "calendar_days"]), st.integers(1, 12)),
)


#: Each state of a case, and the verbs of a history that lead on from it.
NEXT_VERBS = {
    "running": (("waiting", "waiting"), ("stopped", "stopped")),
    "waiting": (("resumed", "running"), ("stopped", "stopped")),
    "stopped": (("reopened", "running"),),
}


def verbs(choices: list[int]) -> list[str]:
    """The verbs that so many choices lead to, from a running case on."""
    state, taken = "running", []
    for choice in choices:
        possible = NEXT_VERBS[state]
        verb, state = possible[choice % len(possible)]
        taken.append(verb)
    return taken


def befall(history: History, verb: str, at: datetime) -> History:
    befallen = {
        "waiting": lambda: history.waiting(at=at, why="waiting for customer"),
        "resumed": lambda: history.resumed(at=at),
        "stopped": lambda: history.stopped(at=at),
        "reopened": lambda: history.reopened(at=at),
    }
    return befallen[verb]()


@st.composite
def stories(draw, zone: ZoneInfo) -> tuple[datetime, list[tuple[datetime, str]]]:
    """When a case opened, and what befell it when."""
    opened_at = at = draw(instants(zone))
    gaps = draw(st.lists(st.timedeltas(timedelta(0), timedelta(days=4)), max_size=8))
    story = []
    for gap, verb in zip(gaps, verbs(draw(choices(len(gaps)))), strict=True):
        at += gap
        story.append((at, verb))
    return opened_at, story


def choices(number: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 1), min_size=number, max_size=number)
