"""Mapping files: what a row becomes, what a document refuses, and what the files that come along give."""

import csv
import gzip
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.errors import NotFound, Refused
from exceptions_app.intake import mappings
from exceptions_app.intake.documents import compiled
from exceptions_app.intake.shape import NewSignal, parse
from exceptions_app.models import SavedMapping
from tests.factories import SavedMappingFactory

SHARED = Path(__file__).parents[3] / "shared/data"
ORDERS = SHARED / "olist/orders_dev.csv.gz"
FILES = {
    "olist": ORDERS,
    "incidents": SHARED / "incidents/incident_events_dev.csv.gz",
    "appointments": SHARED / "appointments/appointments_dev.csv.gz",
}
ZONE = ZoneInfo("America/Sao_Paulo")
COLUMNS = (
    "order_id", "purchase", "approved", "ship_limit_max", "carrier", "delivered", "promise",
    "status_at_cut", "seller_id", "category", "paid",
)  # fmt: skip
TEN, NEXT = "2018-01-05 10:00:00", "2018-01-08 09:00:00"
INVENTED = [
    dict(zip(COLUMNS, cells, strict=True))
    for cells in (
        (
            "o-1234567890",
            TEN,
            TEN,
            NEXT,
            NEXT,
            NEXT,
            NEXT,
            "delivered",
            "s-12345678901",
            "toy",
            "9",
        ),
        ("o-2", TEN, "", "", "", "", "2018-01-26", "canceled", "", "", ""),
        # The clocks go forward that night.
        (
            "o-3",
            "2017-10-14 23:30:00",
            "2017-10-15 00:30:00",
            "",
            "",
            "",
            "",
            "unavailable",
            "s",
            "",
            "",
        ),
        ("o-4", TEN, "", "", "", NEXT, "2018-01-30", "shipped", "s-1", "", "5"),
    )
]


def plainly(row):
    """What an order's row means, computed without any mapping."""

    def at(column):
        value = row.get(column)
        return datetime.fromisoformat(value).replace(tzinfo=ZONE).astimezone(UTC) if value else None

    def known(part):
        return {name: value for name, value in part.items() if value not in (None, "", {})}

    steps = {"placed": at("purchase"), "paid": at("approved"), "shipped": at("carrier")}
    steps |= {"delivered": at("delivered")}
    ended = {"canceled": "cancelled", "unavailable": "unavailable"}.get(row["status_at_cut"])
    if ended:
        steps[ended] = max(filter(None, steps.values())) + timedelta(seconds=1)
    about = {
        "label": f"Order {row['order_id'][:8]}",
        "value": row["paid"],
        "attributes": known({"seller": row["seller_id"][:12], "category": row["category"]}),
    }
    found = []
    for word, moment in steps.items():
        if moment:
            carried = known(about) if word == "placed" else {}
            found.append((f"order.{word}", moment.isoformat(), carried))
    promise = (
        row["promise"]
        and datetime.combine(datetime.fromisoformat(row["promise"]).date(), time(23, 59, 59), ZONE)
        .astimezone(UTC)
        .isoformat()
    )
    limit = at("ship_limit_max")
    return found, promise or None, limit.isoformat() if limit else None


def by_mapping(row):
    mapping = mappings.find("olist")
    made = list(mapping.signals(mapping.reader(row)))
    assert [parse(one) for one in made if not isinstance(parse(one), NewSignal)] == []
    found = []
    for one in made:
        assert one["source"] == "olist"
        assert one["external_id"] == f"{row['order_id']}:{one['type']}"
        about = {name: part for name, part in one["subject"].items() if name != "reference"}
        if attributes := about.get("attributes"):
            kept = {name: attributes[name] for name in ("seller", "category") if name in attributes}
            about["attributes"] = kept
        found.append((one["type"], one["occurred_at"], {k: v for k, v in about.items() if v}))
    placed = made[0]
    limit = placed.get("milestones", {}).get("shipped", {}).get("expected_at")
    return found, placed.get("promise", {}).get("promised_at"), limit


@pytest.mark.parametrize("row", INVENTED, ids=lambda row: row["order_id"])
def test_an_order_becomes_what_a_plain_computation_makes_of_it(row):
    assert by_mapping(row) == plainly(row)


@pytest.mark.skipif(not ORDERS.exists(), reason="../shared/data is not here")
def test_real_orders_become_what_a_plain_computation_makes_of_them():
    with gzip.open(ORDERS, "rt", encoding="utf-8") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % 10 == 0]

    assert [row["order_id"] for row in rows if by_mapping(row) != plainly(row)] == []


@pytest.mark.skipif(not ORDERS.exists(), reason="../shared/data is not here")
@pytest.mark.parametrize("name", FILES)
def test_every_row_of_a_known_file_becomes_signals_that_the_api_takes(name):
    mapping = mappings.find(name)
    with gzip.open(FILES[name], "rt", encoding="utf-8") as file:
        rows = [row for number, row in enumerate(csv.DictReader(file)) if number % 40 == 0]

    made = [one for row in rows for one in mapping.signals(mapping.reader(row))]

    assert [found for one in made if not isinstance(found := parse(one), NewSignal)] == []
    assert len(made) >= len(rows)
    assert {mapping.missed(mapping.reader(row)) for row in rows} >= {True, False}


def incident(**changes):
    row = {
        "number": "7",
        "incident_state": "Active",
        "opened_at": "2016-02-29 14:00",
        "sys_updated_at": "2016-02-29 15:00",
        "priority": "3",
        "made_sla": "True",
        "resolved_at": "2016-03-20 10:00",
        "closed_at": "2016-03-25 10:00",
        "resolved_by": "149",
        "row": "1",
    }
    mapping = mappings.find("incidents")
    return mapping, mapping.reader(row | changes)


def test_an_incident_never_tells_what_its_final_columns_hold():
    mapping, read = incident()

    (made,) = mapping.signals(read)

    assert made["type"] == "request.updated"
    assert made["occurred_at"] == "2016-02-29T15:00:00+00:00"
    assert not {"2016-03-20", "2016-03-25", "149"} & set(str(made).replace("T", "'").split("'"))
    assert not mapping.columns & {"resolved_at", "closed_at", "resolved_by", "closed_code"}
    assert mapping.missed(read) is None


def test_an_incident_is_promised_in_the_working_hours_of_its_priority():
    mapping, read = incident()

    (made,) = mapping.signals(read)

    # 62 hours at nine a day from Monday 14:00 on: six days, then eight hours of the seventh.
    assert made["promise"]["promised_at"] == "2016-03-08T22:00:00+00:00"
    (urgent,) = mapping.signals(incident(priority="1")[1])
    assert urgent["promise"]["promised_at"] == "2016-02-29T23:00:00+00:00", "nine hours"


def test_only_the_closing_row_of_an_incident_tells_its_outcome():
    mapping, closed = incident(incident_state="Closed", made_sla="False")

    assert mapping.missed(closed) is True
    assert next(mapping.signals(closed))["type"] == "request.closed"


@pytest.mark.parametrize(
    ("no_show", "word", "missed"), [("0", "checked_in", False), ("1", "no_show", True)]
)
def test_an_appointment_is_decided_when_its_day_ends(no_show, word, missed):
    mapping = mappings.find("appointments")
    row = {"appointment": "5", "scheduled": "2016-04-29 16:00:00", "day": "2016-04-29", "sms": "1"}
    read = mapping.reader(row | {"no_show": no_show})

    booked, ended = mapping.signals(read)

    assert booked["occurred_at"] == "2016-04-29T19:00:00+00:00"
    assert booked["promise"]["promised_at"] == "2016-04-30T02:59:59+00:00"
    assert (ended["type"], mapping.missed(read)) == (f"appointment.{word}", missed)
    assert ended["occurred_at"] >= booked["promise"]["promised_at"]


def test_an_alias_and_a_name_are_the_same_mapping():
    assert mappings.find("olist") is mappings.find("olist-orders")


@pytest.mark.django_db
def test_a_mapping_is_found_in_a_file_of_yours(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'source = "s"\nreference = "n"\n[[signals]]\ntype = "order.paid"\noccurred_at = "at"\n'
    )

    found = mappings.find(str(path))

    assert (found.name, found.source, found.kind) == ("mine", "s", "order")
    with pytest.raises(NotFound, match="There is no file"):
        mappings.find("nowhere.json")


@pytest.mark.django_db
def test_a_saved_mapping_is_found_with_its_source_and_zone():
    SavedMappingFactory(slug="ours", kind="csv", zone="Asia/Tokyo", body=DOCUMENT_TEXT)

    found = mappings.find("ours")

    assert (found.source, found.site, found.zone) == ("scheduler", "north", "Asia/Tokyo")
    assert SavedMapping.objects.count() == 1
    with pytest.raises(NotFound, match="There is no mapping “theirs”"):
        mappings.find("theirs")


DOCUMENT_TEXT = '{"reference": "n", "signals": [{"type": "order.paid", "occurred_at": "at"}]}'


def made(row, around=None, **signal):
    """The one signal of a row by a small document."""
    document = {
        "source": "s",
        "reference": "n",
        "zone": "Europe/Berlin",
        "signals": [{"type": "order.placed", "occurred_at": "at", **signal}],
    }
    mapping = compiled(document | (around or {}), "test")
    (found,) = mapping.signals(mapping.reader({"n": "1", "at": "2026-01-05 10:00", **row}))
    return found


@pytest.mark.parametrize(
    ("value", "around", "expected"),
    [
        ("2026-01-05 10:00", {}, "2026-01-05T09:00:00+00:00"),
        ("2026-01-05T10:00:00-05:00", {}, "2026-01-05T15:00:00+00:00"),
        ("05.01.2026 10:00", {"time_format": "%d.%m.%Y %H:%M"}, "2026-01-05T09:00:00+00:00"),
        ("01/05/2026", {"time_format": ["%d.%m.%Y", "%m/%d/%Y"]}, "2026-01-04T23:00:00+00:00"),
        ("1767603600", {"time_format": "unix"}, "2026-01-05T09:00:00+00:00"),
    ],
)
def test_a_time_is_read_as_its_system_writes_it(value, around, expected):
    assert made({"at": value}, around)["occurred_at"] == expected


def test_numbers_and_yes_and_no_are_read_as_people_write_them():
    about = {"value": "v", "attributes": {"items": "i", "tracked": "t"}}
    found = made({"v": "1.234,50", "i": "3,0", "t": "Ja"}, {"decimal": ","}, subject=about)

    assert found["subject"]["value"] == "1234.50"
    assert found["subject"]["attributes"] == {"items": 3, "tracked": True}


@pytest.mark.parametrize(
    ("row", "about", "column"),
    [
        ({"at": "soon"}, {}, "at"),
        ({"n": ""}, {}, "n"),
        ({"i": "3.5"}, {"attributes": {"items": "i"}}, "i"),
        ({"i": "many"}, {"attributes": {"items": "i"}}, "i"),
        ({"i": "1e9999"}, {"attributes": {"items": "i"}}, "i"),
        ({"t": "maybe"}, {"attributes": {"tracked": "t"}}, "t"),
        ({"v": "12,x"}, {"value": "v"}, "v"),
        ({None: ["too", "many"]}, {}, "the whole row"),
        ({"v": None}, {}, "the whole row"),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused_by_its_column(row, about, column):
    with pytest.raises(Refused) as refusal:
        made(row, subject=about)

    assert list(refusal.value.fields) == [column]


def test_a_time_that_is_none_is_answered_with_one_that_is():
    with pytest.raises(Refused, match="“soon” is no time; write one such as 28"):
        made({"at": "soon"}, {"time_format": "%d.%m.%Y %H:%M"})


def test_a_field_is_known_by_its_column():
    document = {
        "source": "s",
        "reference": "n",
        "signals": [{"type": "order.paid", "occurred_at": "at", "subject": {"value": "Total"}}],
    }

    assert compiled(document, "test").fields == {
        "subject.reference": "n", "subject.value": "Total", "occurred_at": "at",
    }  # fmt: skip


def test_a_signal_is_left_out_where_its_time_is_empty_and_refused_where_it_is_needed():
    with pytest.raises(ValueError, match="not enough values"):
        made({"at": ""})
    with pytest.raises(Refused, match="A row needs at"):
        made({"at": ""}, needed=True)


def test_a_length_may_depend_on_another_column():
    plus = {"column": "p", "values": {"high": "2 working hours"}, "hours": "mon-fri 09:00-17:00"}
    promise = {"promised_at": {"column": "at", "plus": plus}, "reason": {"text": "by priority"}}

    found = made({"p": "high", "at": "2026-01-05 16:00"}, promise=promise)

    assert found["promise"] == {"promised_at": "2026-01-06T09:00:00+00:00", "reason": "by priority"}
    assert "promise" not in made({"p": "low"}, promise=promise)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": None}, "source"),
        ({"reference": None}, "reference"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"decimal": "'"}, "decimal"),
        ({"colour": "red"}, "colour"),
        ({"signals": []}, "signals"),
        ({"signals": "order.paid"}, "signals"),
        ({"signals": [7]}, "signals.0"),
        ({"signals": [{"type": "order.paid"}] * 41}, "signals"),
        ({"signals": [{"type": "order.eaten", "occurred_at": "at"}]}, "signals.0.type"),
        ({"signals": [{"type": "cake.paid", "occurred_at": "at"}]}, "signals.0.type"),
        ({"signals": [{"type": {"column": "x"}, "occurred_at": "at"}]}, "signals.0.type"),
        ({"signals": [{"type": "order.paid", "occurred_at": {}}]}, "signals.0.occurred_at.column"),
        ({"signals": [{"type": "order.paid", "occurred_at": 7}]}, "signals.0.occurred_at"),
        (
            {"signals": [{"type": "order.paid", "occurred_at": "a", "needed": 1}]},
            "signals.0.needed",
        ),
        (
            {"signals": [{"type": "order.paid", "occurred_at": {"column": "a", "plus": "long"}}]},
            "signals.0.occurred_at.plus",
        ),
        (
            {
                "signals": [
                    {
                        "type": {"column": "s", "values": {"a": "order.paid", "b": "deal.sold"}},
                        "occurred_at": "at",
                    }
                ]
            },
            "signals.0.type",
        ),
        (
            {
                "signals": [
                    {
                        "type": "order.paid",
                        "occurred_at": "a",
                        "milestones": {"eaten": {"actual_at": "b"}},
                    }
                ]
            },
            "signals.0.milestones.eaten",
        ),
        (
            {
                "signals": [
                    {
                        "type": "order.paid",
                        "occurred_at": "a",
                        "subject": {"attributes": {"hue": "b"}},
                    }
                ]
            },
            "signals.0.subject.attributes.hue",
        ),
        (
            {
                "signals": [
                    {
                        "type": "order.paid",
                        "occurred_at": {
                            "column": "a",
                            "plus": {"column": "p", "values": {"x": "1h"}, "hours": "never"},
                        },
                    }
                ]
            },
            "signals.0.occurred_at.plus.hours",
        ),
    ],
)
def test_a_document_that_makes_no_sense_is_refused_by_its_field(changes, field):
    document = {
        "source": "s",
        "reference": "n",
        "signals": [{"type": "order.paid", "occurred_at": "at"}],
    }
    changed = {name: value for name, value in (document | changes).items() if value is not None}

    with pytest.raises(Refused) as refusal:
        compiled(changed, "test")

    assert field in refusal.value.fields


@pytest.mark.parametrize(("text", "suffix"), [("a = ", ".toml"), ("{", ".json"), ("[]", ".json")])
def test_what_is_no_document_is_refused(text, suffix):
    with pytest.raises(Refused):
        mappings.read(text, suffix)
