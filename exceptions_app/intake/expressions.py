"""JMESPath mappings: from somebody else's JSON to signals as our API takes them; pure, and bounded (I3)."""

import json
from datetime import UTC, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from exceptions_app.errors import Refused
from exceptions_app.intake.fields import whole

LONGEST = 10_000
LARGEST_BODY = 1024 * 1024
MOST = 1_000
#: Steps of one evaluation, how much any value on the way may hold, and how much all that is made may take.
WORK, SIZE, MADE = 1_000_000, 5_000_000, 10_000_000
#: What is no longer counts again each time.
SHORT = 100
#: From here on a number of seconds since 1970 is one of milliseconds.
MILLISECONDS = 100_000_000_000


class TooMuch(Exception):
    """An evaluation went out of bounds; never leaves this module."""


class Careful(Functions):
    """The functions of JMESPath, of which one alone can make a thousand times what it is given."""

    def call_function(self, function_name: str, resolved_args: Any) -> Any:
        if function_name == "join" and weight_of_join(*resolved_args) > SIZE:
            raise TooMuch
        return super().call_function(function_name, resolved_args)


def weight_of_join(glue: Any = None, parts: Any = None, *_: Any) -> int:
    known = isinstance(glue, str) and isinstance(parts, list)
    return len(glue) * len(parts) if known else 0


class Bounded(TreeInterpreter):
    """JMESPath has no loops, but ``[@, @][]`` doubles: so every value on the way is weighed.

    What is made is counted together, as a thousand values may be made before the first is let go.
    """

    def __init__(self) -> None:
        super().__init__()
        self._functions = Careful()
        self.left, self.room = WORK, MADE
        self.weighed: dict[int, tuple[int, Any]] = {}
        self.seen: dict[int, Any] = {}

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().visit(node, *args, **kwargs)
        self.left -= 1
        self.room -= self.fresh(found)
        if min(self.left, self.room) < 0 or self.weight(found) > SIZE:
            raise TooMuch
        return found

    def fresh(self, value: Any) -> int:
        """What it takes by itself, if it was not seen before; the body's own parts are little."""
        if not isinstance(value, str | list | dict) or id(value) in self.seen:
            return 0
        if len(value) > SHORT:
            self.seen[id(value)] = value  # so that no other gets its id
        return len(value)

    def weight(self, value: Any) -> int:
        """How much it holds, parts that occur twice counted twice; remembered, as parts are shared."""
        if isinstance(value, str):
            return len(value)
        if not isinstance(value, list | dict):
            return 1
        known = self.weighed.get(id(value))
        if known is None:  # the value is kept with its weight, so that no other gets its id
            parts = value.values() if isinstance(value, dict) else value
            known = self.weighed[id(value)] = 1 + sum(map(self.weight, parts)), value
        return known[0]


def checked(expression: str) -> str:
    """The expression, if it can be understood."""
    if len(expression) > LONGEST:
        raise wrong(f"Must be at most {LONGEST:,} characters.")
    if not expression.strip():
        raise wrong("Write an expression.")
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        raise wrong(f"This is no JMESPath expression. {str(error).strip()}") from None
    except RecursionError:
        raise wrong("It is nested too deeply.") from None
    return expression


def wrong(reason: str) -> Refused:
    return Refused(f"The expression cannot be used. {reason}", {"expression": reason})


def body_of(text: str | bytes) -> Any:
    """A pasted or posted body as JSON."""
    if len(text) > LARGEST_BODY:
        raise Refused("Use at most 1 MB of JSON.", {"body": "Must be at most 1 MB."})
    try:
        return json.loads(text, parse_constant=no_number, parse_int=whole)
    except (ValueError, RecursionError) as error:
        raise Refused.about("body", f"This is no JSON: {error}.") from None


def no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def signals_of(expression: str, body: Any, *, source: str, zone: str) -> list[Any]:
    """The signals that the expression builds, each with the source and the zone of the mapping."""
    parsed = jmespath.compile(checked(expression)).parsed
    try:
        found = Bounded().visit(parsed, body)
    except JMESPathError as error:
        raise wrong(str(error)) from None
    except (TooMuch, RecursionError):
        raise wrong("It makes far too much of this body. Take only what signals need.") from None
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        # jmespath lets these through where a function meets a value it did not expect
        raise wrong(f"It fails on this body: {error}.") from None
    made = [] if found is None else found if isinstance(found, list) else [found]
    if len(made) > MOST:
        raise wrong(f"It makes {len(made):,} signals of one body; at most {MOST:,} are taken.")
    return [finished(one, source, ZoneInfo(zone)) for one in made]


def finished(made: Any, source: str, zone: ZoneInfo) -> Any:
    """What is missing or foreign in one signal: its source, zones of its times, numbers as names."""
    if not isinstance(made, dict):
        return made
    signal = {"source": source, **pruned(made)}
    signal["external_id"] = named(signal.get("external_id"))
    subject = signal.get("subject")
    if isinstance(subject, dict):
        signal["subject"] = {**subject, "reference": named(subject.get("reference"))}
    timed(signal, ("occurred_at",), zone)
    timed(signal.get("promise"), ("promised_at",), zone)
    steps = signal.get("milestones")
    for step in steps.values() if isinstance(steps, dict) else ():
        timed(step, ("expected_at", "actual_at"), zone)
    return signal


def pruned(value: Any) -> Any:
    """Without what the body did not have: nothing is said of it."""
    if not isinstance(value, dict):
        return value
    parts = {str(name): pruned(part) for name, part in value.items()}
    return {name: part for name, part in parts.items() if part is not None and part != {}}


def named(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def timed(part: Any, names: tuple[str, ...], zone: ZoneInfo) -> None:
    """Times without a zone are in that of the mapping; numbers count from 1970."""
    if not isinstance(part, dict):
        return
    for name in names:
        if name in part:
            part[name] = instant(part[name], zone)


def instant(value: Any, zone: ZoneInfo) -> Any:
    """As ISO 8601 with its zone; what is no time is left for the API to refuse."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if abs(value) >= MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError, OSError):
        return value
    return value if at.tzinfo else at.replace(tzinfo=zone).isoformat()
