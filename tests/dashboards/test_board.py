"""The board page: what it shows to whom, how it is narrowed, and many cases at once."""

import re
from copy import copy

import pytest
from django.db import connection
from django.db.models.base import ModelState
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboards.filters import CaseFilter
from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.cases.queries import live_cases
from exceptions_app.models import Case, Delivery, Link
from exceptions_app.outbox.owing import owe
from exceptions_app.people.access import person
from exceptions_app.vocabulary import ExceptionType, Operation, Role, Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    SiteFactory,
    SubjectFactory,
    TargetFactory,
    TeamFactory,
    UserFactory,
    open_case,
)

BOARD = "/board/"


def picked(pattern, reply):
    """What a page has at this place."""
    (found,) = re.findall(pattern, reply.content.decode(), re.DOTALL)
    return found


def shown(reply):
    """The cases on a board, in its order."""
    return [int(pk) for pk in re.findall(r'<tr [^>]*data-case="(\d+)"', reply.content.decode())]


def chips(reply):
    return [(chip.name, chip.value) for chip in reply.context["chips"]]


def test_a_board_shows_the_open_cases_of_the_persons_sites(desk, north, south):
    here, _ = open_case(site=north, title="Paint is wrong"), open_case(site=south)

    reply = desk.get(BOARD)

    assert shown(reply) == [here.pk]
    assert "Paint is wrong" in reply.content.decode()
    assert f'href="/cases/{here.pk}/"' in reply.content.decode()


@pytest.mark.parametrize("path", [BOARD, "/board/rows/", "/board/filters/"])
def test_nobody_sees_a_board_without_signing_in(client, db, path):
    assert client.get(path).headers["Location"] == f"/sign-in/?next={path}"


def test_the_first_page_leads_to_the_board(desk):
    assert desk.get("/").headers["Location"] == BOARD


def test_time_left_is_said_and_ticks_by_its_due_time(desk, north):
    TargetFactory(kind="acknowledge", amount=90)
    open_case(site=north)

    page = desk.get(BOARD).content.decode()

    assert 'data-due="2026-03-10T13:30:00.000Z"' in page
    assert "30 min left" in page
    assert '<meta name="desk-now" content="2026-03-10T13:00:00.000Z">' in page


def test_the_mark_of_the_page_is_older_than_what_comes_later(desk, north):
    mark = int(picked(r'name="desk-mark" content="(\d+)"', desk.get(BOARD)))

    case = open_case(site=north)

    assert case.entries.get().xact >= mark


def test_the_views_narrow_and_count(desk, ana, north):
    TargetFactory(kind="resolve", amount=90)
    mine = open_case(site=north)
    Case.objects.filter(pk=mine.pk).update(assignee=ana)
    open_case(site=north, at=NOON + HOUR)

    page = desk.get(BOARD)

    assert [(tab.label, str(tab.count)) for tab in page.context["tabs"]] == [
        ("Unowned", "1"),
        ("Mine", "1"),
        ("Over or due in 1 h", "1"),
        ("All open", "2"),
    ]
    assert [shown(desk.get(tab.url)) for tab in page.context["tabs"]][1] == [mine.pk]
    assert [tab.current for tab in desk.get(page.context["tabs"][1].url).context["tabs"]] == [
        False,
        True,
        False,
        False,
    ]


@pytest.fixture
def four(north, ana, parts):
    """One case to keep under each filter, and one to hide."""
    subject = SubjectFactory(site=north, reference="D-7")
    kept = open_case(
        site=north,
        severity=Severity.CRITICAL,
        exception_type=ExceptionType.SCAN_GAP,
        team_id=parts.pk,
        subject=subject,
        rule="order.scan_gap",
        title="Parcel unscanned",
        at=NOON + 30 * MINUTE,
    )
    Case.objects.filter(pk=kept.pk).update(assignee=ana, breached=True, due_at=NOON + HOUR)
    hidden = open_case(site=north, severity=Severity.LOW, title="Paint")
    return kept, hidden


@pytest.mark.parametrize(
    ("query", "chip"),
    [
        ("severity=critical", ("severity", "critical")),
        ("type=scan_gap", ("type", "scan gap")),
        ("team=parts", ("team", "Parts")),
        ("assignee=me", ("owner", "me")),
        ("assignee=ana", ("owner", "ana")),
        ("breached=true", ("breached", "yes")),
        ("due_within=60", ("over or due in", "1 h 00")),
        ("opened_after=2026-03-10T12:10:00Z", ("opened since", "10 Mar 2026, 12:10 UTC")),
        ("rule=order.scan_gap", ("rule", "order.scan_gap")),
        ("q=parcel", ("search", "parcel")),
        ("q=D-7", ("search", "D-7")),
    ],
)
def test_each_filter_narrows_says_so_and_can_be_taken_off(desk, four, query, chip):
    kept, hidden = four

    reply = desk.get(f"{BOARD}?{query}")

    assert shown(reply) == [kept.pk]
    assert chips(reply) == [chip]
    assert set(shown(desk.get(reply.context["chips"][0].without))) == {kept.pk, hidden.pk}


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("severity=critical&severity=low", 2),
        ("severity=critical&type=other", 0),
        ("site=north", 2),
        ("assignee=none", 1),
        ("assignee=nobody-of-that-name", 0),
        ("status=new", 2),
        ("status=waiting", 0),
        ("status=any", 2),
        ("opened_before=2026-03-10T12:10:00Z", 1),
        ("subject=999", 0),
        ("sort=value", 2),
        ("sort=nonsense", 2),
        ("q=", 2),
        ("q=---", 0),
    ],
)
def test_filters_go_together(desk, four, query, number):
    assert len(shown(desk.get(f"{BOARD}?{query}"))) == number


@pytest.mark.parametrize(
    ("query", "word"),
    [("severity=awful", "awful"), ("site=south", "south"), ("status=x", "x"), ("type=x", "x")],
)
def test_a_filter_that_makes_no_sense_is_said_not_ignored(desk, four, south, query, word):
    reply = desk.get(f"{BOARD}?{query}")

    assert shown(reply) == []
    assert word in reply.context["wrong"][0]


def test_a_search_finds_settled_cases_too_and_marks_what_matched(desk, ana, north):
    case = open_case(site=north, title="Golf at Müller's")
    lifecycle.dismiss(Seen(case.pk), by=person(ana), at=NOON, reason="No.")

    reply = desk.get(f"{BOARD}?q=muller")

    assert shown(reply) == [case.pk]
    assert "<mark>Müller</mark>" in reply.content.decode()


def test_an_empty_board_says_why(desk, north):
    calm = desk.get(BOARD).content.decode()
    open_case(site=north)
    hidden = desk.get(f"{BOARD}?severity=low").content.decode()
    missing = desk.get(f"{BOARD}?q=zzz").content.decode()

    assert "Nothing is wrong right now" in calm
    assert "Your filters hide everything" in hidden
    assert "severity: low" in hidden
    assert "Nothing found for “zzz”" in missing


def test_a_desk_with_nothing_on_it_says_what_waits_for_an_owner(desk, north):
    open_case(site=north)

    mine = desk.get(BOARD, {"assignee": "me"}).content.decode()

    assert "<title>My desk" in re.sub(r">\s+", ">", mine)
    assert "Nothing is yours" in mine
    assert "1 case waits for an owner" in mine
    assert "filters hide" not in mine


def test_a_search_finds_cases_by_the_numbers_of_their_subject(desk, north):
    car = SubjectFactory(site=north, kind="deal", attributes={"vin": "WVWZZZ1KZAW000123"})
    open_case(site=north, subject=car)
    open_case(site=north)

    found = [
        desk.get(BOARD, {"q": asked}).content.decode().count('class="case ')
        for asked in ("WVWZZZ1KZAW000123", "wvwzzz1k", "WVWZZZ9")
    ]

    assert found == [1, 1, 0]


def test_somebody_without_a_role_is_told_whom_to_ask(client, north):
    client.force_login(UserFactory())
    open_case(site=north)

    reply = client.get(BOARD)

    assert shown(reply) == []
    assert "You do not belong to a site yet" in reply.content.decode()


def test_the_list_goes_on_where_it_ended(desk, north):
    cases = [open_case(site=north, at=NOON + number * MINUTE).pk for number in range(53)]

    first = desk.get(f"{BOARD}?sort=newest")
    more = picked(r'id="more".*?hx-get="([^"]+)"', first).replace("&amp;", "&")
    rest = desk.get(more, headers={"HX-Request": "true", "HX-Target": "more"})

    assert shown(first) + shown(rest) == cases[::-1]
    assert "<html" not in rest.content.decode()
    assert shown(desk.get(more)) == shown(rest)


def test_a_broken_place_in_the_list_leads_back_to_the_first_page(desk):
    assert desk.get(f"{BOARD}?after=nonsense").headers["Location"] == BOARD


def queries_of(client, path):
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


@pytest.mark.parametrize(
    "path", [BOARD, f"{BOARD}?q=delivery", f"{BOARD}?site=north&severity=high"]
)
def test_the_board_takes_as_many_queries_for_thirty_cases_as_for_three(desk, north, path):
    numbers: list[int] = []
    for _ in range(2):
        for number in range(3 if not numbers else 27):
            team = TeamFactory(site=north, slug=f"team{len(numbers)}{number}")
            open_case(site=north, team_id=team.pk)
        desk.get(path)
        numbers.append(queries_of(desk, path))

    # One fewer where the words have become too common to count.
    assert numbers[0] - 1 <= numbers[1] <= numbers[0] <= 16


# --- live rows ---------------------------------------------------------------------------------


def test_what_the_board_shows_and_its_widest_view_hold_is_counted_once(desk, north):
    open_case(site=north)

    with CaptureQueriesContext(connection) as asked:
        desk.get("/board/")

    (counting,) = [one["sql"] for one in asked if one["sql"].startswith("SELECT (SELECT count")]
    assert counting.count("SELECT count(*)") == 4


def test_changed_rows_come_drawn_with_their_place_and_who_changed_them(desk, ben, north):
    case = open_case(site=north)
    lifecycle.acknowledge(Seen(case.pk), by=person(ben), at=NOON + MINUTE)

    told = desk.get(f"/board/rows/?ids={case.pk}&tabs=1").json()

    row = told["rows"][str(case.pk)]
    assert (row["here"], row["by"], row["mine"], row["verb"]) == (
        True,
        "Ben Okafor",
        False,
        "case.acknowledged",
    )
    assert f'id="case-{case.pk}"' in row["html"]
    assert f'data-rank="{row["rank"]}"' in row["html"]
    assert ("Unowned" in told["tabs"], told["total"]) == (True, "1")


def test_what_one_did_oneself_is_told_apart(desk, ana, north):
    case = open_case(site=north)
    lifecycle.acknowledge(Seen(case.pk), by=person(ana), at=NOON + MINUTE)

    assert desk.get(f"/board/rows/?ids={case.pk}").json()["rows"][str(case.pk)]["mine"] is True


def test_a_row_that_the_filters_no_longer_want_is_not_here(desk, ana, north):
    case = open_case(site=north)
    lifecycle.resolve(Seen(case.pk), by=person(ana), at=NOON + MINUTE, cause="Supplier late")

    assert desk.get(f"/board/rows/?ids={case.pk}").json()["rows"][str(case.pk)]["here"] is False
    assert (
        desk.get(f"/board/rows/?ids={case.pk}&status=any").json()["rows"][str(case.pk)]["here"]
        is True
    )


@pytest.mark.parametrize("asked", ["", "x", "1,x,99999999999999999999", ","])
def test_rows_that_are_not_there_or_not_theirs_are_not_told(desk, south, asked):
    there = open_case(site=south)

    assert desk.get(f"/board/rows/?ids={asked},{there.pk}").json() == {"rows": {}}


def test_the_filter_menu_offers_what_is_there_with_counts(desk, four):
    page = desk.get("/board/filters/?severity=low")
    piece = desk.get("/board/filters/", headers={"HX-Request": "true"})

    assert "<html" in page.content.decode()
    assert "<html" not in piece.content.decode()
    groups = {
        group.label: {c.label: c.count for c in group.choices} for group in piece.context["groups"]
    }
    assert groups["Severity"] == {"critical": 1, "low": 1}
    assert groups["Type"] == {"scan gap": 1, "delivery late": 1}
    assert groups["Team"] == {"Parts": 1}
    assert groups["Owner"]["Ana Ortiz"] == 1


def test_a_choice_in_force_is_marked_and_takes_itself_out(desk, four):
    groups = desk.get("/board/filters/?severity=low").context["groups"]

    (choice,) = [c for group in groups for c in group.choices if c.label == "low"]

    assert choice.current
    assert choice.url == BOARD


# --- many at once ------------------------------------------------------------------------------


def bulk(client, cases, verb="acknowledge", **more):
    data = {"verb": verb, "case": [f"{case.pk}:{case.version}" for case in cases]} | more
    return client.post(reverse("bulk"), data, headers={"Accept": "application/json"})


def test_each_of_many_says_what_became_of_it(desk, ana, north):
    fresh, done = open_case(site=north), open_case(site=north)
    lifecycle.acknowledge(Seen(done.pk), by=person(ana), at=NOON)
    done.version = 2

    told = bulk(desk, [fresh, done]).json()

    assert told["sentence"] == "1 case acknowledged, 1 refused."
    assert [(one["case"], one["ok"]) for one in told["done"]] == [
        (fresh.pk, True),
        (done.pk, False),
    ]
    assert "acknowledged" in told["done"][1]["sentence"]
    assert Case.objects.get(pk=fresh.pk).status == "acknowledged"


def test_many_are_assigned_to_one(desk, ben, north):
    cases = [open_case(site=north) for _ in range(3)]

    assert bulk(desk, cases, "assign", to=ben.pk).json()["sentence"] == "3 cases assigned."
    assert set(Case.objects.values_list("assignee", flat=True)) == {ben.pk}


def test_each_of_many_has_its_own_way_back(desk, ana, ben, north):
    free, his = open_case(site=north), open_case(site=north)
    his = triage.assign(Seen(his.pk), by=person(ana), at=NOON, to=ben.pk)

    done = bulk(desk, [free, his], "claim").json()["done"]
    for one in done:
        desk.post(one["undo"]["url"], {**one["undo"]["fields"], "version": one["version"]})

    owners = dict(Case.objects.values_list("pk", "assignee"))
    assert owners == {free.pk: None, his.pk: ben.pk}
    assert [one["undo"] for one in bulk(desk, [open_case(site=north)]).json()["done"]] == [None]


@pytest.mark.parametrize(
    ("verb", "more", "sentence"),
    [
        ("assign", {}, "Choose who shall own them."),
        ("explode", {}, "Select cases, then choose what to do with them."),
        ("acknowledge", {"case": []}, "Select cases, then choose what to do with them."),
        ("acknowledge", {"case": ["x:1"]}, "Choose who shall own them."),
    ],
)
def test_a_bulk_that_makes_no_sense_says_what_to_do(desk, north, verb, more, sentence):
    reply = bulk(desk, [open_case(site=north)], verb, **more)

    assert (reply.status_code, reply.json()["sentence"]) == (400, sentence)


def test_without_a_script_the_outcome_is_on_the_next_page(desk, ana, north):
    fresh, done = open_case(site=north), open_case(site=north)
    lifecycle.acknowledge(Seen(done.pk), by=person(ana), at=NOON)
    data = {
        "verb": "acknowledge",
        "case": [f"{fresh.pk}:1", f"{done.pk}:2"],
        "next": "/board/?site=north",
    }

    page = desk.post(reverse("bulk"), data, follow=True)

    assert page.request["QUERY_STRING"] == "site=north"
    assert "1 case acknowledged, 1 refused." in page.content.decode()
    assert f"{done} is acknowledged" in page.content.decode()


def test_nobody_is_sent_elsewhere_afterwards(desk, north):
    data = {
        "verb": "acknowledge",
        "case": [f"{open_case(site=north).pk}:1"],
        "next": "https://evil.example/",
    }

    assert desk.post(reverse("bulk"), data).headers["Location"] == BOARD


def test_a_viewer_changes_nothing(client, viewer, north):
    client.force_login(viewer)
    case = open_case(site=north)

    told = bulk(client, [case]).json()

    assert told["done"][0]["ok"] is False
    assert Case.objects.get(pk=case.pk).status == "new"


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "Most urgent"),
        ("?status=any", "Newest"),
        ("?q=paint", "Newest"),
        ("?sort=value", "Value"),
    ],
)
def test_the_order_follows_what_is_asked_for_and_can_be_changed(desk, four, query, order):
    def current(reply):
        return [choice.label for choice in reply.context["sorts"] if choice.current]

    reply = desk.get(f"{BOARD}{query}")

    assert current(reply) == [order]
    for choice in reply.context["sorts"]:
        assert current(desk.get(choice.url)) == [choice.label]


def test_without_a_script_a_bulk_that_makes_no_sense_says_so_on_the_next_page(desk):
    page = desk.post(reverse("bulk"), {"verb": "acknowledge"}, follow=True)

    assert "Select cases, then choose what to do with them." in page.content.decode()


def test_a_time_that_cannot_be_read_is_shown_as_it_was_given(desk, four):
    reply = desk.get(f"{BOARD}?opened_after=soon")

    assert chips(reply) == [("opened since", "soon")]
    assert reply.context["wrong"]


def test_filters_asked_by_nobody_offer_nothing(four):
    kept, _ = four

    filters = CaseFilter({"q": "parcel", "assignee": "me"})
    words = CaseFilter({"q": "parcel"})

    assert (filters.sites(), filters.teams(), list(filters.qs)) == ([], [], [])
    assert list(words.qs) == [kept]


def test_who_may_only_look_is_offered_no_selection(desk, client, viewer, north):
    open_case(site=north)

    ours = desk.get("/board/").content.decode()
    client.force_login(viewer)

    assert "data-reads" not in ours
    assert "data-reads" in client.get("/board/").content.decode()


def test_the_worst_of_the_platforms_speaks_for_all(desk, north):
    case = open_case(site=north)
    for name in ("Slack", "Teams", "Zendesk"):
        platform = ConnectionFactory(name=name)
        Link.objects.create(case=case, connection=platform, external_id="1", linked_at=NOON)
    owe(case.pk, platform.pk, Operation.COMMENT, at=NOON, key="a")
    Delivery.objects.update(state="dead")

    html = " ".join(desk.get("/board/").content.decode().split())

    assert html.index("Zendesk: failed") < html.index("Slack: linked")
    assert 'title="Slack: linked, Teams: linked"' in html


def test_history_is_on_the_board_only_when_asked_for_and_marked(desk, north):
    live = open_case(site=north, reference="D-1")
    old = open_case(site=north, at=NOON - HOUR, imported=True, reference="D-1")
    tabs = {tab.slug: str(tab.count) for tab in desk.get(BOARD).context["tabs"]}

    assert shown(desk.get(BOARD)) == shown(desk.get(BOARD, {"status": "new"})) == [live.pk]
    assert (tabs["open"], tabs["unowned"]) == ("1", "1")
    history = desk.get(BOARD, {"imported": "true"})
    assert shown(history) == [old.pk]
    assert ">from history</span>" in history.content.decode()
    assert chips(history) == [("from history", "yes")]
    for wider in ({"status": "open"}, {"status": "any"}, {"q": "D-1"}):
        assert set(shown(desk.get(BOARD, wider))) == {live.pk, old.pk}


def test_the_menu_offers_history(desk, north):
    menu = desk.get("/board/filters/").context["groups"]

    (choice,) = next(group for group in menu if group.label == "History").choices
    assert choice.label == "From history"
    assert choice.url.endswith("imported=true")


def test_however_much_history_is_open_the_board_walks_past_none_of_it(ana, north):
    old = open_case(site=north, imported=True)
    Case.objects.filter(pk=old.pk).update(due_at=NOON)
    old.refresh_from_db()
    history = [copy(old) for _ in range(500)]
    for number, one in enumerate(history, start=100_000):
        one.pk, one.number, one._state = None, number, ModelState()
    Case.objects.bulk_create(history)
    cases = live_cases().filter(due_at__isnull=False)
    order = cases.order_by("due_at", "severity", "opened_at", "id").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE exceptions_app_case")
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")

    assert "case_urgent_live" in order[:51].explain()


def test_times_are_those_of_the_site_and_its_zone_is_named_to_who_lives_elsewhere(client, north):
    case = open_case(site=north, subject=SubjectFactory(site=north, promised_at=NOON + 5 * HOUR))
    pages = {"/board/": "today 18:00", "/subjects/": "today 18:00", f"/cases/{case.pk}/": "13:00"}

    for zone, name in (("America/Chicago", " CET"), ("Europe/Madrid", "")):
        client.force_login(UserFactory(role=Role.MANAGER, time_zone=zone))
        for path, time in pages.items():
            html = client.get(path).content.decode()
            assert f">{time}{name}</time>" in html
            assert ("for you Tue" in html) == bool(name)


def test_a_list_of_several_sites_tells_all_times_in_the_readers_zone_and_each_sites_on_hover(
    client, north
):
    tokyo = SiteFactory(slug="tokyo", time_zone="Asia/Tokyo")
    for site in (north, tokyo):
        open_case(site=site, subject=SubjectFactory(site=site, promised_at=NOON + 5 * HOUR))
    client.force_login(UserFactory(role=Role.MANAGER, role__site=None, time_zone="Europe/London"))

    for path in ("/board/", "/subjects/"):
        every, one = (client.get(path + query).content.decode() for query in ("", "?site=tokyo"))
        assert every.count(">today 17:00</time>") == 2
        assert "GMT · at the site Tue 18:00 CET" in every
        assert "GMT · at the site Wed 02:00 JST" in every
        assert "Times in Europe/London" in every
        assert ">tomorrow 02:00 JST</time>" in one
        assert "Times in Asia/Tokyo" in one
