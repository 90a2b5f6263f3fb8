"""Why a rule holds or not on some facts as of an instant: its conditions one by one, and a sentence; pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from exceptions_app.detection.conditions import DASH, NOT_FOR_THIS, Condition, Words, told
from exceptions_app.detection.rules.base import Rule
from exceptions_app.subjects.facts import Facts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of some facts; ``since`` is the instant from which it holds, or will hold."""

    rule: str
    holds: bool
    since: datetime | None
    sentence: str
    conditions: tuple[Condition, ...] = ()


def why(rule: Rule, facts: Facts, at: datetime, *, zone: tzinfo = UTC) -> Verdict:
    """The verdict is the rule's own; the conditions only say what it saw."""
    if rule.kind != facts.kind:
        return Verdict(rule.slug, False, None, f"{NOT_FOR_THIS} it is about {rule.kind.label}s")  # noqa: FBT003 - named by its place
    words = Words(facts, zone)
    account, since = told(rule, words), rule.when(facts)
    holds = since is not None and since <= at
    if since is None:
        sentence = missed(account.conditions)
    elif holds:
        sentence = f"holds since {words.time(since)}{because(account.because)}"
    else:
        due = account.because or f"it would hold from {words.time(since)}"
        sentence = f"not yet {DASH} {due}, looked {words.time(at)}"
    return Verdict(rule.slug, holds, since, sentence, account.conditions)


def missed(conditions: tuple[Condition, ...]) -> str:
    """The first condition that failed; where nobody can name it, just that the rule does not hold."""
    failed = next((one for one in conditions if not one.holds), None)
    return f"{failed.otherwise} {failed.said}" if failed else "does not hold on these facts"


def because(reason: str) -> str:
    return f" {DASH} {reason}" if reason else ""
