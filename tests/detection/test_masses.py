"""Many at once: one event that absorbs its cases, is told of instead of them, and settles them (L5)."""

import threading

import pytest
from django.db import connection

from exceptions_app.cases import lifecycle, triage
from exceptions_app.cases.lifecycle import Seen
from exceptions_app.detection import tending
from exceptions_app.errors import NotAllowedNow
from exceptions_app.intake.accept import accept
from exceptions_app.models import Case, Clock, Delivery, MassLimit, Source
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import ExceptionType, Operation, Severity, Shared, Status
from tests.factories import (
    HOUR,
    MINUTE,
    NOON,
    ConnectionFactory,
    PlaybookFactory,
    SourceFactory,
    TargetFactory,
    TeamFactory,
)
from tests.intake.stories import booked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db):
    source = SourceFactory(slug="shop", name="Shop")
    TeamFactory(slug="support", site=source.site)
    return source


def late(numbers, at=NOON, carrier="DHL", **more):
    """Orders that were promised for a minute ago."""
    return [
        booked(
            source="shop",
            type="order.promised",
            occurred_at=at.isoformat(),
            subject={"reference": f"O-{n}", "attributes": {"carrier": carrier} if carrier else {}},
            milestones={},
            promise={"promised_at": (at - MINUTE).isoformat()},
            **more,
        )
        for n in numbers
    ]


def all_late(numbers, at=NOON, **more):
    return accept(late(numbers, at, **more), by=SYSTEM, at=at)


def event():
    return Case.objects.get(exception_type=ExceptionType.MASS_EVENT)


def events():
    return Case.objects.filter(exception_type=ExceptionType.MASS_EVENT)


def children():
    return Case.objects.exclude(exception_type=ExceptionType.MASS_EVENT)


def test_ten_are_ten_cases():
    all_late(range(10))

    assert (events().count(), children().filter(parent=None).count()) == (0, 10)


def test_the_eleventh_makes_one_event_of_them():
    all_late(range(10))

    receipt = all_late([10], at=NOON + 5 * MINUTE)

    parent = event()
    assert children().filter(parent=parent).count() == 11
    assert parent.title.endswith("many at once: carrier DHL")
    assert parent.evidence["cases"] == 11
    assert receipt.items[0]["cases"][0].startswith("absorbed EX-")
    absorbed = children().order_by("pk").first()
    assert absorbed.entries.get(verb="case.absorbed").data["parent"] == str(parent)


def test_many_in_one_post_are_one_event_from_the_beginning():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))

    all_late(range(40))

    assert children().filter(parent=event()).count() == 40
    assert Delivery.objects.get().case == event()


def test_later_ones_are_absorbed_and_told_to_nobody():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    all_late(range(10))
    all_late([10], at=NOON + MINUTE)
    before = Delivery.objects.count()

    all_late(range(20, 30), at=NOON + 2 * HOUR)

    assert before == 10 + 1
    assert Delivery.objects.count() == before
    assert children().filter(parent=event()).count() == 21


def test_an_event_that_nothing_joined_for_a_day_takes_in_no_more():
    all_late(range(11))
    all_late([11], at=NOON + 23 * HOUR)
    all_late([12], at=NOON + 48 * HOUR)
    tending.tend(NOON + 48 * HOUR + MINUTE)

    assert children().filter(parent=event()).count() == 12
    assert children().get(parent=None).reference == "O-12"


def test_one_of_many_has_clocks_of_its_own():
    TargetFactory()

    all_late(range(11))

    assert Clock.objects.filter(case__in=children()).count() == 11
    assert not children().filter(due_at=None).exists()


def test_what_lies_too_far_apart_is_no_event():
    all_late(range(10))
    all_late([10], at=NOON + 31 * MINUTE)

    assert not events().exists()


@pytest.mark.parametrize(
    ("carriers", "title"),
    [
        (["DHL", "GLS"], "many at once: source Shop"),
        ([None], "many at once: source Shop"),
    ],
)
def test_the_closest_that_they_share_names_the_event(carriers, title):
    for n in range(12):
        all_late([n], carrier=carriers[n % len(carriers)])

    assert event().title.endswith(title)


def test_another_site_another_event():
    SourceFactory(slug="south-shop", site__slug="south")
    all_late(range(8))
    accept([one | {"source": "south-shop"} for one in late(range(8))], by=SYSTEM, at=NOON)

    assert not events().exists()


def test_staff_set_from_how_many_on(shop):
    MassLimit.objects.create(shared=Shared.CARRIER, more_than=2, minutes=5)
    for other in (Shared.SOURCE, Shared.SITE):
        MassLimit.objects.create(shared=other, enabled=False)

    all_late(range(3))
    all_late(range(100, 120), carrier=None)

    assert children().filter(parent=event()).count() == 3
    assert children().filter(parent=None).count() == 20


def test_an_event_is_as_bad_as_the_worst_in_it():
    all_late(range(11))
    before = event().severity
    Case.objects.filter(pk=event().pk).update(severity=Severity.LOW)

    all_late([50], at=NOON + MINUTE)

    assert event().severity == before
    assert event().entries.filter(verb="case.severity_raised").exists()


def test_resolving_it_resolves_those_without_trouble_of_their_own():
    all_late(range(12))
    # One is delivered after all: nothing is found of it any more.
    fine, *_ = children().order_by("pk")
    accept([at_the_door(fine.reference)], by=SYSTEM, at=NOON + HOUR)
    lifecycle.resolve(Seen(event().pk), by=SYSTEM, at=NOON + HOUR, cause="Depot burnt down")

    touched = tending.tend(NOON + HOUR)

    fine.refresh_from_db()
    assert touched == 12
    still = tending.still_found(list(children().select_related("subject")), NOON + HOUR)
    assert fine.key not in still
    assert (fine.status, fine.cause, fine.parent) == (Status.RESOLVED, "Depot burnt down", event())
    others = children().exclude(pk=fine.pk)
    assert set(others.values_list("status", "parent")) == {(Status.NEW, None)}
    assert tending.tend(NOON + HOUR) == 0


def at_the_door(reference):
    return booked(
        source="shop",
        type="order.delivered",
        occurred_at=(NOON + HOUR).isoformat(),
        subject={"reference": reference},
        milestones={},
    )


def test_dismissing_it_leaves_each_to_stand_alone():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    all_late(range(12))
    lifecycle.dismiss(Seen(event().pk), by=SYSTEM, at=NOON, reason="No event")

    tending.tend(NOON + MINUTE)

    assert children().filter(parent=None, status=Status.NEW).count() == 12
    # Nobody outside had heard of them.
    told = Delivery.objects.filter(operation=Operation.CREATE).exclude(case=event())
    assert told.count() == 12


def test_one_that_is_split_off_is_told_of_by_itself_and_stays_out():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    all_late(range(12))
    child = children().order_by("pk").first()

    triage.split(Seen(child.pk), by=SYSTEM, at=NOON + MINUTE)
    tending.tend(NOON + 2 * MINUTE)

    child.refresh_from_db()
    assert child.parent is None
    assert Delivery.objects.filter(case=child, operation=Operation.CREATE).count() == 1
    with pytest.raises(NotAllowedNow):
        triage.split(Seen(child.pk), by=SYSTEM, at=NOON + MINUTE)


def test_the_record_of_one_of_many_is_closed_but_not_kept_up_to_date():
    PlaybookFactory(connection=ConnectionFactory(name="Zendesk"))
    all_late(range(11))
    all_late([11], at=NOON + MINUTE)
    Delivery.objects.all().delete()
    MassLimit.objects.create(shared=Shared.CARRIER, enabled=False)
    told = children().order_by("pk").first()
    Delivery.objects.create(
        position=1, case=told, connection=ConnectionFactory(), operation="create", key="k",
        state="sent", owed_at=NOON, due_at=NOON,
    )  # fmt: skip

    lifecycle.acknowledge(Seen(told.pk), by=SYSTEM, at=NOON)
    lifecycle.resolve(Seen(told.pk), by=SYSTEM, at=NOON, cause="x")

    operations = Delivery.objects.exclude(key="k").values_list("operation", flat=True)
    assert list(operations) == [Operation.CLOSE]


def test_a_straggler_is_fetched_in_by_the_clock():
    all_late(range(11))
    straggler = children().order_by("pk").first()
    Case.objects.filter(pk=straggler.pk).update(parent=None)

    assert tending.tend(NOON + MINUTE) == 1
    straggler.refresh_from_db()
    assert straggler.parent == event()


def test_history_makes_no_events():
    accept(late(range(20)), by=SYSTEM, at=NOON, moment=lambda one: one.occurred_at)

    assert children().filter(imported=True).count() == 20
    assert not events().exists()


def test_one_that_is_in_quarantine_makes_no_events(shop):
    Source.objects.update(quarantined_at=NOON)

    all_late(range(20))

    assert not events().exists()


def test_the_statements_do_not_grow_with_the_event(django_assert_max_num_queries):
    with django_assert_max_num_queries(52):
        all_late(range(12))
    with django_assert_max_num_queries(52):
        all_late(range(1000, 1500), at=NOON + MINUTE)


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_make_one_event(shop):
    barrier = threading.Barrier(2)
    failures = []

    def post(numbers):
        try:
            barrier.wait()
            all_late(numbers)
        except Exception as error:  # noqa: BLE001 - the thread must hand it over, whatever it is
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=(range(start, start + 8),)) for start in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert children().filter(parent=event()).count() == 16
