"""What does not matter enough for a case is watched: shown, weighed again, a case when it matters."""

import pytest

from exceptions_app.detection.watch import look_again
from exceptions_app.models import Case, Subject, WatchItem
from tests.detection.telling import Desk, on, says
from tests.factories import HOUR, NOON, UserFactory

pytestmark = pytest.mark.django_db
DAY = 24 * HOUR


@pytest.fixture
def desk(db):
    return Desk()


def trifle(number=1, **rest):
    return says(
        -DAY, "shop", "order.placed", f"O-{number}",
        subject={"value": 20, "tier": rest.pop("tier", "")}, promise={"promised_at": on(-HOUR)}, **rest,
    )  # fmt: skip


def test_it_is_shown_with_what_its_score_is_made_of(desk):
    desk.post([trifle().signal()], NOON)
    subject = Subject.objects.get()

    told = desk.client.get(f"/api/v1/subjects/{subject.pk}/", headers=desk.signed).json()

    (watched,) = told["watched"]
    assert (watched["rule"], watched["severity"], watched["score"]) == ("order.late", "low", 5)
    assert watched["parts"] == {"severity": 35, "settles": -30}
    assert not Case.objects.exists()


def test_a_page_shows_it_to_people(desk, client):
    desk.post([trifle().signal()], NOON)
    client.force_login(UserFactory(is_superuser=True, role="administrator"))

    page = client.get(f"/subjects/{Subject.objects.get().pk}/").content.decode()

    assert "Order O-1 is late" in page
    assert "May yet settle by itself" in page


def test_it_is_a_case_at_once_when_a_signal_makes_it_matter(desk):
    desk.post([trifle().signal()], NOON)

    desk.post(
        [says(HOUR, "shop", "order.updated", "O-1", subject={"tier": "gold"}).signal()], NOON + HOUR
    )

    assert desk.cases() == {"order.late": "high"}
    assert desk.watched() == ()
    assert WatchItem.objects.get().ended_at == NOON + HOUR


def test_it_is_over_when_what_it_waited_for_comes(desk):
    desk.post([trifle().signal()], NOON)

    desk.post([says(HOUR, "shop", "order.delivered", "O-1").signal()], NOON + HOUR)

    assert desk.watched() == ()
    assert Subject.objects.get().next_look_at is None


def test_what_the_same_post_takes_back_is_not_watched(desk):
    came = says(-2 * HOUR, "shop", "order.delivered", "O-1").signal()

    desk.post([trifle().signal(), came], NOON)

    assert not WatchItem.objects.exists()
    assert Subject.objects.get().next_look_at is None


def test_its_score_is_as_of_the_last_look(desk):
    desk.post([trifle().signal()], NOON)
    Subject.objects.update(next_look_at=NOON + DAY - HOUR)

    look_again(NOON + DAY - HOUR)

    item = WatchItem.objects.get()
    assert (item.score, item.seen_at) == (8, NOON + DAY - HOUR)


@pytest.mark.parametrize("kind", ["trifles", "visits"])
def test_ten_and_a_thousand_signals_take_as_many_statements(
    desk, kind, django_assert_max_num_queries
):
    def batch(size):
        if kind == "trifles":
            return [trifle(f"{size}-{n}").signal() for n in range(size)]
        return [visit(f"{size}-{n}", n).signal() for n in range(size)]

    desk.post(batch(10), NOON)
    for size in (11, 1000):
        with django_assert_max_num_queries(60):
            desk.post(batch(size), NOON)


def visit(number, n):
    """Every second one of a technician runs over, and the other one has to wait."""
    start = on(-3 * HOUR + n % 2 * 4 * HOUR)
    steps = {"checked_in": {"expected_at": start}, "finished": {"expected_at": on(-HOUR)}}
    if n % 2 == 0:
        steps["checked_in"]["actual_at"] = start
    known = {"attributes": {"technician": f"Technician {n // 2}"}}
    return says(-DAY, "scheduler", "appointment.booked", number, subject=known, milestones=steps)


def test_a_look_at_ten_and_five_hundred_takes_as_many_statements(
    desk, django_assert_max_num_queries
):
    for size in (10, 500):
        desk.post([trifle(f"{size}-{n}").signal() for n in range(size)], NOON)
        Subject.objects.update(next_look_at=NOON)

        with django_assert_max_num_queries(30):
            assert look_again(NOON)[0] >= min(size, 500)
