"""Columns, times and numbers of a file as they are guessed."""

import pytest

from dashboards.guessing import guess, guessed_decimal, guessed_times, is_day, samples
from dashboards.mapping_forms import TIME_FORMATS, ColumnsForm
from exceptions_app.intake.importing import Head
from exceptions_app.people.access import SYSTEM
from exceptions_app.vocabulary import SubjectKind

ROWS = [
    {"Order No": "A-1", "Ordered": "05.01.2026 10:00", "Customer": "Ana", "Total": "1.234,50"},
    {"Order No": "A-2", "Ordered": "26.01.2026 09:30", "Customer": "", "Total": "7"},
]
SHAPES = [shape for shape, _ in TIME_FORMATS]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("reference", "Order No"),
        ("placed", "Ordered"),
        ("name", "Customer"),
        ("value", "Total"),
        ("delivered", ""),
    ],
)
def test_common_names_are_known(name, column):
    assert guess(name, ROWS[0]) == column


GERMAN = {
    "Auftrag": "A-1",
    "Bestellt am": "01.11.2026",
    "Zugesagt am": "05.11.2026",
    "Preis": "7,5",
}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("reference", "Auftrag"),
        ("placed", "Bestellt am"),
        ("promised", "Zugesagt am"),
        ("value", "Preis"),
    ],
)
def test_german_ones_are_as_well(name, column):
    assert guess(name, GERMAN) == column


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "day"),
    [
        (GERMAN, True),
        ({"Auftrag": "A-1", "Bis": "05.11.2026"}, True),
        ({"Auftrag": "A-1", "Bis": "05.11.2026 10:00"}, False),
        ({"Auftrag": "A-1"}, False),
    ],
)
def test_a_promise_without_an_hour_is_kept_until_its_day_ends(file, day):
    form = ColumnsForm(by=SYSTEM, kind=SubjectKind.ORDER, head=Head(list(file), [file]))

    assert form.fields["end_of_day"].initial is day


def test_the_file_shows_how_it_writes_times_and_numbers():
    assert guessed_times(ROWS, SHAPES) == "%d.%m.%Y %H:%M"
    assert guessed_decimal(ROWS) == ","
    assert guessed_times([{"at": "2026-01-05 10:00", "v": "7.5"}], SHAPES) == ""
    assert guessed_decimal([{"at": "2026-01-05 10:00", "v": "7.5"}]) == "."
    assert guessed_times([], SHAPES) == ""


def test_each_column_has_a_sample():
    assert samples(ROWS)["Customer"] == "Ana"
    assert samples([]) == {}


@pytest.mark.parametrize(
    ("value", "day"), [("02.10.2026", True), ("02.10.2026 10:00", False), ("", False)]
)
def test_a_promise_without_an_hour_is_a_day(value, day):
    assert is_day(value) is day
