"""Learning to tell texts apart: logistic regression over words, small and always the same; pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import exp, log, sqrt
from typing import Any

from exceptions_app.complaints.words import features, words

ROUNDS = 8
#: The first step; later rounds take smaller ones.
RATE = 3.0
#: What every round takes off each weight, so that rare words do not decide alone.
SHRINK = 0.98
#: A class this close to right is left alone, which saves most of the work.
CLOSE = 0.02
#: Pieces of words come in crowds; each weighs less than a word.
PIECES = 0.5
#: So many words are named as those that spoke for a verdict.
NAMED = 4
#: Shorter words are mostly grammar, and named only if there are no others.
TELLING = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and what a person said it is; ``known`` are facts that were known when it came."""

    text: str
    label: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The likeliest class, how sure that is (0 to 1), the words that spoke for it, and every share."""

    label: str
    confidence: float
    because: tuple[str, ...]
    shares: Mapping[str, float]


@dataclass(frozen=True)
class Learned:
    """Weights by feature, one per class; a feature never seen says nothing."""

    labels: tuple[str, ...]
    weights: Mapping[str, Sequence[float]]
    rarity: Mapping[str, float]
    bias: Sequence[float]

    def judge(self, text: str, known: Iterable[str] = ()) -> Verdict:
        row = weighed(counted(text, known), self.rarity)
        scores = list(self.bias)
        for name, value in row.items():
            for place, weight in enumerate(self.weights[name]):
                scores[place] += weight * value
        shares = softmax(scores)
        best = max(range(len(shares)), key=shares.__getitem__)
        return Verdict(
            self.labels[best],
            shares[best],
            self.because(text, row, best),
            dict(zip(self.labels, shares, strict=True)),
        )

    def because(self, text: str, row: Mapping[str, float], best: int) -> tuple[str, ...]:
        """The words of the text that spoke most for the class, in their own spelling."""
        spoke: dict[str, float] = {}
        for word in text.split():
            said = sum(
                row[name] * self.weights[name][best]
                for name in set(features(word))
                if name in row and not name.startswith("p:")
            )
            plain = word.strip(".,;:!?()[]{}\"'«»“”„…")
            if said > 0 and words(plain):
                spoke[plain] = max(said, spoke.get(plain, 0))
        telling = [word for word in spoke if len(word) >= TELLING] or spoke
        return tuple(sorted(telling, key=lambda word: -spoke[word])[:NAMED])

    def document(self) -> dict[str, Any]:
        """As JSON, rounded to what matters."""
        return {
            "labels": list(self.labels),
            "bias": [round(one, 3) for one in self.bias],
            "features": {
                name: [round(self.rarity[name], 3), *(round(one, 3) for one in weights)]
                for name, weights in self.weights.items()
            },
        }


def read(document: Mapping[str, Any]) -> Learned:
    """What ``document`` wrote."""
    told = document["features"]
    return Learned(
        tuple(document["labels"]),
        {name: row[1:] for name, row in told.items()},
        {name: row[0] for name, row in told.items()},
        document["bias"],
    )


def counted(text: str, known: Iterable[str]) -> Counter[str]:
    return Counter([*features(text), *(f"k:{one}" for one in known)])


def weighed(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """Counts as a row of length one in which rare features weigh more; what was never seen is left out."""
    row = {name: (1 + log(n)) * rarity[name] for name, n in counts.items() if name in rarity}
    length = sqrt(sum(value * value for value in row.values())) or 1.0
    return {name: value / length for name, value in row.items()}


def softmax(scores: Sequence[float]) -> list[float]:
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    whole = sum(powers)
    return [power / whole for power in powers]


def learn(samples: Sequence[Sample]) -> Learned:
    """Learn from samples; the order in which they are given does not matter."""
    ordered = sorted(samples, key=lambda one: (digest(one.text), one.label, one.known))
    labels = tuple(sorted({one.label for one in ordered}))
    counts = [counted(one.text, one.known) for one in ordered]
    seen = Counter(name for row in counts for name in row)
    rarity = {
        name: (log((1 + len(counts)) / (1 + n)) + 1) * (PIECES if name.startswith("c:") else 1)
        for name, n in seen.items()
    }
    rows = [list(weighed(row, rarity).items()) for row in counts]
    places = {label: place for place, label in enumerate(labels)}
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(labels))
    bias = [0.0] * len(labels)
    targets = [places[one.label] for one in ordered]
    for turn in range(ROUNDS):
        round_of(rows, targets, weights, bias, RATE / (1 + turn / 4))
        for weight in weights.values():
            weight[:] = [one * SHRINK for one in weight]
    return Learned(labels, dict(weights), rarity, bias)


def round_of(
    rows: Sequence[Sequence[tuple[str, float]]],
    targets: Sequence[int],
    weights: Mapping[str, list[float]],
    bias: list[float],
    rate: float,
) -> None:
    """Once through all samples: each moves the weights by how wrong they were about it."""
    for row, target in zip(rows, targets, strict=True):
        known = [(weights[name], value) for name, value in row]
        scores = [
            start + sum(weight[place] * value for weight, value in known)
            for place, start in enumerate(bias)
        ]
        for place, share in enumerate(softmax(scores)):
            wrong = share - (place == target)
            if -CLOSE < wrong < CLOSE:
                continue
            step = rate * wrong
            bias[place] -= step * 0.1
            for weight, value in known:
                weight[place] -= step * value


def digest(text: str) -> str:
    """A fixed place for each text in an order that has nothing to do with its meaning."""
    return blake2b(" ".join(words(text)).encode(), digest_size=8).hexdigest()
