"""The board's rows: order, pages, scope, counts, words, and how many statements they take."""

import base64
import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exceptions_app.cases import queries
from exceptions_app.cases.lifecycle import Seen, wait
from exceptions_app.cases.queries import SORTS, URGENT, Count, board, counted, open_cases, rank
from exceptions_app.cases.rows import last_changes, rows_of
from exceptions_app.cases.searching import marked, search, words_of
from exceptions_app.cases.triage import assign
from exceptions_app.errors import Refused
from exceptions_app.models import Case, Delivery, Link
from exceptions_app.outbox.owing import owe
from exceptions_app.people import access
from exceptions_app.people.access import SYSTEM, Actor
from exceptions_app.vocabulary import ActorKind, Operation, Role, Severity
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    SiteFactory,
    SubjectFactory,
    TargetFactory,
    TeamFactory,
    open_case,
    somebody,
)

pytestmark = pytest.mark.django_db
NOBODY = Actor(ActorKind.PERSON, "0", "Nobody", grants=())


def put(case, **columns):
    Case.objects.filter(pk=case.pk).update(**columns)
    return case


def ids(page):
    return [row.id for row in page.rows]


def test_most_urgent_is_least_time_then_severity_then_age_and_no_target_comes_last():
    untimed = put(open_case(), due_at=None)
    later = put(open_case(), due_at=NOON + 2 * HOUR)
    over = put(open_case(), due_at=NOON - HOUR)
    mild = put(open_case(), due_at=NOON + HOUR, severity=Severity.LOW)
    young = put(open_case(at=NOON + MINUTE), due_at=NOON + HOUR, severity=Severity.HIGH)
    old = put(open_case(), due_at=NOON + HOUR, severity=Severity.HIGH)

    page = board(open_cases(), by=SYSTEM)

    assert ids(page) == [case.pk for case in (over, old, young, mild, later, untimed)]


@pytest.fixture
def mixed_cases():
    """Cases in which every column that is sorted by repeats, and some lack it."""
    for number, (due, promised, value) in enumerate(
        itertools.product((None, 1, 2), (None, 3), (None, 7))
    ):
        put(
            open_case(at=NOON + number // 3 * MINUTE, severity=Severity(1 + number % 4)),
            due_at=due and NOON + due * HOUR,
            promised_at=promised and NOON + promised * HOUR,
            value=value and Decimal(value),
        )


@pytest.mark.parametrize("sort", SORTS.values(), ids=SORTS)
def test_pages_follow_each_other_without_gap_or_repetition(sort, mixed_cases):
    whole = ids(board(open_cases(), by=SYSTEM, sort=sort))

    walked, after = [], ""
    while True:
        page = board(open_cases(), by=SYSTEM, sort=sort, after=after, size=5)
        walked += ids(page)
        after = page.after
        if not after:
            break

    assert walked == whole
    assert len(set(whole)) == 12


@pytest.mark.parametrize("sort", SORTS.values(), ids=SORTS)
def test_the_rank_of_rows_puts_text_in_the_same_order(sort, mixed_cases):
    rows = board(open_cases(), by=SYSTEM, sort=sort).rows

    ranks = [rank(row, sort) for row in rows]

    assert ranks == sorted(ranks, reverse=sort.down)


@pytest.mark.parametrize("mark", ["x", "%%%", "W10", "bnVsbA", "WyJhIiwxLDIsM10"])
def test_a_place_in_the_list_that_cannot_be_read_is_refused(mark):
    with pytest.raises(Refused, match="first page"):
        board(open_cases(), by=SYSTEM, after=mark)


def test_a_place_beyond_every_number_is_refused():
    beyond = '["2026-01-01T00:00:00+00:00", 1e999, "2026-01-01T00:00:00+00:00", 1]'
    mark = base64.urlsafe_b64encode(beyond.encode()).decode().rstrip("=")

    with pytest.raises(Refused, match="first page"):
        board(open_cases(), by=SYSTEM, after=mark)


def test_everybody_sees_their_own_sites_and_teams_only():
    north, south = SiteFactory(slug="north"), SiteFactory(slug="south")
    parts = TeamFactory(site=north, slug="parts")
    sales = open_case(site=north, team_id=TeamFactory(site=north, slug="sales").pk)
    ours, whole, there = (
        open_case(site=north, team_id=parts.pk),
        open_case(site=north),
        open_case(site=south),
    )

    seen = {
        "parts": set(ids(board(open_cases(), by=somebody(Role.STAFF, site=north, team=parts)))),
        "north": set(ids(board(open_cases(), by=somebody(Role.STAFF, site=north)))),
        "all": set(ids(board(open_cases(), by=somebody(Role.VIEWER)))),
        "none": set(ids(board(open_cases(), by=NOBODY))),
    }

    assert seen == {
        "parts": {ours.pk, whole.pk},
        "north": {sales.pk, ours.pk, whole.pk},
        "all": {sales.pk, ours.pk, whole.pk, there.pk},
        "none": set(),
    }


def test_a_row_says_whose_where_and_what_without_asking_again(django_assert_num_queries):
    TargetFactory(kind="acknowledge", amount=30)
    TargetFactory(kind="resolve", amount=480)
    site = SiteFactory(slug="north", time_zone="Europe/Berlin")
    ben = somebody(Role.STAFF, site=site, username="ben", first_name="Ben", last_name="Okafor")
    case = open_case(
        site=site, subject=SubjectFactory(site=site, reference="D-7", customer={"name": "M. Ortiz"})
    )
    assign(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE, to=ben.user_id)

    row = rows_of([case.pk])[case.pk]

    with django_assert_num_queries(0):
        told = (
            row.shown_number,
            row.assignee,
            row.site,
            row.time_zone,
            row.reference,
            row.customer,
            row.type_label,
        )
        assert told == (
            str(case),
            "Ben Okafor",
            "North",
            "Europe/Berlin",
            "D-7",
            "M. Ortiz",
            "delivery late",
        )
        assert row.clock
        assert (row.clock.kind, row.clock.due_at) == ("acknowledge", NOON + 30 * MINUTE)


def test_a_waiting_case_shows_since_when_its_clock_is_paused():
    TargetFactory(kind="resolve")
    case = open_case()

    wait(Seen(case.pk), by=SYSTEM, at=NOON + HOUR, waiting_for="the part")

    row = rows_of([case.pk])[case.pk]
    assert row.clock
    assert (row.waiting_for, row.clock.paused, row.clock.paused_since) == (
        "the part",
        True,
        NOON + HOUR,
    )


def test_platforms_show_what_is_linked_on_the_way_and_failed():
    case = open_case()
    linked, sending, failed = (
        ConnectionFactory(name=name) for name in ("Zendesk", "Slack", "Twilio")
    )
    for connected in (linked, sending, failed):
        owe(case.pk, connected.pk, Operation.CREATE, at=NOON, key=connected.name)
    Link.objects.create(
        case=case, connection=linked, external_id="1", url="https://z.example/1", linked_at=NOON
    )
    Delivery.objects.filter(connection=linked).update(state="sent")
    Delivery.objects.filter(connection=failed).update(state="dead")

    badges = rows_of([case.pk])[case.pk].links

    assert {badge.name: badge.state for badge in badges} == {
        "Zendesk": "linked",
        "Slack": "sending",
        "Twilio": "failed",
    }


def statements(number):
    for _ in range(number):
        open_case(site=SiteFactory(slug="north"), team_id=TeamFactory().pk)
    with CaptureQueriesContext(connection) as asked:
        board(open_cases(), by=SYSTEM)
    return len(asked)


def test_a_page_takes_as_many_statements_for_two_cases_as_for_twenty():
    assert statements(2) == statements(18)


def test_counting_stops_at_the_cap_and_says_so(monkeypatch):
    monkeypatch.setattr(queries, "CAP", 3)
    for _ in range(5):
        open_case()

    all_open, unowned, none, hidden = counted(
        [
            Case.objects.all(),
            open_cases().filter(assignee=None),
            Case.objects.none(),
            Case.objects.filter(number=1),
        ],
        by=SYSTEM,
    )

    assert (str(all_open), all_open.number, all_open.capped) == ("3+", 4, True)
    assert (str(unowned), str(none), str(hidden)) == ("3+", "0", "0")


def test_numbers_read_with_separators():
    assert (str(Count(999)), str(Count(1_001))) == ("999", "1,000+")


def test_counts_are_scoped_and_take_one_statement(django_assert_num_queries):
    north = SiteFactory(slug="north")
    open_case(site=north)
    open_case(site=SiteFactory(slug="south"))
    ben = somebody(Role.STAFF, site=north)

    with django_assert_num_queries(1):
        counts = counted([open_cases(), open_cases().filter(assignee=None)], by=ben)

    assert [count.number for count in counts] == [1, 1]


def test_nobody_counts_nothing_without_asking(django_assert_num_queries):
    open_case()

    with django_assert_num_queries(0):
        assert counted([open_cases()], by=NOBODY) == [Count(0)]


def test_facets_count_what_is_there_and_keep_silent_about_too_much(monkeypatch):
    open_case(severity=Severity.HIGH)
    open_case(severity=Severity.LOW)

    found = queries.facets(open_cases(), by=SYSTEM)
    monkeypatch.setattr(queries, "CAP", 1)

    assert found
    assert found["severity"] == {Severity.HIGH: 1, Severity.LOW: 1}
    assert queries.facets(open_cases(), by=SYSTEM) is None


# --- words -------------------------------------------------------------------------------------


def found(asked, by=SYSTEM):
    return set(
        search(access.visible(Case.objects.all(), by), asked, by=by).cases.values_list(
            "pk", flat=True
        )
    )


@pytest.mark.parametrize(
    "asked",
    [
        "EX-{n}",
        "ex{n}",
        "{n}",
        "muller",
        "MÜLLER",
        "jose muñoz",
        "d-2231",
        "D 22",
        "gol",
        "golf müll",
        "áàâäãåéèêëíìîïóòôöõúùûüñç",
    ],
)
def test_numbers_references_customers_and_words_are_found_by_their_beginnings(asked):
    case = open_case(
        title="Golf GTI at Müller's: áàâäãåéèêëíìîïóòôöõúùûüñç",
        reference="D-2231",
        customer_name="José Muñoz",
    )
    open_case(title="Something else", reference="O-1", customer_name="L. Weber")

    assert found(asked.format(n=case.number)) == {case.pk}


@pytest.mark.parametrize(
    "asked", ["", "  ", "---", "golf nothing", "olf", "d-223x", "'; drop table", "a & | ! :*"]
)
def test_what_is_not_there_is_not_found(asked):
    open_case(title="Golf", reference="D-2231")

    assert found(asked) == set()


def test_a_common_word_is_found_without_counting_it(monkeypatch):
    monkeypatch.setattr("exceptions_app.cases.searching.OFTEN", 2)
    cases = {open_case(title="Order is late").pk for _ in range(3)}

    hits = search(Case.objects.all(), "late", by=SYSTEM)

    assert hits.common
    assert set(ids(board(hits.cases, by=SYSTEM, sort=SORTS["newest"]))) == cases


def test_a_word_with_many_hits_that_are_old_is_found_on_the_way(monkeypatch):
    monkeypatch.setattr("exceptions_app.cases.searching.NEWEST", 1)
    monkeypatch.setattr("exceptions_app.cases.searching.FEW", 1)
    old = {open_case(title="Order is late").pk for _ in range(3)}
    open_case(at=NOON + HOUR, title="Newest")

    hits = search(Case.objects.all(), "late", by=SYSTEM)

    assert hits.common
    assert set(hits.cases.values_list("pk", flat=True)) == old


def test_words_are_sought_among_what_the_person_may_see():
    there = open_case(site=SiteFactory(slug="south"), title="Golf")
    here = open_case(site=SiteFactory(slug="north"), title="Golf")
    ben = somebody(Role.STAFF, site=SiteFactory(slug="north"))

    assert found("golf", by=ben) == {here.pk}
    assert found("golf", by=NOBODY) == set()
    assert found("golf") == {here.pk, there.pk}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("EX-1042", ("1042",)),
        ("ex 1042", ("1042",)),
        ("Škoda Łódź Ștefan", ("skoda", "lodz", "stefan")),
        ("Müller's D-2231", ("muller", "s", "d", "2231")),
        ("x " * 20, ("x",)),
        ("w" * 90, ("w" * 40,)),
        ("!?", ()),
    ],
)
def test_a_question_is_folded_like_the_stored_words(asked, words):
    assert words_of(asked) == words


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("Golf GTI", "golf", "[Golf] GTI"),
        ("Müller Golfer", "gol mull", "[Müll]er [Gol]fer"),
        ("EX-1042", "1042", "EX-[1042]"),
        ("Disgolf", "golf", "Disgolf"),
        ("İstanbul Golf", "golf", "İstanbul [Golf]"),
        ("<b>Golf</b>", "golf", "<b>[Golf]</b>"),
        ("nothing", "", "nothing"),
    ],
)
def test_what_matched_is_marked_letter_for_letter(text, asked, shown):
    pieces = marked(text, words_of(asked))

    assert "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in pieces) == shown


# --- who changed it ----------------------------------------------------------------------------


def test_the_last_change_names_who_and_what():
    ana = somebody(Role.LEAD, first_name="Ana", last_name="Ortiz")
    case, untouched = open_case(), open_case()
    wait(
        Seen(case.pk),
        by=ana,
        at=NOON + HOUR,
        waiting_for="the part",
        until=NOON + timedelta(days=1),
    )

    changes = last_changes([case.pk, untouched.pk])

    assert (changes[case.pk].verb, changes[case.pk].actor) == ("case.waiting", "Ana Ortiz")
    assert (changes[untouched.pk].verb, changes[untouched.pk].actor) == ("case.opened", "Flagstand")
    assert changes[case.pk].is_by(ana.user_id)
    assert not changes[untouched.pk].is_by(ana.user_id)


def test_urgent_is_the_first_order_offered():
    assert next(iter(SORTS.values())) is URGENT
