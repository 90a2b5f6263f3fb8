"""The shape of two accounts of one thing that do not agree, field by field, within tolerances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from exceptions_app.detection.rules.base import Common, Parameters
from exceptions_app.subjects.facts import Facts
from exceptions_app.vocabulary import Severity

#: Larger numbers are text to us.
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which two accounts say two things; ``amount`` is how far numbers are apart."""

    name: str
    said: Mapping[str, Any]
    since: datetime
    amount: Decimal | None = None

    def __str__(self) -> str:
        accounts = " against ".join(f"{value} ({who})" for who, value in self.said.items())
        return f"{self.name.replace('_', ' ')} {accounts}"


@dataclass(frozen=True, kw_only=True)
class Mismatch(Common):
    """Whatever differs is one finding; something heard later, such as a correction, ends it."""

    unless: tuple[str, ...] = ()

    def differences(self, facts: Facts) -> list[Difference]:
        raise NotImplementedError

    def when(self, facts: Facts) -> datetime | None:
        found = self.differences(facts)
        if not found:
            return None
        since = max(one.since for one in found)
        mended = [at for name in self.unless if (at := facts.heard(name)) and at >= since]
        return None if mended else since

    def what(self, facts: Facts) -> str:
        return "; ".join(map(str, self.differences(facts)))

    def shown(self, facts: Facts) -> dict[str, Any]:
        return {"differences": {one.name: dict(one.said) for one in self.differences(facts)}}


@dataclass(frozen=True, kw_only=True)
class BetweenSources(Mismatch):
    """The same subject as several systems report it: numbers within a tolerance, the rest alike in words.

    It holds since the newer account of a field; one that only repeats itself every night is no news.
    """

    fields: tuple[str, ...]
    money: Decimal = Decimal(1)
    rate: Decimal = Decimal("0.01")
    grave: frozenset[str] = field(default=frozenset({"vin", "buyer"}))
    large: Decimal = Decimal(500)

    parameters: ClassVar[Parameters] = {
        "money": ("Amounts may differ by", "Price, deposit, trade-in and value"),
        "rate": ("Rates may differ by", "Percentage points"),
        "large": ("Large from", "A difference of this amount is of high severity"),
    }

    def differences(self, facts: Facts) -> list[Difference]:
        if len(facts.said_by) < 2:
            return []
        return [found for name in self.fields if (found := self.difference(facts, name))]

    def difference(self, facts: Facts, name: str) -> Difference | None:
        said = {
            source: told[name]
            for source, told in sorted(facts.said_by.items())
            if told.get(name) not in (None, "")
        }
        if len(said) < 2:
            return None
        since = sorted(facts.said_at[f"{source}:{name}"].at for source in said)[-2]
        numbers = {source: number(value) for source, value in said.items()}
        exact = [one for one in numbers.values() if one is not None]
        if len(exact) == len(said):
            apart = max(exact) - min(exact)
            return Difference(name, said, since, apart) if apart > self.tolerance(name) else None
        alike = len({plain(value) for value in said.values()}) == 1
        return None if alike else Difference(name, said, since)

    def tolerance(self, name: str) -> Decimal:
        if name == "rate":
            return self.rate
        return self.money if name in {"price", "deposit", "trade_in", "value"} else Decimal(0)

    def grade(self, facts: Facts) -> Severity:
        found = self.differences(facts)
        bad = any(one.name in self.grave or (one.amount or 0) >= self.large for one in found)
        return Severity.HIGH if bad else super().grade(facts)


@dataclass(frozen=True, kw_only=True)
class Counted(Mismatch):
    """What was counted against what is booked: too many pieces, or too much money, apart."""

    pieces: int
    money: Decimal
    large: Decimal = Decimal(1000)

    parameters: ClassVar[Parameters] = {
        "pieces": ("Pieces may differ by", "More than this is a mismatch"),
        "money": ("Value may differ by", "Pieces apart times the value of one"),
        "large": ("Large from", "A difference of this value is of high severity"),
    }

    def differences(self, facts: Facts) -> list[Difference]:
        said = {who: facts.attributes.get(who) for who in ("counted", "booked")}
        counted, booked = said.values()
        if counted is None or booked is None or counted == booked:
            return []
        worth = self.worth(facts)
        if abs(counted - booked) <= self.pieces and (worth is None or worth <= self.money):
            return []
        return [Difference("quantity", said, facts.said_at["attributes.counted"].at, worth)]

    def worth(self, facts: Facts) -> Decimal | None:
        """What the pieces are worth that are missing or too many."""
        each = number(facts.attributes.get("unit_value"))
        apart = abs(facts.attributes["counted"] - facts.attributes["booked"])
        return None if each is None else each * apart

    def grade(self, facts: Facts) -> Severity:
        large = any((one.amount or 0) >= self.large for one in self.differences(facts))
        return Severity.HIGH if large else super().grade(facts)


def number(value: Any) -> Decimal | None:
    """A finite number of a size that money and pieces have."""
    try:
        found = Decimal(str(value).replace(" ", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def plain(value: Any) -> str:
    """Without what two systems write differently and mean alike."""
    return " ".join(str(value).casefold().split())
