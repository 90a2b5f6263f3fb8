"""What is promised and what is at risk: the lists, the page of one subject, and its signals."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.models import Milestone, Promise, Signal
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects import lookup, pages
from exceptions_app.vocabulary import ExceptionType, Role
from tests.dashboards.reading import text
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    SiteFactory,
    SourceFactory,
    SubjectFactory,
    TeamFactory,
    UserFactory,
    open_case,
)

#: What the clock of these pages shows.
NOW = NOON + HOUR
DAY = 24 * HOUR


def subject(site, reference, promised_at=None, **given):
    return SubjectFactory(site=site, reference=reference, promised_at=promised_at, **given)


def page(client, query=""):
    reply = client.get(reverse("subjects") + query)
    assert reply.status_code == 200
    return reply.content.decode()


def listed(html):
    """The names in the order of the list."""
    links = re.findall(r'class="listing__link[^"]*"\s+href="[^"]*">([^<]+)</a>', html)
    return [unescape(name) for name in links]


@pytest.fixture
def promises(north):
    """One of each: overdue, due today, later, without a promise, ended, and known from history."""
    return {
        "overdue": subject(north, "O-OVER", NOW - HOUR),
        "today": subject(north, "O-TODAY", NOW + 2 * HOUR),
        "later": subject(north, "O-LATER", NOW + 3 * DAY),
        "none": subject(north, "O-NONE"),
        "ended": subject(north, "O-ENDED", NOW - DAY, ended_at=NOW - DAY),
        "history": subject(north, "O-PAST", NOW - 400 * DAY, imported=True),
    }


def test_what_is_promised_comes_in_the_order_of_promising(desk, promises):
    html = page(desk)

    assert listed(html) == ["O-OVER", "O-TODAY", "O-LATER"]
    assert "1 h 00 over" in html
    assert "2 h 00 left" in html


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("overdue", ["O-OVER"]),
        ("unattended", ["O-OVER"]),
        ("today", ["O-OVER", "O-TODAY"]),
        ("at-risk", ["O-OVER"]),
        ("with-case", []),
        ("all", ["O-PAST", "O-ENDED", "O-NONE", "O-LATER", "O-TODAY", "O-OVER"]),
    ],
)
def test_a_view_shows_its_own(desk, promises, view, names):
    assert listed(page(desk, f"?view={view}")) == names


def test_every_view_says_how_many_it_has(desk, promises):
    tabs = re.findall(r"([A-Z][a-z ]+?) (\d+) ", text(page(desk)))

    assert {
        ("Promised", "3"),
        ("Overdue", "1"),
        ("Due today", "2"),
        ("At risk", "1"),
        ("With an open case", "0"),
        ("Everything", "6"),
    } <= set(tabs)


def test_an_open_case_puts_a_subject_at_risk_and_is_a_way_to_it(desk, north, promises):
    later = promises["later"]
    case = open_case(site=north, subject=later, exception_type=ExceptionType.SCAN_GAP)

    html = page(desk, "?view=at-risk")

    assert listed(html) == ["O-LATER", "O-OVER"]
    assert reverse("case", args=[case.pk]) in html


def test_another_team_s_case_about_it_is_not_told(client, north, parts, promises):
    sales = TeamFactory(site=north, slug="sales")
    open_case(site=north, team_id=sales.pk, subject=promises["later"], title="Secret")
    client.force_login(UserFactory(role=Role.STAFF, role__site=north, role__team=parts))

    html = page(client, "?view=all&q=O-LATER")

    assert listed(html) == ["O-LATER"]
    assert "Secret" not in html


@pytest.mark.parametrize(("imported", "names"), [(False, ["O-PAST"]), (True, [])])
def test_what_history_opened_is_no_open_case_on_the_list_as_on_the_board(
    desk, north, promises, imported, names
):
    about = {"subject": promises["history"], "imported": imported}
    open_case(site=north, exception_type=ExceptionType.SCAN_GAP, **about)

    assert listed(page(desk, "?view=with-case")) == names


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        ({"vin": "WVWZZZ1KZAW000123"}, "wvwzzz1kzaw000123"),
        ({"stock_number": "S-4711"}, "S-47"),
        ({"tracking_number": "00340434161094"}, "00340434161094"),
    ],
)
def test_a_subject_is_found_by_its_numbers_however_old(desk, north, monkeypatch, number, asked):
    monkeypatch.setattr(lookup, "NEWEST_READ", 0)
    subject(north, "D-1", attributes=number)
    subject(north, "D-2", attributes={"vin": "OTHER"})

    assert listed(page(desk, f"?q={asked}")) == ["D-1"]


def test_each_of_its_parcels_is_shown_and_found(desk, north):
    sent = {"said_at": NOW.isoformat(), "sent_at": NOW.isoformat()}
    parcels = {"1ZA1": sent | {"delivered_at": NOW.isoformat()}, "1ZA2": sent, "1ZA3": sent}
    parcels["1ZA3"] = sent | {"cancelled_at": NOW.isoformat()}
    order = subject(north, "O-TWO", particulars={"parcels": parcels})

    said = text(desk.get(reverse("subject", args=[order.pk])).content.decode())

    assert "1ZA1 delivered" in said
    assert "1ZA2 waited for since" in said
    assert "1ZA3 not to come any more" in said
    assert listed(page(desk, "?q=1za2")) == ["O-TWO"]


def test_what_is_overdue_with_an_open_case_is_in_somebodys_hands(desk, north, promises):
    case = open_case(site=north, subject=promises["overdue"])
    held = page(desk, "?view=unattended")
    lifecycle.resolve(Seen(case.pk), by=SYSTEM, at=NOW, cause="carrier")

    assert "Nothing is overdue without an open case" in text(held)
    assert listed(page(desk, "?view=unattended")) == ["O-OVER"]


def test_today_is_the_day_of_the_site(client, north):
    tokyo = SiteFactory(slug="tokyo", time_zone="Asia/Tokyo")
    subject(north, "BERLIN", datetime(2026, 3, 10, 22, 30, tzinfo=UTC))
    subject(tokyo, "TOKYO", datetime(2026, 3, 10, 15, 30, tzinfo=UTC))
    client.force_login(UserFactory(role=Role.MANAGER))

    assert listed(page(client, "?view=today")) == ["BERLIN"]


def test_a_search_looks_through_everything(desk, north, promises):
    subject(north, "D-7", label="Golf GTI for M. Ortiz")

    assert listed(page(desk, "?q=o-pa")) == ["O-PAST"]
    assert listed(page(desk, "?q=golf")) == ["Golf GTI for M. Ortiz"]
    assert "Nothing found for “lantern”" in text(page(desk, "?q=lantern"))


def test_a_list_can_be_narrowed_by_kind_and_site(client, north, south):
    subject(north, "DEAL", NOW + HOUR, kind="deal")
    subject(south, "ORDER", NOW + HOUR)
    client.force_login(UserFactory(role=Role.MANAGER))

    assert listed(page(client, "?kind=deal")) == ["DEAL"]
    assert listed(page(client, "?site=south")) == ["ORDER"]
    assert listed(page(client, "?site=south&kind=deal")) == []
    assert "Your filters hide everything" in page(client, "?site=south&kind=deal")


@pytest.mark.parametrize(("view", "first"), [("promised", "O-000"), ("all", "O-011")])
def test_pages_follow_each_other_without_gap_or_repetition(desk, north, monkeypatch, view, first):
    monkeypatch.setattr(pages, "PAGE_SIZE", 5)
    for number in range(12):
        subject(north, f"O-{number:03}", NOW + HOUR + number // 3 * MINUTE)

    seen, url = [], f"?view={view}"
    while url:
        html = page(desk, url)
        seen += listed(html)
        more = re.search(r'href="/subjects/(\?[^"]*after=[^"]*)"', html)
        url = unescape(more[1]) if more else ""

    assert seen[0] == first
    assert sorted(seen) == [f"O-{number:03}" for number in range(12)]


@pytest.mark.parametrize("after", ["x", "1_2_3", "2026-03-10T12:00:00Z_x", "-1", "9" * 30])
def test_a_place_that_cannot_be_read_leads_back_to_the_first_page(desk, north, after):
    reply = desk.get(reverse("subjects"), {"after": after}, follow=True)

    assert "This place in the list cannot be read" in text(reply.content.decode())


def test_another_site_is_not_on_the_list(client, stranger, promises):
    client.force_login(stranger)

    html = page(client, "?view=all")

    assert listed(html) == []
    assert "Nothing is known yet" in html


def test_somebody_without_a_site_is_told_whom_to_ask(client, promises):
    client.force_login(UserFactory())

    assert "You do not belong to a site yet" in page(client)


def test_more_subjects_take_no_more_statements(
    desk, north, promises, django_assert_max_num_queries
):
    for number in range(30):
        one = subject(north, f"O-{number}", NOW + DAY)
        Milestone.objects.create(subject=one, name="placed", actual_at=NOW, reported_at=NOW)
        open_case(site=north, subject=one)

    with django_assert_max_num_queries(19):
        page(desk)


def test_a_row_says_what_happened_last_and_what_is_due_next(desk, north):
    one = subject(north, "O-1", NOW + DAY)
    for name, expected, actual in (
        ("placed", None, NOW - DAY),
        ("packed", NOW - 2 * HOUR, None),
        ("shipped", NOW - HOUR, NOW - HOUR),
        ("delivered", NOW + DAY, None),
    ):
        Milestone.objects.create(
            subject=one, name=name, expected_at=expected, actual_at=actual, reported_at=NOW
        )

    html = text(page(desk))

    assert "Handed to the carrier today 13:00" in html
    assert "next: delivered, planned tomorrow 14:00" in html


@pytest.fixture
def deal(north):
    """A deal whose promise was moved once, with a milestone, a report and a signal."""
    one = SubjectFactory(
        site=north,
        kind="deal",
        reference="D-2231",
        label="Golf GTI for M. Ortiz",
        customer={"name": "M. Ortiz"},
        promised_at=NOW + DAY,
        attributes={"stock_number": "S-9", "lender": None},
        reports={"cancelled": {"at": NOON.isoformat(), "times": 2, "note": "Changed his mind"}},
    )
    Promise.objects.create(subject=one, promised_at=NOW, said_at=NOW - DAY)
    Promise.objects.create(
        subject=one, promised_at=NOW + DAY, said_at=NOW - HOUR, reason="Registration closed"
    )
    Milestone.objects.create(
        subject=one, name="sold", expected_at=NOW - DAY, actual_at=NOW - HOUR, reported_at=NOW
    )
    source = SourceFactory(site=north)
    Signal.objects.create(
        source=source,
        external_id="x-1",
        type="deal.sold",
        subject=one,
        occurred_at=NOW - HOUR,
        received_at=NOW,
        digest="d",
        body={"type": "deal.sold", "vin": "WVWZZZ1KZAW000001"},
    )
    return one


def show(client, name, pk):
    return client.get(reverse(name, args=[pk]))


def test_everything_known_of_a_subject_is_on_its_page(desk, north, deal):
    case = open_case(site=north, subject=deal, title="Paint is wrong")
    signal = Signal.objects.get()

    html = show(desk, "subject", deal.pk).content.decode()

    assert "Golf GTI for M. Ortiz" in html
    assert "1 d left" in html
    assert "Registration closed" in html
    assert "23 h 00 late" in html
    assert "Changed his mind" in html
    assert "S-9" in html
    assert "Paint is wrong" in html
    assert reverse("case", args=[case.pk]) in html
    assert reverse("signal", args=[signal.pk]) in html
    assert f'href="{reverse("flag")}?subject={deal.pk}"' in re.sub(r"\s+", " ", html)


def test_times_are_those_of_the_site_and_the_readers_own_are_on_hover(client, deal):
    client.force_login(UserFactory(role=Role.MANAGER, time_zone="America/New_York"))

    html = show(client, "subject", deal.pk).content.decode()

    assert "times in Europe/Berlin" in text(html)
    assert ">tomorrow 14:00 CET</time>" in html
    assert "for you Wed 09:00 EDT" in html


def test_what_ended_is_kept_or_late_by_what_was_promised(desk, north):
    kept = subject(north, "O-KEPT", NOW - DAY, ended_at=NOW - 2 * DAY)
    gone = subject(
        north,
        "O-GONE",
        NOW - DAY,
        ended_at=NOW - 2 * DAY,
        reports={"cancelled": {"at": NOON.isoformat(), "times": 1}},
    )
    Milestone.objects.create(
        subject=kept, name="delivered", actual_at=NOW - 2 * DAY, reported_at=NOW
    )

    assert "1 d early" in show(desk, "subject", kept.pk).content.decode()
    assert 'clock--none">cancelled' in show(desk, "subject", gone.pk).content.decode()


def test_an_appointment_keeps_its_promise_when_the_technician_is_there(desk, north):
    given = {"kind": "appointment", "opened_at": NOW - DAY}
    there = subject(north, "A-THERE", NOW - HOUR, **given)
    done = subject(north, "A-DONE", NOW - HOUR, ended_at=NOW, **given)
    subject(north, "A-AWAITED", NOW - MINUTE, **given)
    for one in (there, done):
        Milestone.objects.create(
            subject=one, name="checked_in", actual_at=NOW - HOUR, reported_at=NOW
        )

    for view in ("promised", "overdue", "today"):
        assert listed(page(desk, f"?view={view}")) == ["A-AWAITED"]
    for one in (there, done):
        assert 'clock--kept">on time' in show(desk, "subject", one.pk).content.decode()


def test_who_may_only_look_is_not_offered_to_flag(client, viewer, deal):
    client.force_login(viewer)

    assert "Flag this" not in show(client, "subject", deal.pk).content.decode()


def test_a_signal_is_shown_as_it_was_sent(desk, deal):
    html = show(desk, "signal", Signal.objects.get().pk).content.decode()

    assert "WVWZZZ1KZAW000001" in html
    assert "x-1" in html


def test_subjects_and_signals_of_another_site_are_not_there(client, stranger, deal):
    client.force_login(stranger)

    codes = {
        show(client, name, pk).status_code
        for name, pk in (
            ("subject", deal.pk),
            ("subject", 0),
            ("signal", Signal.objects.get().pk),
            ("signal", 0),
        )
    }

    assert codes == {404}


def test_a_case_opens_its_own_subject_and_signals_whichever_team_has_them(client, north, parts):
    service = TeamFactory(site=north, slug="service")
    about = SubjectFactory(site=north, team=service)
    signal = Signal.objects.create(
        source=SourceFactory(site=north),
        external_id="x-1",
        type="order.promised",
        subject=about,
        occurred_at=NOON,
        received_at=NOON,
        body={},
        digest="d",
    )
    member = UserFactory(role=Role.STAFF, role__site=north, role__team=parts)
    client.force_login(member)
    doors = [reverse("subject", args=[about.pk]), reverse("signal", args=[signal.pk])]

    before = [client.get(door).status_code for door in doors]
    open_case(site=north, team_id=parts.pk, subject=about)

    assert before == [404, 404]
    assert [client.get(door).status_code for door in doors] == [200, 200]
