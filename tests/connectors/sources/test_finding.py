"""Which order a parcel belongs to, and which appointment a move: found, waited for, and in the end alone."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from connectors import inbound
from connectors.listening import taking
from connectors.models import HookCall
from exceptions_app.intake.accept import accept
from exceptions_app.models import Promise, Receipt, Signal, Source, Subject
from exceptions_app.people.access import SYSTEM
from tests.connectors.sources.conftest import sample, send, signed, take_in, tell
from tests.factories import HOUR, MINUTE, NOON, SiteFactory, SubjectFactory
from tests.intake.stories import about

PARCEL = "SAMPLE-c0ffee-1Z"


@pytest.fixture
def tracker(listening):
    return listening("easypost")


@pytest.fixture
def shop(listening):
    return listening("shopify")


def references():
    return sorted(Subject.objects.values_list("reference", flat=True))


def call_of(source):
    return HookCall.objects.filter(source=source).latest("pk")


def test_a_parcel_is_about_the_order_that_has_its_number(shop, tracker):
    tell(shop, "on_the_way")

    tell(tracker, "damaged")

    assert references() == ["SAMPLE-c0ffee"]
    assert "damaged" in Subject.objects.get().reports
    assert call_of(tracker).state == HookCall.State.DONE


def test_a_parcel_that_comes_first_waits_for_its_order(shop, tracker):
    answer = tell(tracker, "damaged")
    held = call_of(tracker)
    tell(shop, "on_the_way")

    take_in()

    assert (answer.status_code, held.state, held.parcel) == (202, HookCall.State.HELD, PARCEL)
    assert "It waits for an order" in held.outcome
    assert references() == ["SAMPLE-c0ffee"]
    assert "damaged" in Subject.objects.get().reports


def test_a_parcel_waits_for_an_order_that_has_several(tracker, at_noon):
    tell(tracker, "damaged")
    parcels = {"parcels": {PARCEL: {}, "1Z2": {}}, "source": tracker.slug}
    accept([about("O-9", "", NOON, type="order.updated") | parcels], by=SYSTEM, at=NOON)

    take_in()

    assert "damaged" in Subject.objects.get(reference="O-9").reports


def test_nobody_waits_longer_than_was_set(tracker, at_noon):
    tell(tracker, "damaged")
    take_in()
    before = references()
    at_noon.shift(HOUR + MINUTE)

    take_in()

    assert (before, references()) == ([], [PARCEL])


def test_nobody_waits_who_was_told_not_to(listening):
    tell(listening("easypost", settings={"secret": "s", "wait": 0}), "damaged")

    assert references() == [PARCEL]


def test_a_number_that_nothing_can_hold_keeps_nobody_else_waiting(tracker, shop, at_noon):
    one = sample("easypost", "damaged")
    one.body["result"]["tracking_code"] = "1" * 130
    send(tracker, signed(tracker, one))
    take_in()
    tell(shop, "placed")
    at_noon.shift(HOUR + MINUTE)

    take_in()

    assert call_of(shop).state == HookCall.State.DONE
    assert "subject.reference: Must be at most 80 characters." in call_of(tracker).outcome


def test_an_order_that_comes_later_still_is_told_everything_by_the_next_call(
    listening, shop, at_noon
):
    tracker = listening("easypost", settings={"secret": "s", "wait": 0})
    tell(tracker, "first_scan")
    tell(shop, "on_the_way")

    tell(tracker, "in_transit")

    order = Subject.objects.get(reference="SAMPLE-c0ffee")
    assert order.reports["scanned"]["times"] == 3  # twice by the tracker, once by the shop


def test_what_a_carrier_reckons_moves_no_promise(listening, shop):
    tracker = listening("easypost", settings={"secret": "s", "wait": 0})
    tell(shop, "on_the_way")
    order = Subject.objects.get(reference="SAMPLE-c0ffee")
    promised = Promise.objects.create(subject=order, promised_at=NOON, said_at=NOON - 9 * HOUR)

    tell(tracker, "in_transit")

    order.refresh_from_db()
    delivered = order.milestones.get(name="delivered")
    assert (order.promised_at, list(order.promises.all())) == (NOON, [promised])
    assert delivered.expected_at
    assert delivered.expected_at > NOON


def test_orders_that_share_a_parcel_are_all_told(tracker):
    for reference in ("1", "2"):
        SubjectFactory(
            site=tracker.site, reference=reference, attributes={"tracking_number": PARCEL}
        )

    tell(tracker, "damaged")

    assert all("damaged" in one.reports for one in Subject.objects.all())
    assert Signal.objects.filter(type="order.damaged").count() == 2


def test_another_site_s_order_is_not_told(tracker):
    there = SiteFactory(slug="south")
    SubjectFactory(site=there, reference="1", attributes={"tracking_number": PARCEL})

    tell(tracker, "damaged")

    assert call_of(tracker).state == HookCall.State.HELD
    assert not Signal.objects.exists()


def test_a_return_s_parcel_is_no_order_s(tracker):
    SubjectFactory(
        site=tracker.site, kind="return", reference="1", attributes={"tracking_number": PARCEL}
    )

    tell(tracker, "damaged")

    assert call_of(tracker).state == HookCall.State.HELD


def test_the_same_scan_is_told_once_however_often_the_tracker_repeats_it(shop, tracker):
    tell(shop, "placed")
    tell(shop, "on_the_way")
    for name in ("first_scan", "in_transit", "delivered"):
        tell(tracker, name)

    departed = Signal.objects.filter(type="order.scanned", body__note="Departed facility")
    assert departed.count() == 1
    assert "known already" in call_of(tracker).outcome


def test_finding_orders_takes_one_query_however_many_scans_there_are(shop, tracker):
    tell(shop, "on_the_way")
    call = HookCall(source=tracker, body=sample("easypost", "delivered").raw.decode())
    said = list(taking.read(call, tracker))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = taking.known(said * 20, tracker)

    assert len(queries) == 1
    assert len(found) == 1


def test_orders_are_found_by_an_index(db):
    site = SiteFactory()
    Subject.objects.bulk_create(
        SubjectFactory.build(
            site=site, reference=f"O-{number}", attributes={"tracking_number": f"{number}Z"}
        )
        for number in range(500)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE exceptions_app_subject")
        cursor.execute(
            "EXPLAIN SELECT id FROM exceptions_app_subject"
            " WHERE (attributes ->> 'tracking_number') IN ('1Z', '2Z') AND kind = 'order'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "subject_parcel" in plan


# --- Appointments -----------------------------------------------------------------------------


def test_a_moved_appointment_keeps_its_reference(listening):
    calendly = listening("calendly")

    for name in ("booked", "moved", "moved_away", "moved_again", "cancelled"):
        tell(calendly, name)

    (booked,) = Subject.objects.all()
    assert booked.reference == "SAMPLE-c0ffee-1"
    assert booked.reports["rescheduled"]["times"] == 2
    assert "cancelled_by_customer" in booked.reports


def test_a_move_that_overtakes_its_booking_waits_for_it(listening):
    calendly = listening("calendly")
    tell(calendly, "moved_again")
    tell(calendly, "moved")
    tell(calendly, "booked")

    take_in()
    take_in()

    assert references() == ["SAMPLE-c0ffee-1"]
    assert Subject.objects.get().reports["rescheduled"]["times"] == 2


def test_a_move_of_a_booking_that_we_never_heard_of_stands_alone_in_the_end(listening, at_noon):
    calendly = listening("calendly")
    tell(calendly, "moved")
    at_noon.shift(timedelta(minutes=11))

    take_in()

    assert references() == ["SAMPLE-c0ffee-2"]


# --- Nothing is lost --------------------------------------------------------------------------


def test_what_cannot_be_taken_in_at_once_is_left_to_a_worker(shop, monkeypatch):
    def away(*_, **__):
        raise OperationalError("The database is away.")

    with monkeypatch.context() as patched:
        patched.setattr(taking, "accept", away)
        answer = tell(shop, "placed")
    kept = call_of(shop)

    take_in()

    assert (answer.status_code, kept.state) == (202, HookCall.State.WAITING)
    assert call_of(shop).state == HookCall.State.DONE
    assert references() == ["SAMPLE-c0ffee"]


def test_what_is_long_is_for_a_worker(shop):
    one = sample("shopify", "placed")
    one.body["note"] = "x" * 150_000

    answer = send(shop, signed(shop, one))
    kept = call_of(shop)
    take_in()

    assert (answer.status_code, kept.state) == (202, HookCall.State.WAITING)
    assert call_of(shop).state == HookCall.State.DONE


def test_what_is_far_too_long_is_refused_before_it_is_read(shop):
    one = sample("shopify", "placed")
    one.body["note"] = "x" * 1_100_000

    assert send(shop, signed(shop, one)).status_code == 413
    assert not HookCall.objects.exists()


def test_a_call_says_what_became_of_it_and_has_its_receipt(shop):
    tell(shop, "placed")

    kept = call_of(shop)

    assert kept.outcome == "3 stored."
    assert kept.receipt == Receipt.objects.get()
    assert kept.receipt.actor_name == "Shopify"


def many(listening, count):
    source, one = listening("standardwebhooks"), sample("standardwebhooks", "batch")
    first = one.body["data"][0]
    one.body["data"] = [{**first, "external_id": f"x-{number}"} for number in range(count)]
    send(source, signed(source, one))
    take_in()
    return call_of(source)


def test_every_signal_of_a_call_is_taken(listening, monkeypatch):
    monkeypatch.setattr(taking, "MOST", 50)

    kept = many(listening, 120)

    assert Signal.objects.count() == 120
    assert (kept.state, kept.outcome) == (HookCall.State.DONE, "120 stored.")


def test_a_call_that_tells_too_much_says_so_and_nothing_of_it_is_taken(listening, monkeypatch):
    monkeypatch.setattr(taking, "MOST_TOLD", 100)

    kept = many(listening, 120)

    assert kept.state == HookCall.State.CONFLICT
    assert kept.outcome == "It tells more than 100 things; nothing was taken. Send fewer at once."
    assert not Signal.objects.exists()


def test_one_that_cannot_be_read_does_not_keep_others_waiting(shop, listening):
    one = sample("shopify", "placed")
    one.body["fulfillments"] = 7
    send(shop, signed(shop, one))

    kept = call_of(shop)

    assert kept.state == HookCall.State.CONFLICT
    assert "could not be read" in kept.outcome


def test_refused_calls_are_forgotten_after_a_day_and_others_after_a_month(shop, at_noon):
    call = signed(shop, sample("shopify", "placed"))
    send(shop, call, call.raw + b" ")
    send(shop, call)
    at_noon.shift(timedelta(days=1, minutes=1))
    inbound.forget()
    after_a_day = list(HookCall.objects.values_list("state", flat=True))
    at_noon.shift(timedelta(days=30))

    inbound.forget()

    assert after_a_day == ["done"]
    assert not HookCall.objects.exists()


def test_what_could_not_be_taken_is_forgotten_after_a_month(shop, at_noon):
    Source.objects.update(site=None)
    tell(shop, "placed")
    assert call_of(shop).state == HookCall.State.CONFLICT

    at_noon.shift(timedelta(days=31))
    inbound.forget()

    assert not HookCall.objects.exists()


@pytest.mark.parametrize("token", ["", "guessed", "x" * 300])
def test_nothing_is_at_an_address_that_somebody_guesses(client, db, token):
    assert client.post(f"/in/{token}/", b"{}", "application/json").status_code == 404


def test_there_is_nothing_to_get(shop, client):
    assert client.get(f"/in/{shop.token}/").status_code == 405


def test_a_call_takes_the_same_queries_however_much_it_tells(shop, tracker):
    tell(shop, "on_the_way")
    tell(tracker, "first_scan")
    counts = []  # the first call has more to find out
    for scans in (2, 3, 60):
        one = sample("easypost", "in_transit", mark=f"{scans:x}")
        one.body["result"]["tracking_code"] = PARCEL
        one.body["result"]["tracking_details"] = [
            {"status": "in_transit", "datetime": f"2026-03-09T12:{number:02}:00Z", "message": "Hub"}
            for number in range(scans)
        ]
        call = signed(tracker, one)
        with CaptureQueriesContext(connection) as queries:
            assert send(tracker, call).status_code == 202
        counts.append(len(queries))

    assert counts[1] == counts[2]
    assert Signal.objects.filter(type="order.scanned").count() > 60
