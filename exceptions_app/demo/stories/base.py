"""What every story of the demo is made of: one subject, and what its sources say about it; pure.

Times of a story are minutes after its beginning, shortened by its pace. The windows that rules wait for are
real time, so a story that shall break then begins that much further along.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unicodedata import normalize

from exceptions_app.demo import names

Item = dict[str, Any]
Telling = Callable[["Story"], None]

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Saying:
    """A signal, and when its source sends it."""

    at: datetime
    item: Item


@dataclass
class Story:
    """One subject's story while it is told."""

    rng: Random
    begins: datetime
    number: str
    pace: float = 1.0
    reference: str = ""
    source: str = ""
    about: Item = field(default_factory=dict)
    said: list[Saying] = field(default_factory=list)

    def after(self, minutes: float) -> datetime:
        return self.begins + timedelta(minutes=minutes / self.pace)

    def between(self, first: float, last: float) -> datetime:
        return self.after(self.rng.uniform(first, last))

    def ago(self, first: float, last: float) -> datetime:
        """An instant so many real hours before the beginning."""
        return self.begins - HOUR * self.rng.uniform(first, last)

    def say(
        self, kind_and_word: str, at: datetime, *, happened: datetime | None = None, **rest: Any
    ) -> None:
        """Let the source say it; the first saying introduces the subject."""
        subject = {**({} if self.said else self.about), "reference": self.reference}
        site = self.about.get("site")
        self.said.append(
            Saying(
                at,
                {
                    "source": rest.pop("source", self.source),
                    "external_id": f"{self.reference}-{len(self.said) + 1}",
                    "type": kind_and_word,
                    "occurred_at": iso(happened or at),
                    "subject": subject | ({"site": site} if site else {}),
                    **rest,
                },
            )
        )


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def done(**steps: datetime) -> dict[str, Item]:
    return {name: {"actual_at": iso(at)} for name, at in steps.items()}


def expected(**steps: datetime) -> dict[str, Item]:
    return {name: {"expected_at": iso(at)} for name, at in steps.items()}


def promised(at: datetime, reason: str = "") -> Item:
    return {"promised_at": iso(at), **({"reason": reason} if reason else {})}


def noted(story: Story, word: str, at: datetime, twist: str, **rest: Any) -> None:
    story.say(word, at, note=story.rng.choice(names.NOTES[twist]), **rest)


def contact(name: str) -> dict[str, str]:
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return {"name": name, "email": f"{'.'.join(words)}@mail.example"}
