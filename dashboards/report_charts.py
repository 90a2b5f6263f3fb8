"""The charts of a report: how targets were kept, how much came and went, how long it took, week by week."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse

from dashboards.charts import (
    Chart,
    Point,
    Series,
    count_scale,
    duration_scale,
    highest,
    percent_scale,
)  # fmt: skip
from dashboards.wording import length
from exceptions_app.reports.doors import Number
from exceptions_app.reports.headlines import percent, plural
from exceptions_app.reports.sla import Line, Report, TimeLine
from exceptions_app.vocabulary import TargetKind


def door(number: Number) -> str:
    """The board with exactly the cases that were counted."""
    return f"{reverse('board')}?{number.query}"


def charts(report: Report) -> list[Chart]:
    """Those that have something to show; one week alone moves nowhere."""
    if len(report.weeks) < 2 or report.empty:
        return []
    found = [
        shares(report),
        volumes(report),
        lasting(report, "acknowledge", lambda line: line.to_acknowledge),
        lasting(report, "resolve", lambda line: line.to_resolve),
    ]
    return [chart for chart in found if chart.tells]


def labels(report: Report) -> tuple[str, ...]:
    """The first day of each week; the one that is not over is marked."""
    days = [week.label.partition(" to ")[0] for week in report.weeks]
    return (*days[:-1], f"{days[-1]} …" if report.running else days[-1])


def shares(report: Report) -> Chart:
    kinds = [kind for kind in TargetKind if report.total.targets[kind].cases.value]
    series = tuple(
        Series(str(kind.label).capitalize(), tuple(share(week, kind) for week in report.weeks))
        for kind in kinds
    )
    return Chart(
        "chart-shares",
        "Targets met, by week of opening",
        f"Share of decided targets that were met, per week, {report.words}, from 0 to 100 %.",
        labels(report),
        series,
        percent_scale(),
        running=report.running,
    )


def share(week: Line, kind: TargetKind) -> Point:
    target = week.targets[kind]
    if target.share is None:
        return Point(None, "none decided")
    words = f"{percent(target.share)}, {target.met} of {target.decided}"
    return Point(target.share, words, door(target.decided))


def volumes(report: Report) -> Chart:
    series = (
        Series("Opened", tuple(count(week.opened, "opened") for week in report.weeks)),
        Series("Resolved", tuple(count(week.resolved, "resolved") for week in report.weeks)),
    )
    return Chart(
        "chart-volumes",
        "Cases opened and resolved, by week",
        f"Number of cases opened and of cases resolved, per week, {report.words}.",
        labels(report),
        series,
        count_scale(highest(series)),
        bars=True,
        running=report.running,
    )


def count(number: Number, what: str) -> Point:
    return Point(number.value, f"{number} {what}", door(number))


def lasting(report: Report, verb: str, of: Callable[[Line], TimeLine]) -> Chart:
    series = (
        Series("Median", tuple(lasted(of(week), of(week).median) for week in report.weeks)),
        Series("9 of 10 within", tuple(lasted(of(week), of(week).p90) for week in report.weeks)),
    )
    return Chart(
        f"chart-{verb}",
        f"Time to {verb}, by week of opening",
        f"Elapsed time to {verb}, median and ninth decile, per week, {report.words}.",
        labels(report),
        series,
        duration_scale(highest(series)),
        running=report.running,
    )


def lasted(line: TimeLine, took: timedelta | None) -> Point:
    if took is None:
        return Point(None, "none yet")
    seconds = took.total_seconds()
    cases = f"{line.cases} {plural(line.cases.value, 'case')}"
    return Point(seconds, f"{length(int(seconds))}, {cases}", door(line.cases))
