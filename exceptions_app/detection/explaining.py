"""Why a rule holds or not on some facts as of an instant: its conditions one by one, and a sentence; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from exceptions_app.detection import (
    accounts as accounts,  # the rarer shapes tell of themselves there
)
from exceptions_app.detection.conditions import DASH, NOT_FOR_THIS, Condition, Words, told
from exceptions_app.detection.rules.base import Rule, check
from exceptions_app.subjects.facts import Facts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of some facts; ``since`` is the instant from which it holds, or will hold.

    ``score`` is what its finding weighs, and ``parts`` what that is made of.
    """

    rule: str
    holds: bool
    since: datetime | None
    sentence: str
    conditions: tuple[Condition, ...] = ()
    score: int | None = None
    parts: Mapping[str, int] = field(default_factory=dict)


def why(
    rule: Rule, facts: Facts, at: datetime, *, threshold: int = 0, zone: tzinfo = UTC
) -> Verdict:
    """The verdict is the rule's own; the conditions only say what it saw."""
    if rule.kind != facts.kind:
        sentence = f"{NOT_FOR_THIS} it is about {rule.kind.plural}"
        return Verdict(rule.slug, holds=False, since=None, sentence=sentence)
    words = Words(facts, zone)
    account, since = told(rule, words), rule.when(facts)
    if since is None:
        sentence = missed(account.conditions)
        return Verdict(rule.slug, False, None, sentence, account.conditions)  # noqa: FBT003 - it does not hold
    finding = check(rule, facts, at)
    if finding is None:
        due = account.because or f"it would hold from {words.time(since)}"
        sentence = f"not yet {DASH} {due}, looked {words.time(at)}"
        return Verdict(rule.slug, False, since, sentence, account.conditions)  # noqa: FBT003 - not by then
    reason = f" {DASH} {account.because}" if account.because else ""
    weight = weighing(finding.score, threshold)
    return Verdict(
        rule=rule.slug,
        holds=True,
        since=since,
        sentence=f"holds since {words.time(since)}{reason}{weight}",
        conditions=account.conditions,
        score=finding.score,
        parts=finding.parts,
    )


def missed(conditions: tuple[Condition, ...]) -> str:
    """The first condition that failed; where nobody can name it, just that the rule does not hold."""
    failed = next((one for one in conditions if not one.holds), None)
    return f"{failed.otherwise} {failed.said}" if failed else "does not hold on these facts"


def weighing(score: int, threshold: int) -> str:
    """Only a finding that is too light for a case needs it said."""
    if score >= threshold:
        return ""
    return f"; watched, as it weighs {score} and a case needs {threshold}"
