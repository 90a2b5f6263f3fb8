"""A source that should speak and does not: one case, and no other because of it (T20, I6)."""

import threading
import time as wall
from datetime import timedelta

import pytest
from django.db import connection, transaction

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import holding, silence
from exceptions_app.detection.expecting import Expected, expect
from exceptions_app.detection.rules import predicted
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import NotFound, NotPermitted, Refused
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Entry, Hold, Milestone, Promise, Source, Subject
from exceptions_app.people.access import SYSTEM
from exceptions_app.subjects.facts import Facts, Step
from exceptions_app.vocabulary import ExceptionType, Rhythm, Role, Status, SubjectKind
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    CalendarFactory,
    SiteFactory,
    SourceFactory,
    somebody,
)
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db
EVERY_QUARTER = Expected(Rhythm.ELAPSED, every_minutes=15)
SILENT = NOON + 15 * MINUTE
#: When the technician of the story is missed.
DUE = NOON + 2 * HOUR + 15 * MINUTE


def turn(at):
    """What the clocks loop does of it: who is silent first, then what is due."""
    silence.watch(at)
    raised = []
    while (done := look_again(at, limit=1000))[0]:
        raised += done[1]
    return raised


def cases(kind=None):
    found = Case.objects.exclude(exception_type=ExceptionType.SOURCE_SILENT)
    return found.filter(exception_type=kind) if kind else found


def silence_case():
    return Case.objects.get(exception_type=ExceptionType.SOURCE_SILENT)


@pytest.fixture
def scheduler(db):
    """Speaks every quarter of an hour, and did at noon."""
    source = SourceFactory()
    expect(source.pk, EVERY_QUARTER, by=SYSTEM, at=NOON)
    return source


def test_silence_is_one_case_and_noticed_at_once(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)

    early = silence.watch(SILENT - timedelta(seconds=1))
    noticed = silence.watch(SILENT)
    again = [silence.watch(SILENT + n * MINUTE) for n in range(3)]

    case = silence_case()
    assert (early, noticed, again) == ([], [case], [[], [], []])
    assert (case.title, case.site, case.since) == (
        "Scheduler has gone silent",
        scheduler.site,
        SILENT,
    )
    assert case.evidence["last_signal_at"] == NOON.isoformat()


def test_a_source_that_speaks_is_never_silent(scheduler):
    for n in range(6):
        at = NOON + n * 10 * MINUTE
        accept([booked(subject={"reference": f"J-{n}"})], by=SYSTEM, at=at)
        assert silence.watch(at + 9 * MINUTE) == []


def test_while_the_desk_was_away_nobody_could_speak_to_it(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    back = NOON + 9 * HOUR

    silence.wait_anew(back)

    assert silence.watch(back + 14 * MINUTE) == []
    assert silence.watch(back + 15 * MINUTE) == [silence_case()]


def test_one_nobody_waits_for_may_be_silent_for_ever():
    SourceFactory()
    accept([booked()], by=SYSTEM, at=NOON)

    assert silence.watch(NOON + 999 * HOUR) == []


def test_one_that_never_spoke_is_waited_for_since_somebody_said_so(scheduler):
    assert silence.watch(SILENT - MINUTE) == []
    assert silence.watch(SILENT) == [silence_case()]


def test_what_rests_on_its_silence_is_held_and_counted(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)

    (held,) = turn(DUE)

    case = silence_case()
    assert (held.became, held.case) == ("held", case)
    assert held.why.startswith("Scheduler has been silent since 2026-03-10 13:00 CET")
    assert not cases().exists()
    assert Hold.objects.get().case == case


@pytest.mark.parametrize(("said", "awaited"), [((), "shipped"), (("shipped",), "delivered")])
def test_a_predicted_case_rests_on_the_step_that_was_not_told(said, awaited):
    steps = {name: Step(None, NOON, NOON) for name in said}
    facts = Facts(SubjectKind.ORDER, "O-1", opened_at=NOON, milestones=steps)
    rule = next(one for one in predicted.RULES if one.kind == SubjectKind.ORDER)
    alarm = predicted.Alarm(NOON, ("ahead", 3), 0.8)

    assert rule.of_alarm(facts, alarm).awaits == (awaited,)


def test_what_was_said_is_never_held(scheduler):
    """The customer cancels through the shop while the scheduler is silent."""
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    SourceFactory(slug="shop", name="Shop", site=scheduler.site)

    said = about("J-1", "no_show", DUE, source="shop")
    accept([said], by=SYSTEM, at=DUE)

    assert cases().get().exception_type == "no_show"


def test_when_it_speaks_again_only_what_is_truly_late_opens(scheduler):
    accept([booked(subject={"reference": f"J-{n}"}) for n in range(4)], by=SYSTEM, at=NOON)
    turn(SILENT)
    turn(DUE)
    assert Hold.objects.filter(released_at=None).count() == 4

    back = DUE + 30 * MINUTE
    arrived = [about(f"J-{n}", "checked_in", DUE - MINUTE) for n in range(3)]
    accept(arrived, by=SYSTEM, at=back)
    turn(back + MINUTE)
    assert not cases().exists()  # it may have more to tell
    turn(back + 6 * MINUTE)

    late = cases().get()
    case = silence_case()
    assert late.reference == "J-3"
    assert (case.status, case.cause) == (Status.RESOLVED, "Source speaks again")
    told = case.entries.get(verb="case.resolved").data["text"]
    assert told == (
        "It speaks again, having said nothing for 2 h 45 min. 4 held findings are looked at again."
    )
    assert case.entries.filter(verb="source.back").count() == 1


def test_it_is_believed_when_its_news_are_new_and_the_grace_is_over(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    back = DUE + 10 * MINUTE
    accept([about("J-1", "rescheduled", back - MINUTE)], by=SYSTEM, at=back)

    turn(back + 4 * MINUTE)
    still_silent = Source.objects.get().silent_since
    turn(back + 5 * MINUTE)

    assert still_silent == NOON
    source = Source.objects.get()
    assert (source.silent_since, source.expected_at) == (None, back + 15 * MINUTE)


def test_a_long_backlog_is_waited_for(scheduler):
    """Old news keep coming for an hour; it is believed five minutes after the last of them."""
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    for n in range(7):
        at = DUE + n * 10 * MINUTE
        accept([about(f"J-{n}", "booked", NOON + n * MINUTE)], by=SYSTEM, at=at)
        turn(at + 4 * MINUTE)
        assert Source.objects.get().silent_since
        at += 10 * MINUTE
    turn(at)

    assert Source.objects.get().silent_since is None


def test_silent_again_within_three_days_is_the_same_case_again(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    accept([about("J-1", "rescheduled", DUE)], by=SYSTEM, at=DUE)
    turn(DUE + 5 * MINUTE)
    turn(DUE + 20 * MINUTE)

    case = silence_case()
    assert (case.status, case.repeats) == (Status.ACKNOWLEDGED, 1)


def test_whoever_settles_the_case_says_that_it_is_no_silence(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    turn(DUE)
    lifecycle.dismiss(Seen(silence_case().pk), by=SYSTEM, at=DUE, reason="It was switched off.")

    turn(DUE + MINUTE)

    assert cases().get().reference == "J-1"
    assert Source.objects.get().expected_at == DUE + 16 * MINUTE


def test_nobody_waits_any_more_and_all_is_as_if_it_spoke(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)
    turn(DUE)
    expect(scheduler.pk, Expected(), by=SYSTEM, at=DUE)

    turn(DUE + MINUTE)

    assert silence_case().status == Status.RESOLVED
    assert cases().get().reference == "J-1"


def order(reference, word, at, source, **more):
    return booked(
        source=source,
        type=f"order.{word}",
        occurred_at=at.isoformat(),
        subject={"reference": reference},
        milestones={},
        **more,
    )


PROMISED = {"promise": {"promised_at": DUE.isoformat()}}


@pytest.fixture
def shop(db):
    """A storefront that takes orders, a warehouse that packs, and a carrier that delivers."""
    site = SiteFactory()
    sources = {
        slug: SourceFactory(slug=slug, name=slug.title(), site=site)
        for slug in ("storefront", "warehouse", "carrier")
    }
    accept(
        [
            order("O-0", "placed", NOON, "storefront"),
            order("O-0", "packed", NOON, "warehouse"),
            order("O-0", "shipped", NOON, "warehouse"),
            order("O-0", "delivered", NOON, "carrier"),
        ],
        by=SYSTEM,
        at=NOON,
    )
    return sources


@pytest.mark.parametrize(
    ("silent", "teller", "held"),
    [
        pytest.param("carrier", "warehouse", True, id="the carrier alone tells of deliveries"),
        pytest.param("carrier", "carrier", True, id="the carrier told of it last"),
        pytest.param("storefront", "storefront", True, id="nobody else ever told of it"),
        pytest.param("storefront", "warehouse", False, id="has nothing to do with it"),
    ],
)
def test_held_is_what_only_the_silent_one_could_have_told(shop, silent, teller, held):
    word = {"storefront": "placed", "warehouse": "shipped", "carrier": "scanned"}[teller]
    accept([order("O-1", word, NOON, teller, **PROMISED)], by=SYSTEM, at=NOON)
    expect(shop[silent].pk, EVERY_QUARTER, by=SYSTEM, at=NOON)
    turn(SILENT)

    late = [one.became for one in turn(DUE + 2 * HOUR) if one.finding.rule == "order.late"]

    assert late == (["held"] if held else ["opened"])


def test_who_told_of_it_last_does_not_depend_on_the_order_of_arrival(shop):
    news = [
        order("O-1", "shipped", NOON + MINUTE, "warehouse"),
        order("O-1", "scanned", NOON + 2 * MINUTE, "carrier"),
        order("O-1", "asked", NOON + 3 * MINUTE, "storefront"),
        order("O-1", "placed", NOON, "storefront"),
    ]

    for signal in news:
        accept([signal], by=SYSTEM, at=NOON + HOUR)

    assert Subject.objects.get(reference="O-1").source == shop["carrier"]


def test_history_is_no_sign_of_life(scheduler):
    accept([booked()], by=SYSTEM, at=NOON)
    turn(SILENT)

    accept(
        [about("J-2", "booked", NOON - HOUR)],
        by=SYSTEM,
        at=NOON,
        moment=lambda one: one.occurred_at,
    )
    turn(SILENT + HOUR)

    assert Source.objects.get().back_at is None


def test_whose_hours_are_over_may_be_silent():
    site = SiteFactory(calendar=CalendarFactory())
    source = SourceFactory(site=site)
    expect(source.pk, Expected(Rhythm.WORKING, every_minutes=15), by=SYSTEM, at=NOON)
    closing = NOON + 4 * HOUR  # 17:00 in Berlin
    accept([booked()], by=SYSTEM, at=closing - 5 * MINUTE)

    assert silence.watch(closing + 12 * HOUR) == []
    assert silence.watch(closing + 16 * HOUR + 10 * MINUTE) == [silence_case()]


def test_one_without_a_site_is_a_case_where_it_told_last():
    other, there = SiteFactory(slug="aaa"), SiteFactory(slug="there")
    source = SourceFactory(slug="dms", name="DMS", site=None)
    expect(source.pk, EVERY_QUARTER, by=SYSTEM, at=NOON)
    told = booked(source="dms", subject={"reference": "J-1", "site": "there"})
    accept([told], by=SYSTEM, at=NOON)

    assert [case.site for case in silence.watch(SILENT)] == [there]
    assert other != there


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Expected(Rhythm.ELAPSED), "every_minutes"),
        (Expected(Rhythm.DAILY), "daily_by"),
        (Expected("sometimes"), "rhythm"),
        (Expected(catch_up_minutes=-1), "catch_up_minutes"),
        (Expected(Rhythm.WORKING, 5, calendar_id=999), "calendar"),
    ],
)
def test_an_expectation_that_says_nothing_is_refused(wanted, field):
    with pytest.raises(Refused) as refusal:
        expect(SourceFactory().pk, wanted, by=SYSTEM, at=NOON)

    assert list(refusal.value.fields) == [field]


def test_managers_of_the_site_say_what_is_expected():
    source = SourceFactory()
    elsewhere = somebody(Role.MANAGER, site=SiteFactory(slug="south"))

    expect(source.pk, EVERY_QUARTER, by=somebody(Role.MANAGER, site=source.site), at=NOON)
    with pytest.raises(NotPermitted):
        expect(source.pk, EVERY_QUARTER, by=somebody(Role.LEAD, site=source.site), at=NOON)
    with pytest.raises(NotFound):
        expect(source.pk, EVERY_QUARTER, by=elsewhere, at=NOON)


def orders_behind(source, many, *, promised_at):
    """Open orders, each shipped and promised, written as rows."""
    subjects = Subject.objects.bulk_create(
        Subject(
            site=source.site,
            kind="order",
            reference=f"O-{n}",
            opened_at=NOON,
            promised_at=promised_at,
            last_signal_at=NOON,
            next_look_at=promised_at,
            source=source,
            told_at=NOON,
        )
        for n in range(many)
    )
    Milestone.objects.bulk_create(
        Milestone(subject=one, name="shipped", actual_at=NOON, reported_at=NOON) for one in subjects
    )
    Promise.objects.bulk_create(
        Promise(subject=one, promised_at=promised_at, said_at=NOON) for one in subjects
    )
    return subjects


def test_five_thousand_behind_a_silent_source_are_one_case():
    source = SourceFactory(slug="carrier", name="Carrier")
    expect(source.pk, EVERY_QUARTER, by=SYSTEM, at=NOON)
    orders_behind(source, 5_000, promised_at=DUE)
    Source.objects.update(last_signal_at=NOON)
    silence.watch(SILENT)

    turn(DUE + 24 * HOUR)

    assert Case.objects.count() == 1
    assert Hold.objects.filter(case=silence_case()).count() == 5_000

    back = DUE + 25 * HOUR
    Milestone.objects.bulk_create(
        Milestone(subject=one, name="delivered", actual_at=DUE, reported_at=DUE)
        for one in Subject.objects.exclude(reference__in=["O-7", "O-99"])
    )
    Subject.objects.exclude(reference__in=["O-7", "O-99"]).update(ended_at=DUE)
    accept([order("O-7", "scanned", back, "carrier")], by=SYSTEM, at=back)
    turn(back + 5 * MINUTE)
    turn(back + 6 * MINUTE)

    late = cases(ExceptionType.ORDER_LATE)
    assert {case.reference for case in late} == {"O-7", "O-99"}
    assert silence_case().status == Status.RESOLVED
    assert not Hold.objects.filter(released_at=None).exists()


def test_a_look_while_nothing_is_due_costs_three_statements(
    scheduler, django_assert_max_num_queries
):
    """Beside those that open and close its two transactions."""
    with django_assert_max_num_queries(3 + 4):
        silence.watch(NOON + MINUTE)


def test_what_was_held_while_its_source_was_believed_again_is_not_forgotten(scheduler):
    """A look that began before and ended after leaves a hold that nobody else would release."""
    accept([booked()], by=SYSTEM, at=NOON)
    subject = Subject.objects.get()
    Hold.objects.create(
        source=scheduler, subject=subject, rule="r", key="k", title="t", since=NOON, held_at=NOON
    )

    assert holding.release(DUE) == 1
    assert holding.release(DUE) == 0
    subject.refresh_from_db()
    assert subject.next_look_at == DUE


@pytest.mark.django_db(transaction=True)
def test_two_who_notice_at_once_open_one_case():
    source = SourceFactory()
    expect(source.pk, EVERY_QUARTER, by=SYSTEM, at=NOON)
    noticed = []

    def notice():
        try:
            noticed.append(silence.watch(SILENT))
        finally:
            connection.close()

    other = threading.Thread(target=notice)
    with transaction.atomic():
        first = silence.fallen_silent(SILENT)
        other.start()
        wall.sleep(0.3)  # long enough to arrive at the lock
    other.join()

    assert (len(first), noticed) == (1, [[]])
    assert Case.objects.count() == 1
    assert Entry.objects.filter(verb="case.opened").count() == 1
