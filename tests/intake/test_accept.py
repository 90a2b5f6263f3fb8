"""From posted signals to stored facts and cases: once, in batches, whatever the order."""

import random
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from exceptions_app.cases import lifecycle
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection.watch import look_again
from exceptions_app.errors import NotPermitted, Refused
from exceptions_app.intake.accept import accept
from exceptions_app.models import (
    Case,
    Delivery,
    Entry,
    Milestone,
    Receipt,
    RefusedSignal,
    Signal,
    Subject,
)
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import Role, Severity, Status
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    PlaybookFactory,
    SiteFactory,
    SourceFactory,
    SubjectFactory,
    TeamFactory,
    open_case,
    somebody,
)  # fmt: skip
from tests.intake.stories import about, booked

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR
DUE = NOON + 2 * HOUR + 15 * MINUTE


@pytest.fixture(autouse=True)
def scheduler(db):
    return SourceFactory()


def outcomes(receipt):
    return [item["outcome"] for item in receipt.items]


def test_a_signal_is_stored_once_however_often_it_is_sent():
    sent = booked()

    receipts = [accept([sent], by=SYSTEM, at=NOON) for _ in range(3)]

    assert [outcomes(receipt) for receipt in receipts] == [["stored"], ["duplicate"], ["duplicate"]]
    assert (Signal.objects.count(), Subject.objects.count(), Receipt.objects.count()) == (1, 1, 3)


def test_a_repeat_within_a_batch_is_a_duplicate():
    sent = booked()

    receipt = accept([sent, sent], by=SYSTEM, at=NOON)

    assert outcomes(receipt) == ["stored", "duplicate"]


def test_other_content_under_a_used_name_is_a_conflict_and_the_first_is_kept():
    sent = booked()
    accept([sent], by=SYSTEM, at=NOON)

    receipt = accept([sent | {"note": "other"}], by=SYSTEM, at=NOON)

    assert outcomes(receipt) == ["conflict"]
    assert "note" not in Signal.objects.get().body


def test_a_batch_with_one_bad_item_takes_the_good_ones_and_names_the_bad_one():
    receipt = accept(
        [booked(), booked(occurred_at="noon"), booked(source="nobody")], by=SYSTEM, at=NOON
    )

    assert outcomes(receipt) == ["stored", "refused", "refused"]
    assert list(receipt.items[1]["errors"]) == ["occurred_at"]
    assert list(receipt.items[2]["errors"]) == ["source"]
    assert (receipt.stored, receipt.refused) == (1, 2)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"occurred_at": "2062-11-22T08:00:00Z"}, "occurred_at"),
        (
            {"milestones": {"checked_in": {"actual_at": "2062-11-22T08:00:00Z"}}},
            "milestones.checked_in.actual_at",
        ),
    ],
)
def test_what_is_yet_to_come_has_not_happened(given, field):
    """It would be believed until then, whatever else is told."""
    receipt = accept([booked(**given)], by=SYSTEM, at=NOON)

    assert outcomes(receipt) == ["refused"]
    assert list(receipt.items[0]["errors"]) == [field]
    assert "2062-11-22 08:00 UTC is still to come" in receipt.items[0]["errors"][field]
    assert RefusedSignal.objects.count() == 1


def test_history_may_tell_in_one_signal_what_came_later():
    """What counts is the clock on the wall, and not as of when history is heard."""
    later = {"checked_in": {"actual_at": (NOON - 10 * DAY).isoformat()}}
    told = booked(occurred_at=(NOON - 20 * DAY).isoformat(), milestones=later)

    receipt = accept(
        [told], by=SYSTEM, at=NOON - 20 * DAY, moment=lambda one: one.occurred_at, now=NOON
    )

    assert outcomes(receipt) == ["stored"]


def test_a_mistaken_zone_is_borne_and_what_is_expected_may_be_far_off():
    ahead = booked(occurred_at=(NOON + 14 * HOUR).isoformat())
    expected = {"checked_in": {"expected_at": (NOON + 400 * DAY).isoformat()}}

    receipt = accept([ahead, booked(external_id="e-2", milestones=expected)], by=SYSTEM, at=NOON)

    assert outcomes(receipt) == ["stored", "stored"]


@pytest.mark.parametrize("many", [0, 1001])
def test_an_empty_or_too_large_batch_is_refused_whole(many):
    with pytest.raises(Refused):
        accept([booked() for _ in range(many)], by=SYSTEM, at=NOON)

    assert not Receipt.objects.exists()


def test_an_integrator_of_another_site_cannot_send_here():
    integrator = somebody(Role.INTEGRATOR, site=SiteFactory(slug="south"))

    receipt = accept([booked()], by=integrator, at=NOON)

    assert "source" in receipt.items[0]["errors"]
    assert not Subject.objects.exists()


def test_staff_may_not_send_signals():
    with pytest.raises(NotPermitted):
        accept([booked()], by=somebody(Role.STAFF), at=NOON)


def test_what_failed_to_appear_opens_a_case_on_the_clock_and_only_then():
    team = TeamFactory(slug="dispatch")
    accept([booked()], by=SYSTEM, at=NOON)

    looked_early = look_again(DUE - MINUTE)
    looked = look_again(DUE)

    case = Case.objects.get()
    assert (looked_early[0], looked[0]) == (0, 1)
    assert (case.rule, case.team, case.severity) == (
        "appointment.not_checked_in",
        team,
        Severity.HIGH,
    )
    assert (case.opened_at, case.since, case.customer_name) == (DUE, DUE, "Brauer KG")
    assert look_again(DUE + HOUR)[0] == 0


def test_a_reported_status_opens_a_case_at_once():
    receipt = accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert receipt.items[0]["cases"] == [f"opened {case}"]
    assert case.exception_type == "no_show"


def test_repeats_join_the_open_case_and_a_settled_one_is_followed_by_a_new_one():
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)
    joined = accept([about("J-1", "no_show", NOON + MINUTE)], by=SYSTEM, at=NOON + MINUTE)
    case = Case.objects.get()
    assert (case.repeats, joined.items[0]["cases"]) == (1, [f"joined {case}"])

    Case.objects.filter(pk=case.pk).update(status=Status.CLOSED)
    accept([about("J-1", "no_show", NOON + HOUR)], by=SYSTEM, at=NOON + HOUR)

    assert Case.objects.count() == 2


def test_a_settled_case_is_not_raised_again_for_what_it_was_about():
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)
    Case.objects.update(status=Status.CLOSED)

    accept([about("J-1", "updated", NOON + HOUR)], by=SYSTEM, at=NOON + HOUR)

    assert Case.objects.count() == 1


def test_the_same_reference_at_two_sites_is_two_subjects_and_two_cases():
    SiteFactory(slug="south")
    here = about("J-1", "no_show", NOON)
    there = about("J-1", "no_show", NOON) | {"subject": {"reference": "J-1", "site": "south"}}

    accept([here, there], by=SYSTEM, at=NOON)

    assert (Subject.objects.count(), Case.objects.count()) == (2, 2)


def test_risk_that_comes_true_raises_the_case_that_is_open():
    deal = {
        "type": "deal.sold",
        "subject": {"reference": "D-1", "label": "Golf GTI"},
        "promise": {"promised_at": (NOON + 12 * HOUR).isoformat()},
        "milestones": {},
    }
    accept([booked(**deal)], by=SYSTEM, at=NOON)
    assert Case.objects.get().severity == Severity.MEDIUM

    look_again(NOON + 13 * HOUR)

    case = Case.objects.get()
    assert (case.severity, case.exception_type) == (Severity.HIGH, "delivery_late")
    verbs = list(Entry.objects.filter(case=case).values_list("verb", flat=True))
    assert verbs == ["case.opened", "case.repeated", "case.severity_raised"]


def test_a_later_signal_tells_the_open_case():
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)

    accept([about("J-1", "checked_in", NOON + MINUTE)], by=SYSTEM, at=NOON + MINUTE)

    last = Entry.objects.latest("id")
    assert last.verb == "case.facts"
    assert last.data["said"] == ["technician checked in 2026-03-10 12:01 UTC"]


def test_open_cases_show_the_promise_value_and_tier_that_hold_and_settled_ones_those_that_held():
    def deal(word, at, **rest):
        promise = {"promised_at": (NOON + at).isoformat()}
        subject = {"reference": "D-1", **rest}
        return booked(type=f"deal.{word}", subject=subject, promise=promise, milestones={})

    accept([deal("sold", 5 * HOUR, value=900)], by=SYSTEM, at=NOON)
    case = Case.objects.get()
    settled = open_case(subject=case.subject)
    lifecycle.dismiss(Seen(settled.pk), by=SYSTEM, at=NOON, reason="twice")

    later = deal("promised", 90 * HOUR, value=800, tier="gold")
    later["occurred_at"] = (NOON + HOUR).isoformat()
    accept([later], by=SYSTEM, at=NOON + HOUR)

    case.refresh_from_db()
    assert (case.promised_at, case.value, case.tier) == (NOON + 90 * HOUR, 800, "gold")
    settled.refresh_from_db()
    assert (settled.promised_at, settled.value, settled.tier) == (NOON + 5 * HOUR, 900, "")


def test_facts_do_not_depend_on_the_order_of_arrival():
    story = [
        booked(external_id="1"),
        about("J-1", "rescheduled", NOON + 5 * MINUTE, external_id="2"),
        booked(
            external_id="3", type="appointment.updated", occurred_at=(NOON + 6 * MINUTE).isoformat(),
            milestones={"checked_in": {"expected_at": (NOON + 9 * HOUR).isoformat()}},
        ),
        about("J-1", "dispatched", NOON + 8 * HOUR, external_id="4"),
        booked(external_id="5", type="appointment.promised", milestones={},
               promise={"promised_at": (NOON + 9 * HOUR).isoformat()}),
    ]  # fmt: skip
    seen = set()
    for seed in range(6):
        random.Random(seed).shuffle(story)
        renamed = [
            signal
            | {
                "external_id": f"{seed}-{signal['external_id']}",
                "subject": {"reference": f"J-{seed}"},
            }
            for signal in story
        ]
        for signal in renamed:
            accept([signal], by=SYSTEM, at=NOON)
        subject = Subject.objects.get(reference=f"J-{seed}")
        steps = subject.milestones.order_by("name").values_list("name", "expected_at", "actual_at")
        seen.add((subject.promised_at, subject.opened_at, tuple(steps)))

    assert len(seen) == 1


def test_history_is_heard_as_of_its_own_moments():
    late = booked(occurred_at=(NOON - 10 * HOUR).isoformat())
    came = about("J-1", "checked_in", DUE + HOUR)

    accept([late, came], by=SYSTEM, at=DUE + 5 * HOUR, moment=lambda signal: signal.occurred_at)

    case = Case.objects.get()
    assert (case.opened_at, case.imported) == (DUE, True)


def test_nothing_goes_outside_for_history_and_it_sleeps_until_a_live_signal():
    PlaybookFactory()
    accept([booked()], by=SYSTEM, at=NOON, moment=lambda signal: signal.occurred_at)
    assert look_again(DUE + HOUR)[0] == 0

    accept([about("J-1", "updated", NOON + MINUTE)], by=SYSTEM, at=NOON + MINUTE)
    look_again(DUE)

    assert Case.objects.get().imported is False
    assert Delivery.objects.count() == 1


def order(number, word, at, **rest):
    return booked(
        type=f"order.{word}",
        occurred_at=at.isoformat(),
        subject={"reference": f"O-{number}"},
        milestones={},
        **rest,
    )


@pytest.fixture
def sleeping_orders(db):
    """Three orders known from history, their promise long over."""
    PlaybookFactory()
    promise = {"promised_at": (NOON - 10 * DAY).isoformat()}
    orders = [order(number, "placed", NOON - 30 * DAY, promise=promise) for number in range(3)]
    accept(orders, by=SYSTEM, at=NOON - 30 * DAY, moment=lambda signal: signal.occurred_at)


def test_history_wakes_to_what_its_first_live_signal_makes_of_it(sleeping_orders):
    on_time = [order(number, "delivered", NOON - 12 * DAY) for number in range(3)]

    accept(on_time, by=SYSTEM, at=NOON)

    assert not Case.objects.exists()
    assert not Delivery.objects.exists()


def test_history_that_is_still_late_when_it_wakes_is_late_now(sleeping_orders):
    accept([order(1, "shipped", NOON)], by=SYSTEM, at=NOON)

    case = Case.objects.get()
    assert (case.rule, case.opened_at, case.imported) == ("order.late", NOON, False)
    assert Delivery.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(django_assert_max_num_queries):
    def batch(size):
        return [
            booked(subject={"reference": f"J-{size}-{n}"}, type="appointment.no_show")
            for n in range(size)
        ]

    with django_assert_max_num_queries(35):
        accept(batch(3), by=SYSTEM, at=NOON)
    # More than ten are an event besides.
    with django_assert_max_num_queries(50):
        accept(batch(20), by=SYSTEM, at=NOON)
    with django_assert_max_num_queries(50):
        accept(batch(1000), by=SYSTEM, at=NOON + HOUR)


def test_a_look_costs_what_is_due_not_what_exists(django_assert_max_num_queries):
    for n in range(30):
        SubjectFactory(
            reference=f"quiet-{n}",
            next_look_at=datetime.max.replace(tzinfo=NOON.tzinfo) - timedelta(days=1),
        )
    accept([booked()], by=SYSTEM, at=NOON)

    with django_assert_max_num_queries(30):
        looked, _ = look_again(DUE)

    assert looked == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_posted_by_many_at_once_is_stored_once():
    SourceFactory()
    batch = [booked(subject={"reference": f"J-{n % 7}"}) for n in range(50)]
    failures = []

    def post(order):
        try:
            accept(random.Random(order).sample(batch, len(batch)), by=SYSTEM, at=NOON)
        except Exception as error:  # noqa: BLE001 - the thread must hand it over, whatever it is
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert (Signal.objects.count(), Subject.objects.count(), Milestone.objects.count()) == (
        50,
        7,
        14,
    )


@pytest.mark.django_db(transaction=True)
def test_a_signal_and_a_person_who_change_one_case_at_once_wait_for_each_other():
    SourceFactory()
    accept([about("J-1", "no_show", NOON)], by=SYSTEM, at=NOON)
    case = Case.objects.get()
    failures = []

    def post():
        try:
            accept([about("J-1", "rescheduled", NOON + MINUTE)], by=SYSTEM, at=NOON + MINUTE)
        except Exception as error:  # noqa: BLE001 - the thread must hand it over, whatever it is
            failures.append(error)
        finally:
            connection.close()

    posting = threading.Thread(target=post)
    with transaction.atomic():
        Case.objects.select_for_update().get()
        posting.start()
        wait_until_somebody_waits()
        lifecycle.acknowledge(Seen(case.pk), by=SYSTEM, at=NOON + MINUTE)
    posting.join()

    assert failures == []
    verbs = Entry.objects.filter(case=case).order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["case.opened", "case.acknowledged", "case.facts"]


def wait_until_somebody_waits():
    """Until another session of this database waits for a lock; a transaction sees one picture of them."""
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise TimeoutError("Nobody waited.")
