"""Finding cases by words: folded like the stored vector, each as a prefix; and marking what matched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, QuerySet, Value

from exceptions_app.cases.models import Case
from exceptions_app.folding import folded
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects.lookup import identified_by, newest_like
from exceptions_app.subjects.models import Subject

NUMBER = re.compile(r"\bex[- ]?(?=\d)", re.IGNORECASE)
MOST_WORDS = 8
LONGEST_WORD = 40
#: So many hits are looked at one by one in any order.
FEW = 3_000
#: A word that so many of the newest cases have is met soon on a walk through them.
NEWEST = 4_000
OFTEN = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    hit: bool


def words_of(asked: str) -> tuple[str, ...]:
    """What to look for: “EX-1042 Müller's” is 1042, muller and s."""
    plain = folded(NUMBER.sub(" ", asked))
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return tuple(word[:LONGEST_WORD] for word in dict.fromkeys(words[:MOST_WORDS]))


def matching(cases: QuerySet[Case], asked: str) -> QuerySet[Case]:
    """Cases in which every word begins some word of number, title, reference or customer."""
    words = words_of(asked)
    return cases.filter(search=query_of(words)) if words else cases.none()


@dataclass(frozen=True)
class Hits:
    """What was found; ``common`` when there are so many that counting them takes longer than showing some."""

    cases: QuerySet[Case]
    common: bool = False


def search(cases: QuerySet[Case], asked: str, *, by: Actor) -> Hits:
    """Find by words at any number of cases.

    The planner thinks every prefix equally common. Left alone it walks a million cases to find one of a
    rare word, or gathers half of them to show fifty of a common one; so it is told which it is.
    """
    words = words_of(asked)
    if not words:
        return Hits(cases.none())
    about = identified_by(asked)
    if about:
        return Hits(cases.filter(Q(subject__in=about) | Q(search=query_of(words))))
    on_the_way = Hits(cases.filter(OnTheWay(F("search"), query_of(words))), common=True)
    if is_common(cases, words):
        return on_the_way
    ids = list(matching(cases, asked).order_by().values_list("pk", flat=True)[: FEW + 1])
    if len(ids) > FEW:
        return on_the_way
    if ids:
        return Hits(cases.filter(pk__in=Listed(ids)))
    about = newest_like(asked, access.visible(Subject.objects.all(), by))
    return Hits(cases.filter(subject__in=about) if about else cases.none())


class Listed(Func):
    """Thousands of ids as one value; as so many values they cost 10 ms in every statement that has them."""

    function = "unnest"
    template = "(SELECT %(function)s(%(expressions)s))"

    def __init__(self, ids: list[int]) -> None:
        super().__init__(Value(ids, output_field=ArrayField(BigIntegerField())))


class OnTheWay(Func):
    """A match that no index is asked for: looked at row by row, in the order wanted.

    Of what COALESCE gives the planner expects half to be true, and so it walks and does not sort.
    """

    template = "COALESCE(%(expressions)s, FALSE)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def is_common(cases: QuerySet[Case], words: Iterable[str]) -> bool:
    """Whether many of the newest of these cases have the words."""
    return len(among_newest(cases, joined(words), limit=OFTEN)) >= OFTEN


def among_newest(cases: QuerySet[Case], asked: str, *, limit: int) -> list[int]:
    """Those of the newest of these cases that match, newest first; never reads further than ``NEWEST``."""
    try:
        newest, given = (
            cases.order_by("-opened_at", "-id")
            .values("pk", "search")[:NEWEST]
            .query.sql_with_params()
        )
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        sql = (
            f"SELECT pk FROM ({newest}) AS newest WHERE search @@ to_tsquery('simple', %s) LIMIT %s"  # noqa: S608 - of the ORM
        )
        cursor.execute(sql, [*given, asked, limit])
        return [pk for (pk,) in cursor.fetchall()]


def query_of(words: Iterable[str]) -> SearchQuery:
    """What asks the stored vector for every word, each as the beginning of one."""
    return SearchQuery(joined(words), config="simple", search_type="raw")


def joined(words: Iterable[str], *, every: bool = True) -> str:
    """The last word may be half typed; a single letter before it is meant as it stands, as in D-2231."""
    *before, last = words
    asked = [word if len(word) == 1 else f"{word}:*" for word in before]
    return (" & " if every else " | ").join([*asked, f"{last}:*"])


def exactly(words: Iterable[str]) -> SearchQuery:
    """What asks the stored vector for these very words."""
    return SearchQuery(" & ".join(words), config="simple", search_type="raw")


def marked(text: str, words: tuple[str, ...]) -> list[Piece]:
    """The text in pieces, those that begin with a word looked for told apart."""
    if not words:
        return [Piece(text, hit=False)]
    pieces, done = [], 0
    for found in beginnings(words).finditer(folded(text)):
        pieces.append(Piece(text[done : found.start()], hit=False))
        pieces.append(Piece(text[found.start() : found.end()], hit=True))
        done = found.end()
    pieces.append(Piece(text[done:], hit=False))
    return [piece for piece in pieces if piece.text]


@lru_cache(maxsize=100)
def beginnings(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<![^\W_])(?:" + "|".join(map(re.escape, longest_first)) + ")")
