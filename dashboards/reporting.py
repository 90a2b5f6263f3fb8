"""A report as an address asks for it: period, grouping and filters; and the ways from there to others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from dashboards.chips import NAMES, Chip, Choice, Group, changed, shown
from dashboards.filters import CaseFilter
from exceptions_app.intake.fields import YEARS
from exceptions_app.models import Case
from exceptions_app.people.access import Actor
from exceptions_app.reports.groupings import Grouping
from exceptions_app.reports.periods import MOST_DAYS, Period, calendar_spans
from exceptions_app.reports.sla import Asked
from exceptions_app.vocabulary import ExceptionType, Severity

#: The board's parameters that a report can be narrowed by.
NARROWING = ("site", "team", "type", "severity", "assignee", "rule", "imported")
ONE_VALUE = ("assignee", "rule", "imported")
#: Nobody could have worked what was imported as history; a report has it in only when asked to.
WITHOUT_HISTORY, WITH_HISTORY, HISTORY_ONLY = "false", "any", "true"
HISTORY = (
    (WITHOUT_HISTORY, "without imported"),
    (WITH_HISTORY, "with imported"),
    (HISTORY_ONLY, "imported only"),
)
NAMED = {**NAMES, "imported": "history"}
WEEKS = (4, 8, 13, 26, 52)
USUAL_WEEKS = 8


@dataclass(frozen=True)
class Question:
    """A report as it was asked for; ``wrong`` says what could not be read and was left out."""

    asked: Asked
    filters: CaseFilter
    query: QueryDict
    weeks: int | None
    wrong: tuple[str, ...]


def question(data: QueryDict, *, by: Actor, at: datetime, zone: ZoneInfo) -> Question:
    """Read an address; days and weeks are those of the zone."""
    narrowing = QueryDict(mutable=True)
    for name in NARROWING:
        if values := [value for value in data.getlist(name) if value]:
            narrowing.setlist(name, values)
    narrowing["imported"] = history_in(data)
    if narrowing["imported"] == WITH_HISTORY:
        del narrowing["imported"]
    filters = CaseFilter(narrowing, by=by)
    wrong = [str(text) for texts in filters.errors.values() for text in texts]
    period, weeks, problem = period_of(data, at=at, zone=zone)
    asked = Asked(
        cases=Case.objects.none() if wrong else filters.qs,
        period=period,
        grouping=grouping_of(data, filters),
        narrowed={name: tuple(values) for name, values in narrowing.lists()},
    )
    return Question(
        asked, filters, cleaned(data), weeks, tuple(wrong + ([problem] if problem else []))
    )


def history_in(data: QueryDict) -> str:
    """Whether imported history is in a report, is left out, or is all of it."""
    said = data.get("imported", "")
    return said if said in dict(HISTORY) else WITHOUT_HISTORY


def history_choices(query: QueryDict) -> tuple[Choice, ...]:
    """The three there are, of which one always holds."""
    held = history_in(query)
    return tuple(
        Choice(
            label.capitalize(), address(with_history(query, value)), value == held, slug="imported"
        )
        for value, label in HISTORY
    )


def with_history(query: QueryDict, value: str) -> QueryDict:
    return changed(query, imported=[] if value == WITHOUT_HISTORY else [value])


def cleaned(data: QueryDict) -> QueryDict:
    """Only what a report understands."""
    kept = QueryDict(mutable=True)
    for name in ("weeks", "from", "to", "by", *NARROWING):
        if values := [value for value in data.getlist(name) if value]:
            kept.setlist(name, values)
    return with_history(kept, history_in(data))


def grouping_of(data: QueryDict, filters: CaseFilter) -> Grouping:
    """By site, unless there is only one to see."""
    wanted = data.get("by", "")
    if wanted in Grouping.values:
        return Grouping(wanted)
    one = len(data.getlist("site")) == 1 or len(filters.sites()) == 1
    return Grouping.TEAM if one else Grouping.SITE


def period_of(data: QueryDict, *, at: datetime, zone: ZoneInfo) -> tuple[Period, int | None, str]:
    """The days asked for, or else so many weeks; with the weeks, and what was wrong with the days."""
    weeks = data.get("weeks", "")
    number = int(weeks) if weeks.isdecimal() and int(weeks) in WEEKS else USUAL_WEEKS
    usual = Period.weeks_up_to(at, zone, number)
    if not (data.get("from") or data.get("to")):
        return usual, number, ""
    try:
        first, last = (date.fromisoformat(data.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return usual, number, "Give both days, such as 2026-09-28 and 2026-11-22."
    if not 0 <= (last - first).days < MOST_DAYS or {first.year, last.year} - {*YEARS}:
        return usual, number, "Choose a first day before the last, and a year at most."
    return Period(first, last, zone), None, ""


def address(query: QueryDict) -> str:
    return f"{reverse('reports')}?{query.urlencode()}" if query else reverse("reports")


def chips(asked: Question) -> list[Chip]:
    """What narrows the report, each with the report without it."""
    found = []
    for name in NARROWING:
        values = asked.query.getlist(name)
        for value in values:
            rest = [other for other in values if other != value]
            words = dict(HISTORY).get(value) or shown(asked.filters, name, value)
            without = address(changed(asked.query, **{name: rest}))
            found.append(Chip(NAMED.get(name, name), words, without))
    return found


def tabs(asked: Question) -> list[Choice]:
    """The same by something else."""
    return [
        Choice(
            f"By {one.label}",
            address(changed(asked.query, by=[one.value])),
            one == asked.asked.grouping,
        )
        for one in Grouping
    ]


def lengths(asked: Question, at: datetime) -> list[Choice]:
    """The same for more or fewer weeks, or for a month or quarter."""
    period = asked.asked.period
    return [
        Choice(
            f"Last {weeks} weeks",
            address(changed(asked.query, weeks=[str(weeks)], **{"from": [], "to": []})),
            weeks == asked.weeks,
        )
        for weeks in WEEKS
    ] + [
        Choice(
            name,
            address(changed(asked.query, **days(first, last))),
            asked.weeks is None and (first, last) == (period.first, period.last),
        )
        for name, first, last in calendar_spans(at.astimezone(period.zone).date())
    ]


def days(first: date, last: date) -> dict[str, list[str]]:
    """The parameters that ask for these."""
    return {"from": [first.isoformat()], "to": [last.isoformat()], "weeks": []}


def menu(asked: Question) -> list[Group]:
    """What a report can be narrowed by."""
    filters = asked.filters
    return [
        Group("Site", choices(asked, "site", filters.sites())),
        Group("Team", choices(asked, "team", filters.teams())),
        Group("Severity", choices(asked, "severity", ((one.slug, one.label) for one in Severity))),
        Group("Type", choices(asked, "type", ((one.value, one.label) for one in ExceptionType))),
        Group("Owner", choices(asked, "assignee", (("me", "Me"), ("none", "Nobody")))),
        Group("History", history_choices(asked.query)),
    ]


def choices(
    asked: Question, name: str, offered: Iterable[tuple[str, object]]
) -> tuple[Choice, ...]:
    values = asked.query.getlist(name)
    return tuple(
        Choice(
            str(label),
            address(
                changed(asked.query, **{name: toggled(values, value, many=name not in ONE_VALUE)})
            ),
            value in values,
            slug=name,
        )
        for value, label in offered
    )


def toggled(values: Sequence[str], value: str, *, many: bool) -> list[str]:
    """Pressing a choice adds it, pressing it again takes it out."""
    rest = [other for other in values if other != value] if many else []
    return rest if value in values else [*rest, value]
