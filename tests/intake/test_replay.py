"""Real orders replayed as of each moment, against a computation that knows nothing of Flagstand."""

import csv
import gzip
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from psycopg.errors import AdminShutdown, DeadlockDetected, SerializationFailure

from exceptions_app.detection.watch import look_again
from exceptions_app.intake import replay as replaying
from exceptions_app.models import Case, Delivery, Signal, Subject
from exceptions_app.timeline.entries import verify
from tests.factories import NOON, PlaybookFactory, SubjectFactory, open_case

pytestmark = pytest.mark.django_db

ORDERS = Path(__file__).parents[3] / "shared/data/olist/orders_dev.csv.gz"
ZONE = ZoneInfo("America/Sao_Paulo")
CUT = datetime(2018, 3, 1, tzinfo=ZONE)
COLUMNS = ("order_id", "purchase", "approved", "ship_limit_max", "carrier", "delivered", "promise")
REST = ("status_at_cut", "seller_id", "category", "paid")
TRIFLE = 50
HEAD = ",".join((*COLUMNS, *REST)) + "\n"


def replay(path, **options):
    call_command("replay", str(path), mapping="olist-orders", until=CUT.isoformat(), **options)


def late_orders(rows):
    """Order → the instant from which its lateness is a case, if it had not ended by then.

    A trifle gets the whole next day, which is a working day where no calendar says otherwise.
    """
    late = {}
    for row in rows:
        promise = datetime.fromisoformat(row["promise"]).date()
        over = datetime.combine(promise, time(23, 59, 59), ZONE)
        if row["paid"] and float(row["paid"]) < TRIFLE:
            over = datetime.combine(promise + timedelta(days=2), time(), ZONE)
        ended = [row["delivered"]] if row["delivered"] else []
        if row["status_at_cut"] in ("canceled", "unavailable"):
            ended.append(
                max(row[name] for name in ("purchase", "approved", "carrier", "delivered"))
            )
        came = [datetime.fromisoformat(at).replace(tzinfo=ZONE) for at in ended]
        if over <= CUT and not any(at <= over for at in came):
            late[row["order_id"]] = over
    return late


@pytest.mark.skipif(
    not ORDERS.exists(),
    reason="../shared/data is not here; the replay of real orders is not checked",
)
def test_real_orders_open_cases_at_the_moments_that_a_plain_computation_finds(tmp_path):
    with gzip.open(ORDERS, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["purchase"] < "2017-07"]
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    PlaybookFactory()

    replay(path)

    opened = dict(Case.objects.filter(rule="order.late").values_list("reference", "opened_at"))
    assert opened == late_orders(rows)
    assert len(opened) > 50
    assert not Delivery.objects.exists()
    assert verify() == []
    replay(path)
    assert (Subject.objects.count(), Case.objects.count()) == (len(rows), len(opened))


def test_bad_rows_are_written_beside_their_reason_and_the_others_taken(tmp_path):
    path, errors = tmp_path / "orders.csv", tmp_path / "errors.csv"
    path.write_text(
        HEAD
        + "o-1,2018-01-01 10:00:00,,,,,2018-01-20,created,,,10\n"
        + "o-2,yesterday,,,,,2018-01-20,created,,,10\n"
        + ",2018-01-01 10:00:00,,,,,2018-01-20,created,,,10\n"
        + "o-4,2018-01-01 10:00:00,,,,,2018-01-20,created,,,much\n"
    )

    replay(path, errors=errors)

    assert Signal.objects.get().external_id == "o-1:order.placed"
    assert [line.split(",")[:2] for line in errors.read_text().splitlines()[1:]] == [
        ["3", "purchase"],
        ["4", "order_id"],
        ["5", "paid"],
    ]


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("a,b\n1,2\n", {}, "The file has no column"),
        (HEAD, {"until": "tomorrow"}, "--until takes an ISO time"),
        (HEAD, {"until": "2018-03-01T00:00:00"}, "needs a time zone"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_sentence(tmp_path, content, options, sentence):
    path = tmp_path / "orders.csv"
    path.write_text(content)

    with pytest.raises(CommandError, match=sentence):
        call_command("replay", str(path), mapping="olist-orders", **options)


ONE_LATE = HEAD + "o-1,2018-01-01 10:00:00,,,,,2018-01-20,created,,,10\n"


@pytest.fixture
def one_late(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ONE_LATE)
    return path


def collisions(monkeypatch, times, cause):
    """The first so many looks at subjects are given up by the database."""
    left: list[Exception] = [cause] * times
    paused: list[float] = []

    def look(*args, **kwargs):
        if left:
            raise OperationalError("deadlock detected") from left.pop()
        return look_again(*args, **kwargs)

    monkeypatch.setattr(replaying, "look_again", look)
    monkeypatch.setattr(replaying, "pause", paused.append)
    return paused


@pytest.mark.parametrize("cause", [DeadlockDetected(), SerializationFailure()])
def test_a_step_that_collided_with_other_work_is_tried_again(one_late, monkeypatch, cause):
    paused = collisions(monkeypatch, 2, cause)

    replay(one_late)

    assert paused == [0.1, 0.5]
    assert Case.objects.get().title == "Order o-1 is late"


@pytest.mark.parametrize(("times", "cause"), [(9, DeadlockDetected()), (1, AdminShutdown())])
def test_a_replay_that_cannot_go_on_says_that_it_will_when_run_again(
    one_late, monkeypatch, times, cause
):
    collisions(monkeypatch, times, cause)
    with pytest.raises(CommandError, match="Run the same command again, and it goes on"):
        replay(one_late)
    monkeypatch.undo()

    replay(one_late)

    assert Case.objects.get().reference == "o-1"


def test_only_cases_that_it_opened_are_counted(one_late, monkeypatch, capsys):
    def open_another(*args, **kwargs):
        open_case(at=NOON)
        return look_again(*args, **kwargs)

    monkeypatch.setattr(replaying, "look_again", open_another)
    replay(one_late)
    first = capsys.readouterr().out
    replay(one_late)

    assert "1 case opened" in first
    assert "0 cases opened" in capsys.readouterr().out


def test_history_of_another_site_is_not_looked_at(one_late):
    other = SubjectFactory(imported=True, next_look_at=NOON.replace(year=2018, month=1))

    replay(one_late)

    other.refresh_from_db()
    assert other.next_look_at is not None


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        replay(tmp_path / "nothing.csv")


def test_a_file_may_be_sent_live_and_once_however_often_it_is_sent(one_late, capsys):
    for _ in range(2):
        call_command("replay", str(one_late), mapping="olist", live=True)

    subject = Subject.objects.get()
    assert not subject.imported
    assert subject.last_signal_at is not None
    assert subject.last_signal_at.year >= 2026
    assert not Case.objects.get(rule="order.late").imported
    assert "1 stored, 0 there already" in capsys.readouterr().out


def test_a_signal_with_several_mistakes_is_one_that_was_refused():
    told = replaying.Bad.of(
        7, {"occurred_at": "Wrong.", "subject.site": "Unknown."}, {"occurred_at": "Day"}
    )

    assert told == replaying.Bad(7, "Day", "Wrong. subject.site: Unknown.")
