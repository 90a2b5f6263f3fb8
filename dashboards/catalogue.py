"""Every platform there is: what it can do, why not the rest, and which of them somebody looks for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.kit import Connector
from connectors.registry import CATALOGUE
from dashboards.answers import has_words

#: What a platform may be able to do, and how a person says it.
ABILITIES = {
    "create": "Create",
    "update": "Update",
    "comment": "Comment",
    "close": "Close",
    "reopen": "Reopen",
    "attach": "Attach",
    "look_up": "Look up",
    "inbound": "Tells us",
}
MEANT = {
    "create": "opens a record for a case",
    "update": "keeps the record in step with the case",
    "comment": "adds what is written here to the record",
    "close": "closes the record with the case",
    "reopen": "opens it again with the case",
    "attach": "takes the evidence as a file",
    "look_up": "finds a record again before it is sent twice",
    "inbound": "tells the desk what happens over there",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that a platform can do, or the reason why not."""

    slug: str
    label: str
    can: bool
    why: str

    @property
    def told(self) -> str:
        """The whole of it as a sentence, for whoever hovers."""
        reason = self.why or "The platform has no way to do it."
        return f"{self.label}: {MEANT[self.slug]}" if self.can else f"{self.label}: no. {reason}"


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A platform in the catalogue; ``connected`` counts the connections there are."""

    slug: str
    name: str
    docs: str
    abilities: tuple[Ability, ...]
    connected: int

    @property
    def limits(self) -> tuple[Ability, ...]:
        return tuple(one for one in self.abilities if not one.can)

    @property
    def words(self) -> str:
        """What it is found by: its name, and what it can do."""
        able = (one.label for one in self.abilities if one.can)
        return " ".join((self.name, self.slug, *able)).lower()


def abilities(connector: Connector[Any]) -> tuple[Ability, ...]:
    able = {*connector.abilities, *(("inbound",) if connector.inbound else ())}
    return tuple(
        Ability(slug, label, slug in able, "" if slug in able else connector.cannot.get(slug, ""))
        for slug, label in ABILITIES.items()
    )


def platforms(connected: Iterable[str] = ()) -> list[PlatformRow]:
    """By name; ``connected`` are the slugs of the connections there are."""
    counts = Counter(connected)
    rows = [
        PlatformRow(each.slug, each.name, each.docs, abilities(each), counts[each.slug])
        for each in CATALOGUE
    ]
    return sorted(rows, key=lambda row: row.name.lower())


def found(rows: Iterable[PlatformRow], asked: str) -> list[PlatformRow]:
    """Those with every word that somebody typed."""
    return [row for row in rows if has_words(row.words, asked)]
