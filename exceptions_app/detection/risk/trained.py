"""The trained risk model: gradient boosting over the numbers of the plain one; needs the extra “trained”.

It learns from the same rows as they become known, some weeks at a time, and weighs beside the plain
regression, half and half.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from exceptions_app.detection.risk.logistic import Logistic, Row
from exceptions_app.errors import Refused

NEEDED = "The trained model needs scikit-learn. Run: make trained"
#: Rows whose weight has fallen below this are forgotten.
LEAST = 0.05
#: With fewer rows it leaves the weighing to the plain regression.
FEW = 400
#: It is fitted anew after so many weeks; fitting is what takes the time.
EVERY = 4


@dataclass
class Trained:
    """Weighs one look."""

    plain: Logistic
    boosting: Any
    rows: list[tuple[Sequence[float], bool]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    calls: int = 0
    fitted: Any = None

    def chance(self, x: Sequence[float]) -> float:
        """Half way between both where there is one: each is wrong in another manner."""
        plain = self.plain.chance(x)
        if self.fitted is None:
            return plain
        return (plain + float(self.fitted.predict_proba([[*x, plain]])[0][1])) / 2

    def learn(self, rows: Sequence[Row], *, keeping: float) -> None:
        self.weights = [weight * keeping for weight in self.weights]
        self.rows += [([*x, self.plain.chance(x)], missed) for x, missed in rows]
        self.weights += [1.0] * len(rows)
        kept = next((i for i, weight in enumerate(self.weights) if weight > LEAST), 0)
        self.rows, self.weights = self.rows[kept:], self.weights[kept:]
        self.calls += 1
        if self.calls % EVERY == 0 and len(self.rows) >= FEW:
            self.fit()

    def fit(self) -> None:
        missed = [missed for _, missed in self.rows]
        if len(set(missed)) == 1:
            return
        boosting = self.boosting(
            max_iter=100,
            learning_rate=0.05,
            max_leaf_nodes=8,
            min_samples_leaf=30,
            l2_regularization=5.0,
            max_features=0.5,
            random_state=1,
        )
        self.fitted = boosting.fit([x for x, _ in self.rows], missed, sample_weight=self.weights)


@cache
def is_there() -> bool:
    """Whether its library is installed, without loading it."""
    return find_spec("sklearn") is not None


def trained(plain: dict[Any, Logistic]) -> dict[Any, Trained]:
    """A trained weigher beside each plain one; its library takes seconds to load, and only here."""
    try:
        boosting = import_module("sklearn.ensemble").HistGradientBoostingClassifier
        threads = import_module("threadpoolctl")
    except ImportError as missing:
        raise Refused(NEEDED) from missing
    # Rows are few: threads would wait for each other, and sums depend on how many there are.
    threads.threadpool_limits(limits=1, user_api="openmp")
    return {look: Trained(one, boosting) for look, one in plain.items()}
