"""Finding cases by words: folded like the stored vector, each as a prefix; and marking what matched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from exceptions_app.cases.models import Case

#: The letters that ``SearchText`` folds, so that a question is read as the stored words were.
FOLDED = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüñç", "aaaaaaeeeeiiiiooooouuuunc")
NUMBER = re.compile(r"\bex-?(?=\d)", re.IGNORECASE)
MOST_WORDS = 8
#: So many hits are sorted by themselves; more of them are met soon on a walk in any order.
FEW = 1_000
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    hit: bool


def words_of(asked: str) -> tuple[str, ...]:
    """What to look for: “EX-1042 Müller's” is 1042, muller and s."""
    folded = NUMBER.sub(" ", asked).lower().translate(FOLDED)
    words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
    return tuple(word[:LONGEST_WORD] for word in dict.fromkeys(words[:MOST_WORDS]))


def matching(cases: QuerySet[Case], asked: str) -> QuerySet[Case]:
    """Cases in which every word begins some word of number, title, reference or customer."""
    words = words_of(asked)
    if not words:
        return cases.none()
    return cases.filter(search=query_of(words))


def narrowed(found: QuerySet[Case]) -> QuerySet[Case]:
    """The same cases; a few as a list of ids.

    The planner takes prefixes for common and walks a million cases in order to find one of them.
    """
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return found if len(ids) > FEW else Case.objects.filter(pk__in=ids)


def query_of(words: Iterable[str], *, every: bool = True) -> SearchQuery:
    """What asks the stored vector for every word, or for any, each as the beginning of one."""
    joined = (" & " if every else " | ").join(f"{word}:*" for word in words)
    return SearchQuery(joined, config="simple", search_type="raw")


def marked(text: str, words: tuple[str, ...]) -> list[Piece]:
    """The text in pieces, those that begin with a word looked for told apart."""
    if not words:
        return [Piece(text, hit=False)]
    starts = re.compile(
        r"(?<![^\W_])(?:"
        + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
        + ")"
    )
    pieces, done = [], 0
    for found in starts.finditer(folded(text)):
        pieces.append(Piece(text[done : found.start()], hit=False))
        pieces.append(Piece(text[found.start() : found.end()], hit=True))
        done = found.end()
    pieces.append(Piece(text[done:], hit=False))
    return [piece for piece in pieces if piece.text]


def folded(text: str) -> str:
    """Lower case without accents, letter by letter, so that places in it are places in the text."""
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    return lower.translate(FOLDED)
