"""Real orders replayed as of each moment, against a computation that knows nothing of Flagstand."""

import csv
import gzip
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from exceptions_app.models import Case, Delivery, Signal, Subject
from exceptions_app.timeline.entries import verify
from tests.factories import PlaybookFactory

pytestmark = pytest.mark.django_db

ORDERS = Path(__file__).parents[3] / "shared/data/olist/orders_dev.csv.gz"
ZONE = ZoneInfo("America/Sao_Paulo")
CUT = datetime(2018, 3, 1, tzinfo=ZONE)
COLUMNS = ("order_id", "purchase", "approved", "ship_limit_max", "carrier", "delivered", "promise")
REST = ("status_at_cut", "seller_id", "category", "paid")
HEAD = ",".join((*COLUMNS, *REST)) + "\n"


def replay(path, **options):
    call_command("replay", str(path), mapping="olist-orders", until=CUT.isoformat(), **options)


def late_orders(rows):
    """Order → the instant from which it is late, for those not ended by then and late before the cut."""
    late = {}
    for row in rows:
        over = datetime.combine(
            datetime.fromisoformat(row["promise"]).date(), time(23, 59, 59), ZONE
        )
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
        ["5", "subject.value"],
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


def test_a_missing_file_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        replay(tmp_path / "nothing.csv")
