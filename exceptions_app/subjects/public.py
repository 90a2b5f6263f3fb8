"""What a customer may be told of a subject: the promise, what has happened, what comes next; pure (B6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import SubjectKind

State = Literal["waiting", "late", "kept", "over"]

#: The steps a customer is told, by kind; a kind that is missing here has no page.
STEPS: Mapping[SubjectKind, tuple[str, ...]] = {
    SubjectKind.ORDER: ("placed", "paid", "packed", "shipped", "delivered"),
    SubjectKind.DEAL: ("sold", "arrived", "prepared", "registered", "handed_over"),
    SubjectKind.APPOINTMENT: ("booked", "dispatched", "checked_in", "finished"),
    SubjectKind.PAYMENT: ("requested", "paid"),
    SubjectKind.DELIVERY: ("scheduled", "confirmed", "prepared", "departed", "handed_over"),
    SubjectKind.FINANCE: ("submitted", "answered", "funded"),
    SubjectKind.RETURN: ("requested", "sent", "received", "inspected", "refunded"),
    SubjectKind.COMPLAINT: ("received", "answered", "settled"),
}
#: The reports a customer is told; the rest is between us and our suppliers.
REPORTS: Mapping[SubjectKind, tuple[str, ...]] = {
    SubjectKind.ORDER: (
        "cancelled", "unavailable", "returned", "returned_to_sender", "customs", "weather",
    ),
    SubjectKind.DEAL: ("cancelled",),
    SubjectKind.APPOINTMENT: ("cancelled_by_customer", "cancelled", "rescheduled", "no_show"),
    SubjectKind.PAYMENT: ("refunded",),
    SubjectKind.DELIVERY: ("rescheduled", "cancelled"),
    SubjectKind.FINANCE: ("withdrawn",),
    SubjectKind.RETURN: ("rejected", "cancelled"),
    SubjectKind.COMPLAINT: ("withdrawn",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step, when it was done or is expected, and whether it is the next."""

    name: str
    done_at: datetime | None
    expected_at: datetime | None
    next: bool


@dataclass(frozen=True)
class PublicState:
    """What the page says; ``answers`` tells whether it spares the customer the question."""

    kind: SubjectKind
    reference: str
    state: State
    promised_at: datetime | None
    promised_before: datetime | None
    steps: tuple[PublicStep, ...]
    reports: tuple[tuple[str, datetime], ...]

    @property
    def answers(self) -> bool:
        """Late is no answer: who asks then should hear from a person."""
        known = self.promised_at is not None or any(step.done_at for step in self.steps)
        return self.state != "late" and known


def public_state(facts: Facts, at: datetime) -> PublicState | None:
    """None for a kind that no customer has."""
    names = STEPS.get(facts.kind)
    if names is None:
        return None
    told = {name: facts.reported(name) for name in REPORTS[facts.kind]}
    revised = facts.revisions
    return PublicState(
        kind=facts.kind,
        reference=facts.reference,
        state=state_of(facts, at),
        promised_at=facts.promised_at,
        promised_before=revised[-2].promised_at if len(revised) > 1 else None,
        steps=steps_of(facts, names),
        reports=tuple(sorted(((n, t) for n, t in told.items() if t), key=lambda one: one[1])),
    )


def state_of(facts: Facts, at: datetime) -> State:
    if facts.reached(JOURNEYS[facts.kind].keeps) is not None:
        return "kept"
    if facts.ended_at is not None:
        return "over"
    return "late" if facts.promised_at is not None and facts.promised_at < at else "waiting"


def steps_of(facts: Facts, names: tuple[str, ...]) -> tuple[PublicStep, ...]:
    """In the journey's order; what was left out before a step that is done needs no mention."""
    done = [place for place, name in enumerate(names) if facts.reached(name)]
    last = done[-1] if done else -1
    shown = [n for place, n in enumerate(names) if place > last or facts.reached(n)]
    coming = names[last + 1] if last + 1 < len(names) and facts.ended_at is None else ""
    return tuple(
        PublicStep(name, facts.reached(name), facts.expected(name), next=name == coming)
        for name in shown
        if facts.ended_at is None or facts.reached(name)
    )
