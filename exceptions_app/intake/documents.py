"""Mapping documents: from TOML or JSON to a column mapping, or what is wrong with it by field; pure (I4)."""

import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from exceptions_app.errors import Refused
from exceptions_app.intake.columns import ColumnMapping, KnownOutcome, RowSignal, Typed
from exceptions_app.intake.parts import Part, cell, optional, when
from exceptions_app.intake.reading import Cell, When
from exceptions_app.intake.shape import PLAIN
from exceptions_app.subjects.journeys import JOURNEYS, Journey
from exceptions_app.vocabulary import SubjectKind

MOST_SIGNALS = 40


def compiled(document: Mapping[str, Any], name: str) -> ColumnMapping:
    """The mapping that the document describes; refuses one that makes no sense, field by field."""
    wrong: dict[str, str] = {}
    zone = str(document.get("zone", "UTC"))
    known = zone in zoneinfo.available_timezones()
    part = Part(document, "", wrong, ZoneInfo(zone if known else "UTC"))
    part.strings("aliases")
    part.take("zone", str, "UTC")
    if not known:
        part.blame("zone", "Must be a time zone such as Europe/Berlin.")
    reference = cell(part, "reference", needed=True)
    source = part.take("source", str, "", needed=True)
    signals = tuple(row_signals(part))
    made = ColumnMapping(
        name=name,
        title=part.take("name", str, name),
        source=source,
        site=part.take("site", str, source),
        zone=zone,
        reference=reference,
        row_signals=signals,
        columns=frozenset(needed_columns(reference, signals)),
        kind=next((kind_of(one) for one in signals), ""),
        outcome=known_outcome(part),
        formats=part.strings("time_format"),
        decimal=part.take("decimal", str, "."),
        document=document,
    )
    if made.decimal not in (".", ","):
        part.blame("decimal", "Must be a point or a comma.")
    part.done()
    if wrong:
        field, reason = next(iter(wrong.items()))
        raise Refused(f"The mapping cannot be used. {field}: {reason}", wrong)
    return made


def row_signals(part: Part) -> Iterator[RowSignal]:
    given = part.take("signals", list, [], needed=True)
    if not given:
        part.blame("signals", "Name at least one signal.")
    if len(given) > MOST_SIGNALS:
        part.blame("signals", f"At most {MOST_SIGNALS} signals of a row.")
    for index, one in enumerate(given[:MOST_SIGNALS]):
        yield row_signal(Part(one, f"signals.{index}", part.wrong, part.zone))


def row_signal(part: Part) -> RowSignal:
    type_ = cell(part, "type", needed=True, constant=True)
    journey = journey_of(part, type_)
    subject, promise = part.inner("subject"), part.inner("promise")
    made = RowSignal(
        type=type_,
        occurred_at=when(part, "occurred_at", needed=True),
        needed=part.flag("needed"),
        only=conditions(part),
        external_id=optional(part, "external_id"),
        milestones=milestones(part, journey),
        note=optional(part, "note"),
        promised_at=when(promise, "promised_at", needed=True) if promise else None,
        reason=optional(promise, "reason") if promise else None,
        **(about(subject, journey) if subject else {}),
    )
    for each in filter(None, (promise, part)):
        each.done()
    return made


def types(type_: Cell) -> tuple[str, ...]:
    """Every type that this may give."""
    if not type_.columns:
        return (type_.constant,)
    return tuple(filter(None, (*(type_.values or {}).values(), type_.otherwise)))


def kind_of(signal: RowSignal) -> str:
    return next((one.partition(".")[0] for one in types(signal.type)), "")


def journey_of(part: Part, type_: Cell) -> Journey | None:
    """The journey that all types of this signal belong to."""
    found: Journey | None = None
    if type_.columns and type_.values is None:
        part.blame("type", "Say with “values” which value stands for which type.")
    for one in types(type_):
        kind, _, word = one.partition(".")
        journey = JOURNEYS[SubjectKind(kind)] if kind in SubjectKind.values else None
        words = (*journey.milestones, *journey.reports, *PLAIN) if journey else ()
        if journey is None:
            part.blame("type", f"“{one}” must begin with one of {', '.join(SubjectKind.values)}.")
        elif word not in words:
            part.blame("type", f"“{one}” must end with one of {', '.join(words)}.")
        elif found not in (None, journey):
            part.blame("type", "Must be about one kind of subject.")
        found = found or journey
    return found


def about(part: Part, journey: Journey | None) -> dict[str, Any]:
    """Cells of the subject, each read as its field needs it."""
    hints = get_type_hints(journey.attributes) if journey else {}
    parts: dict[str, Mapping[str, Typed]] = {}
    for name, known in (
        ("customer", dict.fromkeys(("name", "email", "phone"), str)),
        ("attributes", hints),
    ):
        inner = part.inner(name)
        parts[name] = typed_cells(inner, known) if inner else {}
    plain = dict.fromkeys(("label", "tier", "site", "team"), str)
    parts["subject"] = typed_cells(part, {**plain, "value": float})
    return parts


def typed_cells(part: Part, known: Mapping[str, Any]) -> dict[str, Typed]:
    for name in set(part.left) - set(known):
        part.left.pop(name)
        part.blame(name, f"Unknown here. Use one of {', '.join(known)}.")
    return {name: (cell(part, name), read_as(known[name])) for name in list(part.left)}


def read_as(hint: Any) -> str:
    kinds = set(get_args(hint)) or {hint}
    return (
        "truth"
        if bool in kinds
        else "whole"
        if int in kinds
        else "number"
        if float in kinds
        else "text"
    )


def milestones(part: Part, journey: Journey | None) -> dict[str, dict[str, When]]:
    found: dict[str, dict[str, When]] = {}
    for name, inner in part.parts("milestones"):
        if journey and name not in journey.milestones:
            part.blame(f"milestones.{name}", f"Use one of {', '.join(journey.milestones)}.")
        found[name] = {
            time: when(inner, time) for time in ("expected_at", "actual_at") if time in inner.left
        }
        inner.done()
    return found


def conditions(part: Part) -> dict[str, frozenset[str]]:
    inner = part.inner("only")
    return {name: frozenset(inner.strings(name)) for name in list(inner.left)} if inner else {}


def known_outcome(part: Part) -> KnownOutcome | None:
    inner = part.inner("outcome")
    if inner is None:
        return None
    made = KnownOutcome(
        column=inner.take("column", str, "", needed=True),
        missed=frozenset(inner.strings("missed")),
        kept=frozenset(inner.strings("kept")),
        only=conditions(inner),
    )
    inner.done()
    return made


def needed_columns(reference: Cell, signals: tuple[RowSignal, ...]) -> Iterator[str]:
    """Those without which a file is of another kind: names, times, types and conditions."""
    yield from reference.columns
    for one in signals:
        yield from one.occurred_at.columns
        yield from one.only
        for part in (one.type, one.external_id):
            yield from part.columns if part else ()
        yield from one.promised_at.columns if one.promised_at else ()
