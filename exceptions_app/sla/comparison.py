"""Do our hours reproduce the targets that another system published? Pure: rows in, shares out."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from exceptions_app.sla.hours import DAY, Hours
from exceptions_app.sla.notation import length_words
from exceptions_app.sla.published import ANY_TYPE, Published
from exceptions_app.sla.working_time import Length, due, ledger

CLOSE, NEAR = timedelta(seconds=60), timedelta(seconds=120)
SECOND = timedelta(seconds=1)
#: So many days more or fewer are tried to explain a miss.
DAYS_TRIED = range(1, 8)


@dataclass
class Tally:
    """How near our targets came to the published ones."""

    cases: int = 0
    within_60_s: int = 0
    within_120_s: int = 0

    def add(self, off: timedelta) -> None:
        self.cases += 1
        self.within_60_s += abs(off) <= CLOSE
        self.within_120_s += abs(off) <= NEAR

    def shares(self) -> dict[str, float | None]:
        return {
            "cases": self.cases,
            "within_60_s": _share(self.within_60_s, self.cases),
            "within_120_s": _share(self.within_120_s, self.cases),
        }


@dataclass(frozen=True)
class Miss:
    """A published target, and ours that is not the same."""

    case: Published
    published_at: datetime
    ours_at: datetime
    length: Length

    @property
    def off(self) -> timedelta:
        return self.published_at - self.ours_at

    def __lt__(self, other: "Miss") -> bool:
        return (abs(self.off), other.case.line) < (abs(other.off), self.case.line)


@dataclass
class Comparison:
    """Takes rows one by one; keeps counts, the worst misses and the verdicts on open cases."""

    hours: Hours
    lengths: Mapping[str, Length]
    keep: int = 10
    tallies: dict[str, Tally] = field(init=False)
    unruled: Counter[str] = field(default_factory=Counter)
    untargeted: int = 0
    undecided: int = 0
    span: tuple[datetime, datetime] | None = None
    _agreed: Counter[bool] = field(default_factory=Counter)
    _still_open: list[tuple[datetime, bool]] = field(default_factory=list)
    _worst: list[Miss] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tallies = {_group(length): Tally() for length in self.lengths.values()}

    def add(self, case: Published) -> None:
        first, last = self.span or (case.opened_at, case.opened_at)
        last = max(last, case.opened_at, case.closed_at or case.opened_at)
        self.span = (min(first, case.opened_at), last)
        if case.target_at is None:
            self.untargeted += 1
            return
        self._judge(case, case.target_at)
        if length := self.lengths.get(case.type) or self.lengths.get(ANY_TYPE):
            ours_at = due(case.opened_at, length, self.hours)
            self._count(Miss(case, case.target_at, ours_at, length))
        else:
            self.unruled[case.type] += 1

    def worst(self) -> list[Miss]:
        return sorted(self._worst, reverse=True)

    def extracted_at(self) -> datetime | None:
        """When the file was extracted, as far as it tells: not before its last stamp, and at the
        moment with which most verdicts on its open cases agree."""
        if self.span is None:
            return None
        best, gain, most = self.span[1], 0, 0
        for target_at, met in sorted(self._still_open):
            gain += 0 if target_at < self.span[1] else -1 if met else 1
            if gain > most:
                best, most = target_at + SECOND, gain
        return best

    def outcome(self, extracted_at: datetime | None) -> tuple[int, float | None]:
        """The verdicts compared, and the share of them that follows from the published target.

        Met is closed, or at extraction still open, not later than the target.
        """
        agreed, cases = self._agreed[True], self._agreed.total() + len(self._still_open)
        if extracted_at is not None:
            agreed += sum((extracted_at <= target) is met for target, met in self._still_open)
        return cases, _share(agreed, cases)

    def _judge(self, case: Published, target_at: datetime) -> None:
        if case.met is None:
            self.undecided += 1
        elif case.closed_at is None:
            self._still_open.append((target_at, case.met))
        else:
            self._agreed[(case.closed_at <= target_at) is case.met] += 1

    def _count(self, miss: Miss) -> None:
        self.tallies[_group(miss.length)].add(miss.off)
        if abs(miss.off) > CLOSE:
            heapq.heappush(self._worst, miss)
        if len(self._worst) > self.keep:
            heapq.heappop(self._worst)


def explain(miss: Miss, hours: Hours) -> str:
    """How ours came about, and which other rule would have given the published target."""
    stretches = ledger(miss.case.opened_at, miss.ours_at, miss.length.measure(hours))
    notable = dict.fromkeys(s.reason for s in stretches if s.reason not in {"closed", "open hours"})
    start = [] if stretches and stretches[0].counted else ["opened outside the hours"]
    ours = "; ".join((*start, *(reason for reason in notable if reason != "round the clock")))
    found = next((words for words, at in _other_rules(miss, hours) if _near(miss, at)), None)
    theirs = f"fits if {found}" if found else "fits no simple rule; perhaps set by hand"
    return f"{theirs} ({ours})" if ours else theirs


def _other_rules(miss: Miss, hours: Hours) -> Iterator[tuple[str, datetime]]:
    opened_at, length = miss.case.opened_at, miss.length
    yield "the clocks of opening and target were a little apart", miss.ours_at
    yield "the target was set to the opening itself", opened_at
    plain = replace(hours, versions=tuple(replace(v, holidays={}) for v in hours.versions))
    yield "no holidays had been entered", due(opened_at, length, plain)
    for days in DAYS_TRIED:
        for kind in ("business_days", "calendar_days"):
            other = Length(kind, days)
            yield f"the length was {length_words(other)}", due(opened_at, other, hours)
    for days in DAYS_TRIED:
        yield f"due {days} d later than ours", miss.ours_at + days * DAY
        yield f"due {days} d earlier than ours", miss.ours_at - days * DAY


def _near(miss: Miss, at: datetime) -> bool:
    return abs(miss.published_at - at) <= NEAR


def _group(length: Length) -> str:
    return "one_business_day" if length == Length("business_days", 1) else length.kind


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
