"""The words of a signal as people write them: labels of the page, capitals, spaces or hyphens; pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from exceptions_app.intake.shape import PLAIN
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

APART = re.compile(r"[\s_-]+")


def near(text: str) -> str:
    """What is the same of one word however it is spelled."""
    return APART.sub("", text).casefold()


def known(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each word by its own spelling and by that of its label; a word comes before another's label."""
    pairs = list(words)
    return {near(label): word for word, label in pairs} | {near(word): word for word, _ in pairs}


KINDS = known((kind.value, str(kind.label)) for kind in SubjectKind)
WORDS = {
    kind: known(
        [*journey.reports.items(), *journey.milestones.items(), *((word, word) for word in PLAIN)]
    )
    for kind, journey in JOURNEYS.items()
}


def respelled(item: Any) -> Any:
    """The same in our words, as far as it is plain which are meant."""
    type_ = item.get("type") if isinstance(item, dict) else None
    before, _, word = type_.partition(".") if isinstance(type_, str) else ("", "", "")
    if near(before) not in KINDS:
        return item
    kind = SubjectKind(KINDS[near(before)])
    parts = {"milestones": JOURNEYS[kind].milestones, "documents": JOURNEYS[kind].documents}
    ours = {
        name: renamed(item[name], known(words.items()))
        for name, words in parts.items()
        if isinstance(item.get(name), dict)
    }
    return {**item, **ours, "type": f"{kind}.{WORDS[kind].get(near(word), word)}"}


def renamed(part: Mapping[str, Any], words: Mapping[str, str]) -> Mapping[str, Any]:
    """Under our names; as it was if two of them would become one."""
    ours = {words.get(near(name), name): value for name, value in part.items()}
    return ours if len(ours) == len(part) else part
