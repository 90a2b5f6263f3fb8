"""A suggestion for a complaint: which exception type and which subject; a person decides (T3)."""

from dataclasses import dataclass
from datetime import datetime

from exceptions_app.complaints import lessons
from exceptions_app.complaints.guessing import Guess, guesses
from exceptions_app.complaints.naming import named
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import ExceptionType

#: Longer texts are read so far.
READ = 5_000
OFFERED = 3
#: Below an even chance a suggestion is a guess.
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """A complaint as far as it matters for a suggestion."""

    text: str
    reference: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    exception_type: ExceptionType
    share: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The likeliest type, how sure that is, what spoke for it, the next ones, and the likely subjects."""

    exception_type: ExceptionType
    confidence: float
    because: tuple[str, ...]
    options: tuple[Option, ...]
    subjects: tuple[Guess, ...]
    known: tuple[str, ...]

    @property
    def likely(self) -> bool:
        """Whether it is sure enough to be put before people as the thing to press."""
        return self.confidence >= LIKELY

    @property
    def subject(self) -> Guess | None:
        return self.subjects[0] if self.subjects else None


def suggest(said: Said, *, by: Actor, at: datetime) -> Suggestion | None:
    """What it looks like; of a text without a word, nothing."""
    text = said.text[:READ]
    if not text.strip():
        return None
    what = named(text, reference=said.reference, contact=(said.name, said.email, said.phone))
    subjects = guesses(what, by=by, site_id=said.site_id)
    known = known_of(subjects, at)
    verdict = lessons.current().judge(text, known)
    shares = sorted(verdict.shares.items(), key=lambda one: -one[1])[:OFFERED]
    return Suggestion(
        ExceptionType(verdict.label),
        verdict.confidence,
        verdict.because,
        tuple(Option(ExceptionType(label), share) for label, share in shares),
        subjects,
        known,
    )


def known_of(subjects: tuple[Guess, ...], at: datetime) -> tuple[str, ...]:
    """What was known of the subject when the complaint came, if it is clear which one is meant."""
    sure = [one for one in subjects if one.sure]
    if len(sure) != 1:
        return ()
    (one,) = sure
    if one.ended_at is not None and one.ended_at <= at:
        return ("ended",)
    return ("overdue",) if one.promised_at is not None and one.promised_at < at else ("open",)
