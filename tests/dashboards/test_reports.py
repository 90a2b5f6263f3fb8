"""The report as a page and as a file: its sentence, its doors, its period, and what it says when empty."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from django.urls import reverse

from dashboards.report_file import harmless
from exceptions_app.cases import clockwatch, lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role
from tests.dashboards.reading import text
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    SiteFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)

DAY = 24 * HOUR


@pytest.fixture
def cases(north, south, parts):
    """Three at North, of which one was acknowledged too late, and one at South."""
    TargetFactory(kind="acknowledge", amount=30)
    quick, slow = (open_case(site=north, at=NOON - 8 * DAY, team_id=parts.pk) for _ in range(2))
    lifecycle.acknowledge(Seen(quick.pk), by=SYSTEM, at=NOON - 8 * DAY + 10 * MINUTE)
    lifecycle.acknowledge(Seen(slow.pk), by=SYSTEM, at=NOON - 8 * DAY + 50 * MINUTE)
    open_case(site=north, at=NOON, title="Still fresh")
    open_case(site=south, at=NOON - HOUR)
    while clockwatch.tick(NOON + HOUR):
        pass


@pytest.fixture
def thabo(db):
    return UserFactory(username="thabo", role=Role.MANAGER)


def page(client, query=""):
    reply = client.get(reverse("reports") + query)
    assert reply.status_code == 200
    return reply.content.decode()


def headline(html):
    return text(re.search(r'<p class="report__headline">(.*?)</p>', html, re.DOTALL)[1]).strip()


def rows(reply):
    return list(csv.DictReader(StringIO(reply.content.decode())))


def test_the_headline_says_it_in_words(desk, cases):
    assert headline(page(desk)) == "33 % of acknowledge targets met; no team stands out."


def test_the_headline_compares_with_the_period_before(desk, cases):
    before = open_case(at=NOON - 63 * DAY)
    lifecycle.acknowledge(Seen(before.pk), by=SYSTEM, at=NOON - 63 * DAY + MINUTE)

    assert headline(page(desk)) == (
        "33 % of acknowledge targets met, 67 points worse than the eight weeks before; "
        "no team stands out."
    )


def test_every_number_of_the_page_opens_a_board_with_so_many_cases(client, thabo, cases):
    client.force_login(thabo)
    html = page(client, "?by=team")

    doors = dict(re.findall(r'<a href="(/board/\?[^"]+)">([\d,]+)</a>', html))

    assert len(doors) > 10
    for url, number in doors.items():
        board = client.get(unescape(url)).content.decode()
        assert f"data-total>{number}</span>" in board, url


def test_a_report_of_one_site_only_counts_that_and_tells_its_time(client, thabo, cases):
    client.force_login(thabo)

    html = page(client, "?site=north")

    assert "days and weeks in Europe/Berlin" in text(html)
    assert "Remove filter site: North" in html
    assert "South" not in text(re.search(r"<table.*</table>", html, re.DOTALL)[0])


def test_each_filter_can_be_taken_out_alone(desk, cases):
    html = page(desk, "?type=delivery_late&type=no_show&severity=high&by=team")

    without = re.findall(r'class="chip__off"\s+href="([^"]+)"', html)

    assert [unescape(url) for url in without] == [
        "/reports/?by=team&severity=high&type=no_show",
        "/reports/?by=team&severity=high&type=delivery_late",
        "/reports/?by=team&type=delivery_late&type=no_show",
    ]


def test_nobody_reads_the_figures_of_another_site(client, stranger, cases):
    client.force_login(stranger)

    html = page(client, "?by=site")

    assert "North" not in text(html)
    assert headline(html) == "0 % of acknowledge targets met."


@pytest.mark.parametrize(
    ("query", "opened"),
    [("", "3"), ("?imported=any", "4"), ("?imported=true", "1"), ("?imported=what", "3")],
)
def test_imported_history_is_counted_only_when_asked_for(desk, cases, query, opened):
    open_case(at=NOON - DAY, imported=True)

    whole = rows(desk.get(reverse("reports-csv") + query))[-1]

    assert (whole["Opened"], whole["Open now"]) == (opened, str(int(opened)))


def test_the_page_says_that_history_is_left_out_and_opens_it(desk, cases):
    open_case(at=NOON - DAY, imported=True)
    html = page(desk)

    url = re.search(r'Imported history is left out.*?<a href="([^"]+)">Count it', html, re.DOTALL)
    with_it = page(desk, unescape(url[1]).removeprefix(reverse("reports")))

    assert "Imported history is counted as well" in text(with_it)
    assert "Remove filter history: with imported" in with_it


def test_days_of_ones_own_can_be_chosen_and_shared(desk, cases):
    html = page(desk, "?from=2026-03-01&to=2026-03-05")

    assert "1 Mar to 5 Mar 2026" in text(html)
    assert headline(html).startswith("50 % of acknowledge")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=2026-03-01", "Give both days"),
        ("?from=soon&to=later", "Give both days"),
        ("?from=2026-03-05&to=2026-03-01", "Choose a first day before the last"),
        ("?from=2020-03-05&to=2026-03-01", "a year at most"),
        ("?from=9999-12-01&to=9999-12-31", "a year at most"),
        ("?site=nowhere", "nowhere is not one of the available choices"),
        ("?weeks=7000&by=moon", ""),
    ],
)
def test_what_cannot_be_read_is_said_and_left_out(desk, cases, query, sentence):
    assert sentence in text(page(desk, query))


def test_months_and_quarters_are_one_choice_away(desk, cases):
    february = "from=2026-02-01&amp;to=2026-02-28"
    usual, chosen = page(desk), page(desk, "?from=2026-02-01&to=2026-02-28")

    for days in (
        february,
        "from=2026-03-01&amp;to=2026-03-31",
        "from=2025-10-01&amp;to=2025-12-31",
    ):
        assert days in usual
    assert re.search(february + r'"\s+aria-current="true">Last month', chosen)


def test_the_week_that_is_not_over_is_marked(desk, cases):
    now, over = page(desk), page(desk, "?from=2026-02-16&to=2026-03-08")

    assert "9 Mar …" in text(now)
    assert (now.count("chart__running"), over.count("chart__running")) == (3, 0)


def test_each_chart_has_the_same_as_a_table(desk, cases):
    html = page(desk)

    assert html.count('role="img"') == 3
    assert html.count('class="chart-card__table"') == 3
    assert "50 %, 1 of 2" in text(html)
    assert "style=" not in html.replace("stylesheet", "")


def test_an_empty_period_says_where_there_is_something(desk, north):
    open_case(site=north, at=NOON - 200 * DAY)

    html = page(desk)

    assert "No case was opened or resolved 19 Jan to 15 Mar 2026" in text(html)
    url = unescape(re.search(r'<a class="button"\s+href="([^"]+)">Show', html)[1])
    assert headline(desk.get(url).content.decode()).startswith("1 case opened")


def test_an_empty_desk_says_that_there_is_nothing_to_report(desk):
    assert "There is nothing to report yet" in text(page(desk))


def test_somebody_without_a_site_is_told_whom_to_ask(client, cases):
    client.force_login(UserFactory())

    assert "You do not belong to a site yet" in text(page(client))


def test_the_file_has_what_the_table_shows(desk, cases):
    reply = desk.get(reverse("reports-csv") + "?by=team")

    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == (
        'attachment; filename="sla-by-team-2026-01-19-to-2026-03-10.csv"'
    )
    lines = rows(reply)
    assert [line["Team"] for line in lines] == ["Parts at North", "North, no team", "All"]
    parts = lines[0]
    assert (parts["Opened"], parts["Acknowledge: met %"], parts["Acknowledge: missed"]) == (
        "2",
        "50.0",
        "1",
    )
    assert parts["Minutes to acknowledge: median"] == "30.0"


def test_a_name_that_a_spreadsheet_would_run_stays_text(desk, north, cases):
    TeamFactory(site=north, slug="evil", name='=HYPERLINK("http://evil.example")')
    open_case(site=north, at=NOON, team_id=north.teams.get(slug="evil").pk)

    labels = [line["Team"] for line in rows(desk.get(reverse("reports-csv") + "?by=team"))]

    assert '\'=HYPERLINK("http://evil.example") at North' in labels


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_is_quoted_and_numbers_are_not(begins):
    assert harmless(f"{begins}1") == f"'{begins}1"
    assert harmless(-1.5) == -1.5
    assert harmless("North") == "North"


def test_more_sites_and_cases_take_no_more_statements(
    client, thabo, cases, django_assert_max_num_queries
):
    for slug in ("east", "west", "harbour", "depot"):
        open_case(site=SiteFactory(slug=slug), at=NOON)
    client.force_login(thabo)

    with django_assert_max_num_queries(18):
        page(client, "?by=team")
