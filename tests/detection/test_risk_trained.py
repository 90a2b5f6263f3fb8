"""The trained risk model beside the plain one; needs the extra, which says how to be had where it is not."""

import random
import sys

import pytest

from exceptions_app.detection.risk import trained
from exceptions_app.detection.risk.logistic import Logistic
from exceptions_app.errors import Refused

LOOK = ("ahead", 3)


def rows(count, *, seed):
    """Missed where both numbers have the same sign, which no straight line tells."""
    dice = random.Random(seed)
    pairs = [(dice.uniform(-1, 1), dice.uniform(-1, 1)) for _ in range(count)]
    return [([1.0, a, b], a * b > 0) for a, b in pairs]


def test_without_the_extra_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)

    with pytest.raises(Refused, match="make trained"):
        trained.trained({LOOK: Logistic([0.0])})


def test_it_learns_what_the_regression_cannot_and_the_same_each_time():
    pytest.importorskip("sklearn")
    weighers = [trained.trained({LOOK: Logistic([0.0] * 3)})[LOOK] for _ in range(2)]

    for weigher in weighers:
        before = weigher.chance([1.0, 0.8, 0.8])
        for week in range(trained.EVERY):
            assert weigher.chance([1.0, 0.8, 0.8]) == before, "it is fitted every few weeks"
            weigher.learn(rows(400, seed=week), keeping=0.9)

    together, apart = ([1.0, 0.8, 0.8], [1.0, 0.8, -0.8])
    assert weighers[0].chance(together) > 0.6 > 0.4 > weighers[0].chance(apart)
    assert weighers[0].chance(together) == weighers[1].chance(together)


def test_few_rows_are_left_to_the_regression():
    pytest.importorskip("sklearn")
    weigher = trained.trained({LOOK: Logistic([0.0] * 3)})[LOOK]

    for seed in range(4):
        weigher.learn(rows(20, seed=seed), keeping=0.9)

    assert weigher.chance([1.0, 0.8, 0.8]) == 0.5


def test_old_rows_are_forgotten():
    pytest.importorskip("sklearn")
    weigher = trained.trained({LOOK: Logistic([0.0] * 3)})[LOOK]

    weigher.learn(rows(10, seed=1), keeping=0.9)
    weigher.learn(rows(5, seed=2), keeping=0.01)

    assert len(weigher.rows) == len(weigher.weights) == 5
