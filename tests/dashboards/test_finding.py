"""Whoever calls is found by what they say: on the board, among subjects and in the flag form."""

import pytest

from tests.factories import SubjectFactory, open_case

SAID = [
    "Škoda",
    "skoda",
    "octavia skoda",
    "mehta rahul",
    "wojcik",
    "885765",
    "10012",
    "D10012",
    "d-10012",
    "020 7946 0958",
    "+44 20 7946",
    "0044 20 7946 0958",
]
UNSAID = ["octavia golf", "885766", "020 7946 0959", "9999", "%", "wojcik skoda golf"]


@pytest.fixture
def car(north):
    other = SubjectFactory(site=north, reference="D-20034", label="Golf", customer={"name": "Ana"})
    open_case(site=north, subject=other)
    return SubjectFactory(
        site=north,
        reference="D-10012",
        label="Škoda Octavia",
        customer={"name": "Rahul Mehta-Wójcik", "phone": "+44 20 7946 0958"},
        attributes={"vin": "TMBJJ7NE8L0885765"},
    )


@pytest.fixture(params=["board", "subjects", "flag"])
def found(request, desk, car):
    case = open_case(site=car.site, subject=car, title="Late", customer_name="", reference="")
    where, known = {
        "board": ("/board/", f"/cases/{case.pk}/"),
        "subjects": ("/subjects/?view=all", f"/subjects/{car.pk}/"),
        "flag": ("/flag/subjects/", f'data-value="{car.pk}"'),
    }[request.param]
    return lambda asked: known in desk.get(where, {"q": asked, "view": "all"}).content.decode()


@pytest.mark.parametrize("asked", SAID)
def test_a_car_is_found_by_whatever_of_it_somebody_says(found, asked):
    assert found(asked)


@pytest.mark.parametrize("asked", UNSAID)
def test_and_by_nothing_else(found, asked):
    assert not found(asked)
