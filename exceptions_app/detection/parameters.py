"""The parameters of a rule that staff may change: from JSON and back, refused in sentences; pure."""

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from exceptions_app.detection.rules.base import Percent, Rule
from exceptions_app.errors import Refused

MINUTE = timedelta(minutes=1)
NONE = "none"
LONGEST, MOST = 366 * 24 * 60, 1_000_000
_SPAN = re.compile(r"(\d{1,6})\s*(d|h|min|m|days?|hours?|minutes?)\b\s*")
_UNITS = {"d": 1440, "h": 60, "m": 1}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of a rule: what it is called, how it is written, and what it may be."""

    name: str
    label: str
    help: str
    kind: str
    shipped: Any
    choices: tuple[str, ...] = ()
    optional: bool = False
    most: int = MOST
    #: What it means that an optional one has no value.
    unset: str = NONE


def parameters_of(rule: Rule) -> tuple[Parameter, ...]:
    """What staff may change of this rule, as it is shipped."""
    hints = hints_of(type(rule))
    told: Mapping[str, tuple[str, str]] = getattr(rule, "parameters", {})
    return tuple(parameter(rule, name, words, hints[name]) for name, words in told.items())


@cache
def hints_of(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def parameter(rule: Rule, name: str, words: tuple[str, str], hint: Any) -> Parameter:
    plain, optional = without_none(hint)
    label, text = words
    shipped = as_json(getattr(rule, name))
    kind, choices = kind_of(plain)
    most = getattr(rule, "bounds", {}).get(name, MOST)
    unset = getattr(rule, "unset", {}).get(name, NONE)
    return Parameter(name, label, text, kind, shipped, choices, optional, most, unset)


def without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        left = [one for one in get_args(hint) if one is not type(None)]
        return left[0], len(left) < len(get_args(hint))
    return hint, False


def kind_of(hint: Any) -> tuple[str, tuple[str, ...]]:
    """How a value of this type is written, and the choices if it is one of some."""
    if get_origin(hint) is Literal:
        return "choice", tuple(map(str, get_args(hint)))
    if get_origin(hint) is tuple:
        return "words", ()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "choice", tuple(str(one.value) for one in hint)
    return KINDS[hint], ()


KINDS: Mapping[Any, str] = {
    timedelta: "minutes",
    bool: "yes_no",
    int: "number",
    Percent: "percent",
    float: "share",
    Decimal: "decimal",
    str: "text",
}


def as_json(value: Any) -> Any:
    """A value as it is kept and sent: lengths in minutes, amounts as text."""
    if isinstance(value, timedelta):
        return round(value / MINUTE)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value


def checked(rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    """The same as JSON that can be kept; refused with what to do, field by field."""
    known = {one.name: one for one in parameters_of(rule)}
    wrong: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            may = f"Use {', '.join(known)}." if known else "This rule has none."
            wrong[name] = f"“{name}” is no parameter of this rule. {may}"
            continue
        try:
            kept[name] = as_json(understood(known[name], value))
        except Refused as refusal:
            wrong[name] = str(refusal)
    if wrong:
        raise Refused(" ".join(wrong.values()), wrong)
    return kept


def understood(one: Parameter, value: Any) -> Any:
    """A value as the rule has it, apart from choices, which stay words."""
    if value is None and one.optional:
        return None
    try:
        return READERS[one.kind](value, one)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        raise Refused(f"{one.label}: {ADVICE[one.kind](one)}") from None


def minutes(value: Any, _: Parameter) -> timedelta:
    if isinstance(value, str):
        return read_span(value)
    number = whole(value)
    if not 0 <= number <= LONGEST:
        raise ValueError(value)
    return number * MINUTE


def number(value: Any, one: Parameter) -> int:
    found = int(value) if isinstance(value, str) else whole(value)
    if not 0 <= found <= one.most:
        raise ValueError(value)
    return found


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def share(value: Any, _: Parameter) -> float:
    if isinstance(value, bool):
        raise TypeError(value)
    found = float(value)
    if not 0 <= found <= 1:
        raise ValueError(value)
    return found


def decimal(value: Any, _: Parameter) -> Decimal:
    if isinstance(value, bool):
        raise TypeError(value)
    found = Decimal(str(value))
    if not found.is_finite() or not 0 <= found < Decimal("1e12"):
        raise ValueError(value)
    return found


def percent(value: Any, one: Parameter) -> int:
    found = number(value, one)
    if found > 100:
        raise ValueError(value)
    return found


def yes_no(value: Any, _: Parameter) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def choice(value: Any, one: Parameter) -> str:
    if str(value) not in one.choices:
        raise ValueError(value)
    return str(value)


def text(value: Any, _: Parameter) -> str:
    if not isinstance(value, str) or len(value) > 200 or "\0" in value:
        raise ValueError(value)
    return value.strip()


def words(value: Any, _: Parameter) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    found = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if not found or len(found) > 50 or any(len(one) > 80 or "\0" in one for one in found):
        raise ValueError(value)
    return found


READERS: Mapping[str, Callable[[Any, Parameter], Any]] = {
    "minutes": minutes, "number": number, "percent": percent, "share": share, "decimal": decimal,
    "yes_no": yes_no, "choice": choice, "text": text, "words": words,
}  # fmt: skip

ADVICE: Mapping[str, Callable[[Parameter], str]] = {
    "minutes": lambda _: "write a time of at most a year, such as 30 minutes, 4 hours or 2 days.",
    "number": lambda one: f"write a whole number from 0 to {one.most:,}.",
    "percent": lambda _: "write a whole number from 0 to 100, such as 75.",
    "share": lambda _: "write a share from 0 to 1, such as 0.7.",
    "decimal": lambda _: "write an amount that is not below 0, such as 500 or 12.50.",
    "yes_no": lambda _: "say true or false.",
    "choice": lambda one: f"choose one of {', '.join(one.choices)}.",
    "text": lambda _: "write text of at most 200 characters.",
    "words": lambda _: "name at least one, at most fifty, with commas between them.",
}


def read_span(written: str) -> timedelta:
    """``90``, ``30 minutes``, ``1 h 30 min``, ``2 days``: so many minutes, hours and days."""
    asked = written.strip().lower()
    if asked.isdecimal() and len(asked) < 7:
        total = int(asked)
    else:
        parts = _SPAN.findall(asked)
        if not parts or _SPAN.sub("", asked):
            raise ValueError(written)
        total = sum(int(amount) * _UNITS[unit[0]] for amount, unit in parts)
    if total > LONGEST:
        raise ValueError(written)
    return total * MINUTE


def span_words(length: int) -> str:
    """So many minutes as people say them: 2 days, 4 hours, 1 hour 30 minutes."""
    if length and length % 1440 == 0:
        return counted(length // 1440, "day")
    hours, left = divmod(length, 60)
    said = [counted(hours, "hour")] if hours else []
    return " ".join(said + ([counted(left, "minute")] if left or not hours else []))


def counted(amount: int, unit: str) -> str:
    return f"{amount} {unit}" if amount == 1 else f"{amount} {unit}s"


def words_of(one: Parameter, value: Any) -> str:
    """A kept value as a person reads and types it."""
    if value is None:
        return ""
    if one.kind == "minutes":
        return span_words(value)
    if one.kind == "words":
        return ", ".join(value)
    if one.kind == "yes_no":
        return "yes" if value else "no"
    return str(value)


def words_or_unset(one: Parameter, value: Any) -> str:
    """The same where it is only read."""
    return words_of(one, value) or one.unset


def applied(rule: Rule, kept: Mapping[str, Any]) -> Rule:
    """The rule with these parameters; those that it does not have any more are left out."""
    known = {one.name: one for one in parameters_of(rule)}
    hints = hints_of(type(rule))
    values = {
        name: typed(hints[name], understood(known[name], value))
        for name, value in kept.items()
        if name in known
    }
    return cast("Rule", replace(cast("Any", rule), **values)) if values else rule


def typed(hint: Any, value: Any) -> Any:
    """A choice as the member that the rule knows it by."""
    plain, _ = without_none(hint)
    if isinstance(plain, type) and issubclass(plain, Enum) and value is not None:
        return next(member for member in plain if str(member.value) == value)
    return value
