"""The shape of a posted signal: parsed and checked, or refused with the field and the reason; pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, NoReturn

from exceptions_app.intake.digests import digest
from exceptions_app.intake.fields import (
    CUSTOMER_FIELDS,
    DOCUMENT_FIELDS,
    FIELDS,
    PARCEL_FIELDS,
    PROMISE_FIELDS,
    STEP_FIELDS,
    SUBJECT_FIELDS,
    WINDOW_FIELDS,
    Wrong,
    day,
    insist_known,
    instant,
    optional,
    section,
    text,
)
from exceptions_app.intake.mistakes import everything_wrong
from exceptions_app.subjects.attributes import MOST_NUMBER
from exceptions_app.subjects.facts import NOTHING, Document, Parcel, Plan, Report, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS, problems
from exceptions_app.vocabulary import SubjectKind

WINDOW = ("starts_at", "ends_at")
MOST_PARCELS = 200
#: From here on, rounding to cents gives a number that no column holds.
TOO_MUCH = Decimal("999999999999.995")
#: Words after the dot of a type that say nothing by themselves.
PLAIN = ("updated", "promised")


def words_of(kind: SubjectKind) -> tuple[str, ...]:
    """What may follow the kind in a type."""
    return (*JOURNEYS[kind].milestones, *JOURNEYS[kind].reports, *PLAIN)


TYPES = {f"{kind.value}.{word}": (kind, word) for kind in SubjectKind for word in words_of(kind)}


class NewSignal(NamedTuple):
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
    customer: Mapping[str, str] = NOTHING
    attributes: Mapping[str, Any] = NOTHING
    milestones: Mapping[str, Step] = NOTHING
    promise: Told | None = None
    word: str = ""
    report: Report | None = None
    window: Plan | None = None
    documents: Mapping[str, Document] = NOTHING
    parcels: Mapping[str, Parcel] = NOTHING


def parse(item: Any) -> NewSignal | dict[str, str]:
    """The signal, or all that is wrong with it by field."""
    if not isinstance(item, dict):
        return {"": "A signal is a JSON object."}
    try:
        return understood(item)
    except Wrong:
        return everything_wrong(item, understood)


def understood(item: dict[str, Any]) -> NewSignal:
    insist_known(item, FIELDS)
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
        window=window(item, kind, occurred_at),
        documents=documents(item, kind, occurred_at),
        parcels=parcels(item, kind, word, occurred_at),
        digest=digest(item),
    )


def kind_and_word(type_: str) -> tuple[SubjectKind, str]:
    return TYPES.get(type_) or no_type(type_)


def no_type(type_: str) -> NoReturn:
    before, dot, word = type_.partition(".")
    if not dot or before not in SubjectKind.values:
        raise Wrong(
            "type",
            f"Must be <kind>.<word>, where the kind is one of {', '.join(SubjectKind.values)}.",
        )
    kind = SubjectKind(before)
    known = ", ".join(words_of(kind))
    raise Wrong(
        "type", f"“{word}” is no word for a signal about {kind.with_article}. Use one of {known}."
    )


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


def attributes(
    given: Mapping[str, Any],
    kind: SubjectKind,
    *,
    name: str = "attributes",
    within: str = "subject.",
) -> dict[str, Any]:
    told = given.get(name)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise Wrong(f"{within}{name}", "Must be a JSON object.")
    for attribute, reason in problems(kind, told).items():
        raise Wrong(f"{within}{name}.{attribute}", reason)
    return told


def milestones(
    item: Mapping[str, Any], kind: SubjectKind, word: str, occurred_at: datetime
) -> dict[str, Step]:
    known = JOURNEYS[kind].milestones
    sent = item.get("milestones")
    given = {} if sent is None else sent
    if not isinstance(given, dict):
        raise Wrong("milestones", "Must be a JSON object of milestone names.")
    steps = {name: step(name, value, known, occurred_at) for name, value in given.items()}
    if word == JOURNEYS[kind].keeps and item.get("parcels"):
        return steps  # that is said of these parcels, not of the whole
    if word in known and (word not in steps or steps[word].actual_at is None):
        expected = steps[word].expected_at if word in steps else None
        steps[word] = Step(expected, occurred_at, occurred_at, occurred_at if expected else None)
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
    return Step(expected, actual, occurred_at, occurred_at if expected else None)


def promise(item: Mapping[str, Any], occurred_at: datetime) -> Told | None:
    if item.get("promise") is None:
        return None
    given = section(item, "promise", PROMISE_FIELDS)
    reason = text(given, "reason", 200, needed=False, within="promise.")
    return Told(instant(given.get("promised_at"), "promise.promised_at"), occurred_at, reason)


def window(item: dict[str, Any], kind: SubjectKind, occurred_at: datetime) -> Plan | None:
    """The time window that the customer was told."""
    if item.get("window") is None:
        return None
    if not JOURNEYS[kind].planned:
        raise Wrong("window", f"A {kind.label} has no time window.")
    given = section(item, "window", WINDOW_FIELDS)
    starts_at, ends_at = (instant(given.get(end), f"window.{end}") for end in WINDOW)
    if ends_at < starts_at:
        raise Wrong("window.ends_at", "Must not be before the window starts.")
    return Plan(occurred_at, None, starts_at, ends_at)


def documents(
    item: Mapping[str, Any], kind: SubjectKind, occurred_at: datetime
) -> dict[str, Document]:
    known = JOURNEYS[kind].documents
    sent = item.get("documents")
    given = {} if sent is None else sent
    if not isinstance(given, dict):
        raise Wrong("documents", "Must be a JSON object of documents by name.")
    for name in given:
        if name not in known:
            listed = f"Use one of {', '.join(known)}." if known else "This kind has none."
            raise Wrong(f"documents.{name}", f"Not a document of this kind. {listed}")
    return {name: document(given, name, kind, occurred_at) for name in given}


def document(
    given: dict[str, Any], name: str, kind: SubjectKind, occurred_at: datetime
) -> Document:
    told, within = section(given, name, DOCUMENT_FIELDS, within="documents."), f"documents.{name}."
    expires_on = told.get("expires_on")
    return Document(
        said_at=occurred_at,
        received_at=optional(told, "received_at", f"{within}received_at"),
        expires_on=None if expires_on is None else day(expires_on, f"{within}expires_on"),
        number=text(told, "number", 80, needed=False, within=within),
        states=attributes(told, kind, name="states", within=within),
    )


def parcels(
    item: Mapping[str, Any], kind: SubjectKind, word: str, occurred_at: datetime
) -> dict[str, Parcel]:
    """By their tracking numbers, or whatever tells them apart; what the type says is said of each."""
    sent = item.get("parcels")
    given = {} if sent is None else sent
    if not isinstance(given, dict):
        raise Wrong("parcels", "Must be a JSON object of parcels by number.")
    if given and not JOURNEYS[kind].parcelled:
        raise Wrong("parcels", f"{kind.with_article.capitalize()} has no parcels.")
    if len(given) > MOST_PARCELS:
        raise Wrong("parcels", f"Must be at most {MOST_PARCELS} parcels in one signal.")
    moved = JOURNEYS[kind].parcelled.get(word, "")
    return {number: parcel(given, number, moved, occurred_at) for number in given}


def parcel(given: dict[str, Any], number: str, moved: str, occurred_at: datetime) -> Parcel:
    if not number.strip() or len(number) > MOST_NUMBER or "\x00" in number:
        raise Wrong("parcels", f"A parcel goes by a number of 1 to {MOST_NUMBER} characters.")
    told, within = section(given, number, PARCEL_FIELDS, within="parcels."), f"parcels.{number}."
    times = {part: optional(told, part, within + part) for part in told}
    if moved:
        times[moved] = times.get(moved) or occurred_at
    return Parcel(occurred_at, **times)
