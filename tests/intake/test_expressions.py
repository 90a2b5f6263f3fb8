"""JMESPath mappings: what they make of a body, and where they stop."""

import json
import tracemalloc

import pytest

from exceptions_app.errors import Refused
from exceptions_app.intake import expressions

SHOP = """orders[*].{
  type: 'order.shipped', external_id: id, occurred_at: at,
  subject: {reference: id, value: total, customer: {name: buyer, email: mail}},
  promise: {promised_at: due}, milestones: {delivered: {expected_at: due}}
}"""


def signals(expression, body):
    return expressions.signals_of(expression, body, source="shop", zone="Europe/Berlin")


def test_a_foreign_body_becomes_signals_with_the_mappings_source_and_zone():
    body = {"orders": [{"id": 17, "at": "2026-01-05 10:00", "total": 9.5, "buyer": "Ana"}]}

    (made,) = signals(SHOP, body)

    assert made == {
        "source": "shop",
        "type": "order.shipped",
        "external_id": "17",
        "occurred_at": "2026-01-05T10:00:00+01:00",
        "subject": {"reference": "17", "value": 9.5, "customer": {"name": "Ana"}},
    }


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
        (1767603600, "2026-01-05T09:00:00+00:00"),
        (1767603600000, "2026-01-05T09:00:00+00:00"),
        ("soon", "soon"),
        (True, True),
        (1e300, 1e300),
    ],
)
def test_a_time_gets_a_zone_and_what_is_none_is_left_to_be_refused(at, expected):
    (made,) = signals(SHOP, {"orders": [{"id": 1, "at": at}]})

    assert made["occurred_at"] == expected


def test_times_of_promises_and_milestones_are_in_the_zone_too():
    (made,) = signals(SHOP, {"orders": [{"id": 1, "due": "2026-07-05 10:00"}]})

    assert made["promise"]["promised_at"] == "2026-07-05T10:00:00+02:00"
    assert made["milestones"]["delivered"]["expected_at"] == "2026-07-05T10:00:00+02:00"


def test_one_object_is_one_signal_nothing_is_none_and_anything_else_is_left_to_be_refused():
    assert len(signals("{type: a}", {"a": "order.paid"})) == 1
    assert signals("orders", {}) == []
    assert signals("@", ["x", 7]) == ["x", 7]


@pytest.mark.parametrize(
    ("expression", "body"),
    [
        ("", {}),
        ("foo[?a > `3`", {}),
        ("[*].unknown(@)", [1]),
        ("sum(@)", ["a"]),
        ("max_by(@, &a)", [{"a": 1}, {"a": "x"}]),
        ("x" * 10_001, {}),
        ("(" * 5_000, {}),
        ("[*].{a: @}", list(range(1_001))),
        ("|".join(["[@, @][]"] * 40), [1]),
        ("|".join(["[@, @]"] * 40) + " | to_string(@)", [1]),
        ("|".join(["join('', [@, @])"] * 40), "abc"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_goes_out_of_bounds_or_makes_no_sense_is_refused_in_a_sentence(expression, body):
    with pytest.raises(Refused, match="The expression cannot be used"):
        signals(expression, body)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"a": NaN}', json.dumps("x" * 2**20)])
def test_a_body_that_is_no_json_or_too_large_is_refused(text):
    with pytest.raises(Refused) as refusal:
        expressions.body_of(text)

    assert list(refusal.value.fields) == ["body"]


@pytest.mark.parametrize(
    "expression",
    [
        "[" + ",".join(["to_string(@)"] * 700) + "]",
        "join(to_string(@), a)",
        "[" + ",".join(["map(&to_string(@), a)"] * 400) + "]",
    ],
)
def test_what_writes_its_body_again_and_again_stops_before_it_takes_the_memory(expression):
    body = {"a": ["x" * 50] * 15_000}
    tracemalloc.start()

    with pytest.raises(Refused, match="far too much"):
        signals(expression, body)

    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 60_000_000


def test_a_long_text_may_be_looked_at_again_and_again():
    body = {"text": "x" * 900_000}

    assert signals("[" + ",".join(["length(text)"] * 50) + "]", body) == [900_000] * 50
