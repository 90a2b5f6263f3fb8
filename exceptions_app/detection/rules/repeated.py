"""The shapes of what happens too often: a word reported again and again, a date moved again or too far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import ClassVar

from exceptions_app.detection.rules.base import Common, Parameters
from exceptions_app.subjects.facts import REMEMBERED, Facts


@dataclass(frozen=True, kw_only=True)
class Repeated(Common):
    """A word that was reported more than so many times within so long."""

    word: str
    more_than: int
    within: timedelta

    parameters: ClassVar[Parameters] = {
        "more_than": ("More than", "How many times are still as usual"),
        "within": ("Within", "Reports further apart than this do not count together"),
    }
    #: No more instants than these are known to compare.
    bounds: ClassVar[Mapping[str, int]] = {"more_than": REMEMBERED - 1}

    def when(self, facts: Facts) -> datetime | None:
        report = facts.reports.get(self.word)
        if report is None or facts.ended_at is not None or len(report.recent) <= self.more_than:
            return None
        close = [
            last
            for first, last in zip(report.recent, report.recent[self.more_than :], strict=False)
            if last - first <= self.within
        ]
        return max(close, default=None)


@dataclass(frozen=True, kw_only=True)
class Moved(Common):
    """The date that was agreed was moved too often, or too far from the first one."""

    more_than: int
    further: timedelta
    word: str = "rescheduled"

    parameters: ClassVar[Parameters] = {
        "more_than": ("More than", "So many moves are still as usual"),
        "further": ("Further than", "So far from the first date is still as usual"),
    }

    def when(self, facts: Facts) -> datetime | None:
        if facts.ended_at is not None:
            return None
        report, dates = facts.reports.get(self.word), agreed(facts)
        if report is None and len(dates) < 2:
            return None
        far = dates and abs(dates[-1][1] - dates[0][1]) > self.further
        often = max(len(dates) - 1, report.times if report else 0) > self.more_than
        moves = [said_at for said_at, _ in dates[1:]] + ([report.at] if report else [])
        return max(moves) if far or often else None

    def what(self, facts: Facts) -> str:
        report, dates = facts.reports.get(self.word), agreed(facts)
        times = max(len(dates) - 1, report.times if report else 0)
        days = abs(dates[-1][1] - dates[0][1]).days if dates else 0
        often = f"moved {times} times" if times > 1 else "moved once"
        return f"{often}, by {days} days in all" if days > 1 else often


def agreed(facts: Facts) -> list[tuple[datetime, datetime]]:
    """When each date was said, and the date: as promised, else as planned; repetitions left out."""
    told = [(promise.said_at, promise.promised_at) for promise in facts.revisions]
    if not told:
        starts = [(plan.said_at, plan.starts_at or plan.window_starts_at) for plan in facts.plans]
        known = [(said_at, start) for said_at, start in starts if start]
        told = [next(same) for _, same in groupby(known, key=lambda one: one[1])]
    return told
