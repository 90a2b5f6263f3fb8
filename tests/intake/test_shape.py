"""What may be posted as a signal, and the field and reason of everything else."""

import json
from decimal import Decimal

import pytest

from exceptions_app.intake.digests import digest
from exceptions_app.intake.mistakes import MOST_WRONG
from exceptions_app.intake.shape import NewSignal, parse
from tests.intake.stories import booked

#: What counts as nothing to Python, and is no JSON object.
NO_OBJECTS: tuple[object, ...] = ([], "", 0, False)


def of_contract(window=None, **documents):
    """A change that makes it a signal about a contract and its papers."""
    told = {"type": "contract.signed", "milestones": {}, "documents": documents}
    return told if window is None else told | {"window": window}


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"colour": "red"}, "colour", "Unknown field"),
        ({"source": ""}, "source", "Must be text"),
        ({"external_id": None}, "external_id", "required"),
        ({"external_id": 7}, "external_id", "Must be text"),
        ({"external_id": "x" * 121}, "external_id", "at most 120"),
        ({"external_id": "a\x00b"}, "external_id", "NUL"),
        ({"type": "booked"}, "type", "<kind>.<word>"),
        ({"type": "parcel.lost"}, "type", "<kind>.<word>"),
        ({"type": "appointment.delivered"}, "type", "no word for a signal about an appointment"),
        ({"occurred_at": "2026-03-10T12:00:00"}, "occurred_at", "time zone"),
        ({"occurred_at": "yesterday"}, "occurred_at", "ISO 8601"),
        ({"occurred_at": 1773144000}, "occurred_at", "ISO 8601"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "year"),
        ({"subject": None}, "subject", "required"),
        (
            {"type": "order.shipped", "milestones": {}, "parcels": {"A": None}},
            "parcels.A",
            "Must be a JSON object, such as {}.",
        ),
        *(
            ({name: wrong}, name, "JSON object")
            for name in ("milestones", "documents", "parcels")
            for wrong in NO_OBJECTS
        ),
        ({"subject": []}, "subject", "JSON object"),
        ({"subject": {}}, "subject.reference", "required"),
        ({"subject": {"reference": "J-1", "vin": "W"}}, "subject.vin", "Unknown field"),
        ({"subject": {"reference": "J-1", "kind": "order"}}, "subject.kind", "The type says"),
        ({"subject": {"reference": "J-1", "value": "much"}}, "subject.value", "number"),
        ({"subject": {"reference": "J-1", "value": "NaN"}}, "subject.value", "number below"),
        ({"subject": {"reference": "J-1", "value": True}}, "subject.value", "number"),
        ({"subject": {"reference": "J-1", "value": 10**12}}, "subject.value", "number below"),
        ({"subject": {"reference": "J-1", "value": "-1e99"}}, "subject.value", "number below"),
        (
            {"subject": {"reference": "J-1", "value": 999999999999.999}},
            "subject.value",
            "number below",
        ),
        (
            {"subject": {"reference": "J-1", "attributes": {"vin": "W"}}},
            "subject.attributes.vin",
            "Unknown",
        ),
        (
            {"subject": {"reference": "J-1", "attributes": {"technician": 7}}},
            "subject.attributes.technician",
            "text",
        ),
        (
            {"subject": {"reference": "J-1", "attributes": {"technician": "x" * 501}}},
            "subject.attributes.technician",
            "at most 500",
        ),
        (
            {"subject": {"reference": "J-1", "customer": {"age": 3}}},
            "subject.customer.age",
            "Unknown field",
        ),
        ({"milestones": {"delivered": {}}}, "milestones.delivered", "Not a milestone"),
        ({"milestones": {"checked_in": {"at": "x"}}}, "milestones.checked_in.at", "Unknown field"),
        (
            {"milestones": {"checked_in": {"expected_at": "noon"}}},
            "milestones.checked_in.expected_at",
            "ISO",
        ),
        ({"promise": {}}, "promise.promised_at", "required"),
        ({"window": {"starts_at": "2026-03-10T12:00:00Z"}}, "window.ends_at", "required"),
        (
            {
                "window": {
                    "from": "x",
                    "starts_at": "2026-03-10T12:00:00Z",
                    "ends_at": "2026-03-10T13:00:00Z",
                }
            },
            "window.from",
            "Unknown field",
        ),
        (
            {"window": {"starts_at": "2026-03-10T12:00:00Z", "ends_at": "2026-03-10T11:00:00Z"}},
            "window.ends_at",
            "not be before",
        ),
        ({"documents": {"title": {}}}, "documents.title", "This kind has none"),
        ({"documents": ["title"]}, "documents", "JSON object of documents"),
        (of_contract(lease={}), "documents.lease", "Not a document"),
        (of_contract(title=7), "documents.title", "JSON object"),
        (of_contract(title={"colour": "red"}), "documents.title.colour", "Unknown field"),
        (of_contract(title={"expires_on": "soon"}), "documents.title.expires_on", "a date"),
        (of_contract(title={"expires_on": 20261121}), "documents.title.expires_on", "a date"),
        (of_contract(title={"received_at": "noon"}), "documents.title.received_at", "ISO"),
        (of_contract(title={"number": 7}), "documents.title.number", "text"),
        (
            of_contract(title={"states": {"colour": "x"}}),
            "documents.title.states.colour",
            "Unknown",
        ),
        (of_contract(window={}), "window", "no time window"),
    ],
)
def test_what_is_wrong_is_named(change, field, reason):
    wrong = parse(booked(**change))

    assert isinstance(wrong, dict)
    assert list(wrong) == [field]
    assert reason in wrong[field]


def test_all_mistakes_are_named_at_once_in_their_order():
    wrong = parse(
        booked(
            occurred_at="noon",
            colour="red",
            subject={"reference": " ", "value": "much", "attributes": {"vin": "W", "a.b": 1}},
            milestones={"delivered": {}, "checked_in": {"expected_at": "x", "actual_at": "y"}},
            promise={"promised_at": "soon"},
            window={"starts_at": "early", "ends_at": "late"},
        )
    )

    assert isinstance(wrong, dict)
    assert list(wrong) == [
        "colour",
        "occurred_at",
        "subject.reference",
        "subject.value",
        "subject.attributes.vin",
        "subject.attributes.a.b",
        "milestones.delivered",
        "milestones.checked_in.expected_at",
        "milestones.checked_in.actual_at",
        "promise.promised_at",
        "window.starts_at",
        "window.ends_at",
    ]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"type": "appointment.lost"}, ["type", "milestones.delivered"]),
        ({"type": "lost", "subject": {"reference": "J-1", "kind": "appointment"}},
         ["type", "milestones.delivered"]),
        ({"type": "lost"}, ["type"]),
        ({"type": 7, "occurred_at": 7}, ["type", "occurred_at"]),
    ],
    ids=["of a kind", "by its subject", "of none", "no text"],
)  # fmt: skip
def test_of_a_wrong_type_as_much_is_judged_as_its_kind_is_known(change, fields):
    wrong = parse(booked(milestones={"delivered": {}}, **change))

    assert isinstance(wrong, dict)
    assert list(wrong) == fields


def test_looking_for_more_mistakes_changes_nothing_that_was_sent():
    sent = booked(occurred_at="noon", subject={"reference": "J-1", "vin": "W"})
    before = json.dumps(sent)

    parse(sent)

    assert json.dumps(sent) == before


def test_a_receipt_names_no_more_than_so_many():
    wrong = parse(booked(**{f"field_{n}": n for n in range(50)}))

    assert isinstance(wrong, dict)
    assert len(wrong) == MOST_WRONG


@pytest.mark.parametrize(
    ("change", "field", "home"),
    [
        ({"site": "north"}, "site", "subject: send it as subject.site"),
        ({"phone": "1"}, "phone", "subject.customer: send it as subject.customer.phone"),
        ({"promised_at": "x"}, "promised_at", "promise: send it as promise.promised_at"),
        (
            {"subject": {"reference": "J-1", "promise": {}}},
            "subject.promise",
            "the signal itself",
        ),
    ],
)
def test_a_field_in_the_wrong_place_is_told_where_it_belongs(change, field, home):
    wrong = parse(booked(**change))

    assert wrong == {field: f"Unknown field. “{field.rpartition('.')[2]}” belongs to {home}."}


def test_a_word_that_is_none_is_quoted_as_it_was_written():
    wrong = parse(booked(type="appointment.checkedIn"))

    assert isinstance(wrong, dict)
    assert wrong["type"].startswith("“checkedIn” is no word for a signal about an appointment.")


def test_only_an_object_is_a_signal():
    assert parse("late") == {"": "A signal is a JSON object."}


def test_a_type_that_is_a_milestone_says_that_it_was_reached():
    signal = parse(booked(type="appointment.checked_in", milestones={}))

    assert isinstance(signal, NewSignal)
    assert signal.milestones["checked_in"].actual_at == signal.occurred_at


def test_the_largest_value_is_one_that_its_column_holds():
    signal = parse(booked(subject={"reference": "J-1", "value": "999999999999.9949"}))

    assert isinstance(signal, NewSignal)
    assert signal.value == Decimal("999999999999.99")


def test_the_digest_does_not_depend_on_the_order_of_fields():
    sent = booked()

    assert digest(sent) == digest(dict(reversed(sent.items())))
