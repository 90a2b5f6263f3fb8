"""The shape of a posted signal: parsed and checked, or refused with the field and the reason; pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from exceptions_app.subjects.facts import Report, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS, problems
from exceptions_app.vocabulary import SubjectKind

FIELDS = frozenset(
    {
        "source",
        "external_id",
        "type",
        "occurred_at",
        "subject",
        "milestones",
        "promise",
        "note",
    }
)
SUBJECT_FIELDS = frozenset(
    {
        "kind",
        "reference",
        "site",
        "team",
        "label",
        "customer",
        "tier",
        "value",
        "attributes",
    }
)
CUSTOMER_FIELDS = frozenset({"name", "email", "phone"})
STEP_FIELDS = frozenset({"expected_at", "actual_at"})
#: A NUL character as JSON writes it, and not the text of its escape.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
#: A receipt names so many unknown fields of an item.
MOST_WRONG = 20
#: From here on, rounding to cents gives a number that no column holds.
TOO_MUCH = Decimal("999999999999.995")
#: Near the ends of the calendar, adding hours to a time overflows.
YEARS = range(1970, 2200)
#: Words after the dot of a type that say nothing by themselves.
PLAIN = ("updated", "promised")


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal as sent, understood and not yet stored."""

    source: str
    external_id: str
    type: str
    kind: SubjectKind
    occurred_at: datetime
    reference: str
    body: Mapping[str, Any]
    digest: str
    site: str = ""
    team: str = ""
    label: str = ""
    tier: str | None = None
    value: Decimal | None = None
    customer: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    milestones: Mapping[str, Step] = field(default_factory=dict)
    promise: Told | None = None
    word: str = ""
    report: Report | None = None


class Wrong(Exception):
    """What is wrong with one field; never leaves this module."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def parse(item: Any) -> NewSignal | dict[str, str]:
    """The signal, or what is wrong with it by field."""
    if not isinstance(item, dict):
        return {"": "A signal is a JSON object."}
    wrong = {name: unknown(name, FIELDS) for name in item if name not in FIELDS}
    if wrong:
        return dict(islice(wrong.items(), MOST_WRONG))
    try:
        return understood(item)
    except Wrong as error:
        return {error.name: error.reason}


def understood(item: dict[str, Any]) -> NewSignal:
    kind, word = kind_and_word(text(item, "type", 60))
    occurred_at = instant(item.get("occurred_at"), "occurred_at")
    subject = section(item, "subject", SUBJECT_FIELDS)
    if subject.get("kind", kind) != kind:
        raise Wrong(
            "subject.kind",
            f"The type says “{kind}”; the subject's kind must be the same, or left out.",
        )
    note = text(item, "note", 500, needed=False)
    return NewSignal(
        source=text(item, "source", 50),
        external_id=text(item, "external_id", 120),
        type=item["type"],
        kind=kind,
        occurred_at=occurred_at,
        reference=text(subject, "reference", 80, within="subject."),
        body=item,
        digest=digest(item),
        site=text(subject, "site", 50, needed=False, within="subject."),
        team=text(subject, "team", 50, needed=False, within="subject."),
        label=text(subject, "label", 160, needed=False, within="subject."),
        tier=text(subject, "tier", 20, needed=False, within="subject.")
        if subject.get("tier") is not None
        else None,
        value=amount(subject.get("value")),
        customer=customer(subject),
        attributes=attributes(subject, kind),
        milestones=milestones(item, kind, word, occurred_at),
        promise=promise(item, occurred_at),
        word=word,
        report=Report(occurred_at, note=note) if word in JOURNEYS[kind].reports else None,
    )


def digest(item: Mapping[str, Any]) -> str:
    """What tells one content from another; text that PostgreSQL cannot keep is refused here."""
    canonical = json.dumps(
        item, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False
    )
    if "\\u0000" in canonical and NUL.search(canonical):
        raise Wrong("", "Text must not contain a NUL character.")
    try:
        return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()
    except UnicodeEncodeError:
        raise Wrong("", "Text must not contain half of a surrogate pair.") from None


def unknown(name: str, known: frozenset[str]) -> str:
    return f"Unknown field. Use {', '.join(sorted(known))}."


def text(
    item: Mapping[str, Any],
    name: str,
    longest: int,
    *,
    needed: bool = True,
    within: str = "",
) -> str:
    value = item.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise Wrong(
            within + name,
            "Must be text." if value is not None else "This field is required.",
        )
    if len(value) > longest:
        raise Wrong(within + name, f"Must be at most {longest} characters.")
    if "\x00" in value:
        raise Wrong(within + name, "Must not contain a NUL character.")
    return value.strip()


def kind_and_word(type_: str) -> tuple[SubjectKind, str]:
    before, dot, word = type_.partition(".")
    if not dot or before not in SubjectKind.values:
        raise Wrong(
            "type",
            f"Must be <kind>.<word>, where the kind is one of {', '.join(SubjectKind.values)}.",
        )
    kind = SubjectKind(before)
    words = (*JOURNEYS[kind].milestones, *JOURNEYS[kind].reports, *PLAIN)
    if word not in words:
        raise Wrong(
            "type",
            f"“{word}” is no word for a signal about a {kind.label}. Use one of {', '.join(words)}.",
        )
    return kind, word


def instant(value: Any, name: str) -> datetime:
    """An ISO 8601 time with its zone, in UTC."""
    if not isinstance(value, str):
        raise Wrong(
            name,
            "This field is required." if value is None else "Must be an ISO 8601 time, as text.",
        )
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(name, "Must be an ISO 8601 time such as 2026-11-21T09:30:00+01:00.") from None
    if at.tzinfo is None:
        raise Wrong(name, "Must say its time zone, such as …+01:00 or …Z.")
    if at.year not in YEARS:
        raise Wrong(name, f"Must be a year from {YEARS[0]} to {YEARS[-1]}.")
    return at.astimezone(UTC)


def section(
    item: Mapping[str, Any], name: str, known: frozenset[str], *, within: str = ""
) -> dict[str, Any]:
    value = item.get(name)
    if not isinstance(value, dict):
        reason = "This field is required." if value is None else "Must be a JSON object."
        raise Wrong(within + name, reason)
    for inner in value:
        if inner not in known:
            raise Wrong(f"{within}{name}.{inner}", unknown(inner, known))
    return value


def amount(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("subject.value", "Must be a number.")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Wrong("subject.value", "Must be a number.") from None
    if not number.is_finite() or abs(number) >= TOO_MUCH:
        raise Wrong("subject.value", "Must be a number below 1,000,000,000,000.")
    return number.quantize(Decimal("0.01"))


def customer(subject: Mapping[str, Any]) -> dict[str, str]:
    if subject.get("customer") is None:
        return {}
    given = section(subject, "customer", CUSTOMER_FIELDS, within="subject.")
    return {
        name: text(given, name, 160, needed=False, within="subject.customer.")
        for name in given
        if given[name] is not None
    }


def attributes(subject: Mapping[str, Any], kind: SubjectKind) -> dict[str, Any]:
    given = subject.get("attributes")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Wrong("subject.attributes", "Must be a JSON object.")
    for name, reason in problems(kind, given).items():
        raise Wrong(f"subject.attributes.{name}", reason)
    return given


def milestones(
    item: Mapping[str, Any], kind: SubjectKind, word: str, occurred_at: datetime
) -> dict[str, Step]:
    known = JOURNEYS[kind].milestones
    given = item.get("milestones") or {}
    if not isinstance(given, dict):
        raise Wrong("milestones", "Must be a JSON object of milestone names.")
    steps = {name: step(name, value, known, occurred_at) for name, value in given.items()}
    if word in known and (word not in steps or steps[word].actual_at is None):
        expected = steps[word].expected_at if word in steps else None
        steps[word] = Step(expected, occurred_at, occurred_at)
    return steps


def step(name: str, value: Any, known: Mapping[str, str], occurred_at: datetime) -> Step:
    if name not in known:
        raise Wrong(
            f"milestones.{name}",
            f"Not a milestone of this kind. Use one of {', '.join(known)}.",
        )
    times = section({name: value}, name, STEP_FIELDS, within="milestones.")
    expected, actual = (
        optional(times, part, f"milestones.{name}.{part}") for part in ("expected_at", "actual_at")
    )
    return Step(expected, actual, occurred_at)


def optional(times: Mapping[str, Any], part: str, name: str) -> datetime | None:
    return None if times.get(part) is None else instant(times[part], name)


def promise(item: Mapping[str, Any], occurred_at: datetime) -> Told | None:
    if item.get("promise") is None:
        return None
    given = section(item, "promise", frozenset({"promised_at", "reason"}))
    reason = text(given, "reason", 200, needed=False, within="promise.")
    return Told(instant(given.get("promised_at"), "promise.promised_at"), occurred_at, reason)
