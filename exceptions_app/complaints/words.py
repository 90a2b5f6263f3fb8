"""Text as a learner sees it: words without accents and endings, pairs of them, and pieces of words; pure."""

import re
import unicodedata
from collections.abc import Iterator

#: Words are told apart by so many letters; what follows is mostly grammar.
STEM = 5
#: Pieces of this length find a word again inside a longer one, or misspelt.
PIECE = 4
WORD = re.compile(r"[a-z0-9]+")
#: Sharp s and its like come apart only by hand.
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l"})


def folded(text: str) -> str:
    """Lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    return WORD.findall(folded(text))


def features(text: str) -> Iterator[str]:
    """What is counted: ``w:`` a word, ``p:`` two in a row, ``c:`` a piece of one."""
    said = words(text)
    stems = [word[:STEM] for word in said]
    yield from (f"w:{stem}" for stem in stems)
    yield from (f"p:{a} {b}" for a, b in zip(["", *stems], [*stems, ""], strict=True))
    for word in said:
        whole = f" {word} "
        if len(whole) > PIECE:
            yield from (f"c:{whole[i : i + PIECE]}" for i in range(len(whole) - PIECE + 1))
