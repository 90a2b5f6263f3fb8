"""How often a learner is right about texts it has not seen: cross-validation, the same each time; pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exceptions_app.complaints.learning import Sample, digest, learn

FOLDS = 10


@dataclass(frozen=True)
class Checked:
    """Right answers of all, by class, and which class was taken for which."""

    accuracy: float
    folds: int
    by_class: Mapping[str, Mapping[str, float]]
    confusion: Mapping[str, Mapping[str, int]]


def check(samples: Sequence[Sample], folds: int = FOLDS) -> Checked:
    """Each part is judged by what was learned from the others; equal texts are always in one part."""
    judged: Counter[tuple[str, str]] = Counter()
    for rest, part in parts(samples, folds):
        learned = learn(rest)
        judged.update((one.label, learned.judge(one.text, one.known).label) for one in part)
    labels = sorted({one.label for one in samples})
    confusion = {real: {said: judged[real, said] for said in labels} for real in labels}
    right = sum(confusion[label][label] for label in labels)
    return Checked(
        right / len(samples), folds, {one: figures(one, confusion) for one in labels}, confusion
    )


def parts(
    samples: Sequence[Sample], folds: int
) -> Iterator[tuple[Sequence[Sample], Sequence[Sample]]]:
    """Texts dealt out in turn, class by class, in an order that only the texts decide."""
    dealt: dict[str, int] = {}
    for one in sorted(samples, key=lambda one: (one.label, digest(one.text))):
        dealt.setdefault(digest(one.text), len(dealt) % folds)
    for fold in range(folds):
        part = [one for one in samples if dealt[digest(one.text)] == fold]
        rest = [one for one in samples if dealt[digest(one.text)] != fold]
        if part and rest:
            yield rest, part


def figures(label: str, confusion: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    right = confusion[label][label]
    cases = sum(confusion[label].values())
    said = sum(row[label] for row in confusion.values())
    return {
        "cases": cases,
        "precision": right / said if said else 0.0,
        "recall": right / cases if cases else 0.0,
    }
