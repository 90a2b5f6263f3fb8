"""Words as people write them, and the words that signals use."""

import pytest

from exceptions_app.intake.shape import TYPES
from exceptions_app.intake.spelling import respelled
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind


@pytest.mark.parametrize(
    "written",
    [
        "delivery.handed over",
        "delivery.Handed-Over",
        "delivery.handedover",
        "Vehicle delivery.HANDED OVER",
    ],
)
def test_a_type_may_be_written_as_people_do(written):
    assert respelled({"type": written}) == {"type": "delivery.handed_over"}


def test_milestones_and_documents_go_by_their_labels_too():
    given = {
        "type": "order.Handed to the carrier",
        "milestones": {"handed to the carrier": {"actual_at": "x"}, "Delivered": {}},
        "note": "kept",
    }

    assert respelled(given) == {
        "type": "order.shipped",
        "milestones": {"shipped": {"actual_at": "x"}, "delivered": {}},
        "note": "kept",
    }
    assert respelled({"type": "deal.updated", "documents": {"Vehicle title": {}}}) == {
        "type": "deal.updated",
        "documents": {"title": {}},
    }


@pytest.mark.parametrize(
    "given",
    [
        7,
        {"type": 7},
        {"type": "parcel.lost"},
        {"type": "order.gone"},
        {"type": "order.shipped", "milestones": {"Shipped": 1, "shipped": 2}},
        {"type": "order.shipped", "milestones": ["shipped"]},
    ],
)
def test_what_says_nothing_or_too_much_stays_as_it_was(given):
    assert respelled(given) == given


@pytest.mark.parametrize("type_", TYPES)
def test_every_word_of_ours_stays_itself(type_):
    assert respelled({"type": type_}) == {"type": type_}


def test_no_label_stands_for_the_word_of_another():
    wrong = [
        (kind, label)
        for kind in SubjectKind
        for word, label in {**JOURNEYS[kind].milestones, **JOURNEYS[kind].reports}.items()
        if respelled({"type": f"{kind}.{label}"})["type"] != f"{kind}.{word}"
    ]

    assert wrong == []
