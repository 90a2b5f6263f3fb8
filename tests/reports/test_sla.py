"""The figures of a report on six known cases, and that each opens exactly the cases it counts."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from dashboards.filters import CaseFilter
from exceptions_app.models import Case
from exceptions_app.people import access
from exceptions_app.people.access import SYSTEM, person
from exceptions_app.reports.doors import Number
from exceptions_app.reports.groupings import Grouping
from exceptions_app.reports.headlines import headline
from exceptions_app.reports.periods import Period
from exceptions_app.reports.sla import Asked, compliance, newest_opening, worst_of
from exceptions_app.vocabulary import TargetKind
from tests.factories import MINUTE, NOON, SiteFactory, open_case

BERLIN = ZoneInfo("Europe/Berlin")
EIGHT_WEEKS = Period.weeks_up_to(NOON, BERLIN, 8)


def report(by=SYSTEM, grouping=Grouping.SITE, **asked):
    asked = {"cases": Case.objects.all(), "period": EIGHT_WEEKS, "grouping": grouping} | asked
    return compliance(Asked(**asked), by=by, at=NOON)


def kept(line, kind=TargetKind.ACKNOWLEDGE):
    target = line.targets[kind]
    return (target.cases.value, target.met.value, target.missed.value, target.running.value)


def volumes(line):
    return (line.opened.value, line.resolved.value, line.open.value)


def numbers(thing):
    """Every number anywhere in a report."""
    if isinstance(thing, Number):
        yield thing
    elif isinstance(thing, dict):
        for one in thing.values():
            yield from numbers(one)
    elif isinstance(thing, tuple):
        for one in thing:
            yield from numbers(one)
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from numbers(getattr(thing, field.name))


def test_targets_are_met_missed_or_still_running(world):
    total = report().total

    assert kept(total) == (4, 2, 1, 1)
    assert kept(total, TargetKind.RESOLVE) == (4, 1, 2, 1)
    assert kept(total, TargetKind.FIRST_UPDATE) == (0, 0, 0, 0)


def test_the_share_leaves_out_what_still_runs_and_is_compared_with_the_period_before(world):
    acknowledge = report().total.targets[TargetKind.ACKNOWLEDGE]

    assert acknowledge.share == pytest.approx(2 / 3)
    assert acknowledge.before == pytest.approx(1 / 2)
    assert acknowledge.change == pytest.approx(1 / 6)


def test_without_anything_decided_there_is_no_share(world):
    first_update = report().total.targets[TargetKind.FIRST_UPDATE]

    assert (first_update.share, first_update.before, first_update.change) == (None, None, None)


def test_times_are_elapsed_ones_with_median_and_ninth_decile(world):
    total = report().total

    assert total.to_acknowledge.cases.value == 3
    assert total.to_acknowledge.median == 20 * MINUTE
    assert total.to_acknowledge.p90 == 44 * MINUTE
    assert total.to_resolve.median == timedelta(minutes=290)


def test_volumes_count_what_opened_what_was_resolved_and_what_is_open(world):
    assert volumes(report().total) == (4, 3, 2)


@pytest.mark.parametrize(
    ("grouping", "lines"),
    [
        (Grouping.SITE, {"North": (2, 3, 0), "South": (2, 0, 2)}),
        (
            Grouping.TEAM,
            {
                "Dispatch at North": (2, 3, 0),
                "Parts at South": (1, 0, 1),
                "South, no team": (1, 0, 1),
            },
        ),
        (Grouping.TYPE, {"delivery late": (2, 3, 0), "scan gap": (2, 0, 2)}),
        (Grouping.SEVERITY, {"high": (2, 3, 0), "low": (2, 0, 2)}),
        (Grouping.ASSIGNEE, {"nobody": (4, 3, 2)}),
    ],
)
def test_the_lines_of_a_grouping_add_up(world, grouping, lines):
    assert {line.label: volumes(line) for line in report(grouping=grouping).lines} == lines


def test_weeks_are_told_one_by_one_even_those_without_a_case(world):
    weeks = report(grouping=Grouping.WEEK).lines

    assert [(week.label, volumes(week)) for week in weeks[-3:]] == [
        ("23 Feb to 1 Mar", (1, 0, 1)),
        ("2 Mar to 8 Mar", (1, 1, 0)),
        ("9 Mar to 15 Mar", (2, 2, 1)),
    ]
    assert len(weeks) == 8
    assert sum(week.opened.value for week in weeks) == 4


def test_a_week_begins_on_monday_midnight_of_the_zone_asked_for(world):
    on_sunday_in_utc = NOON.replace(day=8, hour=23, minute=30)
    Case.objects.filter(pk=world.cases.slow.pk).update(opened_at=on_sunday_in_utc)

    in_berlin = report().weeks[-1].opened.value
    in_utc = report(period=Period.weeks_up_to(NOON, ZoneInfo("UTC"), 8)).weeks[-1].opened.value

    assert (in_berlin, in_utc) == (3, 2)


@pytest.mark.parametrize("grouping", list(Grouping))
@pytest.mark.parametrize("who", ["manager", "at_south", "stranger"])
def test_every_number_opens_exactly_the_cases_it_counts(world, grouping, who):
    by = person(getattr(world, who))

    found = list(numbers(report(by, grouping)))

    for number in found:
        filters = CaseFilter(QueryDict(number.query), by=by)
        assert filters.is_valid(), filters.errors
        assert access.visible(filters.qs, by).count() == number.value, number.query
    assert len(found) > 20


def test_a_narrowed_report_opens_narrowed_lists(world):
    asked = QueryDict("type=scan_gap&imported=false")
    cases = CaseFilter(asked, by=SYSTEM).qs

    found = report(cases=cases, narrowed={name: tuple(v) for name, v in asked.lists()})

    assert volumes(found.total) == (1, 0, 1)
    for number in numbers(found):
        assert CaseFilter(QueryDict(number.query), by=SYSTEM).qs.count() == number.value


def test_somebody_of_one_site_counts_its_cases_only(world):
    found = report(person(world.at_south))

    assert volumes(found.total) == (2, 0, 2)
    assert [line.label for line in found.lines] == ["South"]


def test_somebody_without_a_site_counts_nothing(world):
    found = report(person(world.stranger))

    assert found.empty
    assert (found.lines, volumes(found.total)) == ((), (0, 0, 0))


@pytest.mark.parametrize("grouping", list(Grouping))
def test_the_number_of_statements_does_not_grow_with_sites_teams_or_cases(
    world, grouping, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        report(person(world.manager), grouping)


def test_more_sites_and_cases_take_no_more_statements(world):
    with CaptureQueriesContext(connection) as few:
        report(grouping=Grouping.TEAM)
    for slug in ("east", "west", "harbour"):
        open_case(site=SiteFactory(slug=slug), at=NOON - MINUTE)

    with CaptureQueriesContext(connection) as more:
        report(grouping=Grouping.TEAM)

    assert len(more) == len(few)


def test_the_newest_opening_is_known_to_those_who_may_see_it(world):
    cases = Case.objects.all()

    assert newest_opening(cases, by=SYSTEM) == NOON - 20 * MINUTE
    assert newest_opening(cases, by=person(world.stranger)) is None


def words(found):
    return "".join(piece.text for piece in headline(found))


def test_the_headline_says_the_share_and_what_changed(world):
    assert words(report()) == (
        "67 % of acknowledge targets met, 17 points better than the eight weeks before; "
        "no team stands out."
    )


def test_the_headline_of_one_team_compares_it_with_nobody(world):
    cases = Case.objects.filter(site=world.north)

    assert words(report(cases=cases)) == (
        "50 % of acknowledge targets met, the same as the eight weeks before."
    )


def test_the_headline_names_the_outlier_and_opens_what_it_missed(world):
    def crowd(case, *, met, missed):
        ids = Case.objects.bulk_create(
            [copy(case, n) for n in range(met + missed)],
        )
        clock = case.clocks.get(kind=TargetKind.ACKNOWLEDGE)
        for place, one in enumerate(ids):
            clock.pk, clock.case = None, one
            clock.stopped_at = NOON
            clock.breached_at = NOON if place < missed else None
            clock.save(force_insert=True)

    def copy(case, n):
        fresh = Case.objects.get(pk=case.pk)
        fresh.pk, fresh.number = None, case.number * 1000 + n
        return fresh

    crowd(world.cases.quick, met=60, missed=2)
    crowd(world.cases.fresh, met=10, missed=10)

    found = report()

    assert "Parts at South is the outlier with 50 %." in words(found)
    piece = next(one for one in headline(found) if one.text == "Parts at South")
    assert piece.number.value == 10


def test_while_nothing_is_decided_the_headline_counts_cases(world):
    cases = Case.objects.filter(pk=world.cases.fresh.pk)

    assert words(report(cases=cases)) == "1 case opened, and no target of theirs is decided yet."


def test_another_target_has_its_outlier_where_the_first_has_none(world):
    def crowd(case, number, *, breached=None):
        clock = case.clocks.get(kind=TargetKind.RESOLVE)
        for _ in range(number):
            fresh = Case.objects.get(pk=case.pk)
            fresh.pk, fresh.number = None, Case.objects.latest("number").number + 1
            fresh.save(force_insert=True)
            clock.pk, clock.case, clock.stopped_at, clock.breached_at = None, fresh, NOON, breached
            clock.save(force_insert=True)

    crowd(world.cases.quick, 30)
    crowd(world.cases.fresh, 10)
    crowd(world.cases.fresh, 10, breached=NOON)

    assert "Parts at South is the outlier with 50 % of resolve targets." in words(report())


def test_a_report_says_no_day_that_is_still_to_come(db):
    period = Period.weeks_up_to(NOON, ZoneInfo("UTC"), 2)

    assert period.words == "2 Mar to 15 Mar 2026"
    assert report(period=period).words == "2 Mar to 10 Mar 2026"


def test_a_site_stands_out_whose_teams_are_too_small_for_it(world):
    found = report()
    line = found.lines[0]

    def site(label, met, missed):
        target = replace(
            line.targets[TargetKind.FIRST_UPDATE],
            met=Number(met, {}),
            missed=Number(missed, {}),
            decided=Number(met + missed, {}),
        )
        return replace(line, label=label, targets={TargetKind.FIRST_UPDATE: target})

    lines = [site("North", 40, 2), site("South", 12, 11), site("Empty", 0, 0)]
    worst = worst_of(lines, [TargetKind.FIRST_UPDATE])

    assert worst.label == "South"
    assert "South is the outlier with 52 % of first update targets" in words(
        replace(found, outlier=worst)
    )
    assert worst_of(lines[:1], [TargetKind.FIRST_UPDATE]) is None
