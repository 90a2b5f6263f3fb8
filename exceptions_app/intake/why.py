"""Why, and why not: what a signal was understood as, what every rule said then, and what came of it since.

A receipt keeps only what cannot be found out again. The rest is: the facts are learnt anew from the signals
in the order in which they came, and the rules look once more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.explaining import Verdict, why
from exceptions_app.detection.policy import Policy
from exceptions_app.errors import NotFound
from exceptions_app.intake import mending
from exceptions_app.intake.retracing import Known, known_after, known_by
from exceptions_app.intake.shape import NewSignal
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.subjects import queries
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.subjects.knowing import facts_of
from exceptions_app.subjects.models import Receipt, RefusedSignal, Signal, Subject
from exceptions_app.timeline.models import Entry
from exceptions_app.vocabulary import Outcome

#: What is told of a case when somebody asks what has happened since.
TURNS = ("case.opened", "case.repeated", "case.reopened", "case.absorbed")
MOST_SINCE = 50


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a finding when its signal came, as the receipt has it."""

    rule: str
    became: str
    case: str
    why: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happened to a case about the subject."""

    at: datetime
    case_id: int
    case: str
    verb: str
    rule: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything there is to say. ``at`` is the instant as of which the rules looked."""

    at: datetime
    policy: int = 0
    outcome: str = ""
    signal: Signal | None = None
    refused: RefusedSignal | None = None
    receipt: Receipt | None = None
    subject: Subject | None = None
    understood: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    became: tuple[Became, ...] = ()
    since: tuple[Turn, ...] = ()

    @property
    def source(self) -> str:
        return (
            self.signal.source.slug if self.signal else self.refused.source if self.refused else ""
        )

    @property
    def external_id(self) -> str:
        named = self.signal or self.refused
        return named.external_id if named else ""

    @property
    def receipt_id(self) -> UUID | None:
        return self.receipt.pk if self.receipt else None

    @property
    def subject_id(self) -> int | None:
        return self.subject.pk if self.subject else None

    @property
    def looked_with(self) -> int | None:
        """The version of the rules that looked when the signal came."""
        return self.receipt.policy if self.receipt and self.signal else None

    @property
    def next_look_at(self) -> datetime | None:
        return self.subject.next_look_at if self.subject else None

    @property
    def holding(self) -> tuple[Verdict, ...]:
        return tuple(one for one in self.verdicts if one.holds)

    @property
    def failing(self) -> tuple[Verdict, ...]:
        return tuple(one for one in self.verdicts if not one.holds)


def named(source: str, external_id: str, *, by: Actor, zone: tzinfo = UTC) -> Answer:
    """About the signal of this name; if it was refused, why."""
    found = Signal.objects.filter(source__slug=source, external_id=external_id).first()
    if found is not None:
        return of_signal(queries.signal(found.pk, by=by), by=by, zone=zone)
    mine = mending.visible(by).filter(source=source, external_id=external_id)
    one = mine.select_related("receipt", "site").first()
    if one is None:
        raise NotFound(
            "No signal of this name has come, or it is about a site you do not work for."
        )
    wrong = mending.mistakes(one)
    return Answer(
        at=one.received_at,
        outcome=one.outcome,
        refused=one,
        receipt=one.receipt,
        understood=tuple(f"{name}: {why}" if name else why for name, why in wrong.items()),
    )


def of_signal(signal: Signal, *, by: Actor, zone: tzinfo = UTC) -> Answer:
    """As it was when the signal came, and what came of it since."""
    policy = policies.current()
    known, receipt = known_after(signal, policy.hours), signal.receipt
    became, outcome = kept(receipt, signal)
    if known is None or signal.subject is None:
        return Answer(at=signal.received_at, outcome=outcome, signal=signal, receipt=receipt)
    return Answer(
        at=known.at,
        outcome=outcome,
        signal=signal,
        receipt=receipt,
        subject=signal.subject,
        understood=understood(known, zone),
        verdicts=verdicts(known.facts, signal.subject, known.at, policy, zone),
        policy=policy.version,
        became=became,
        since=since(signal.subject, known.at, by=by),
    )


def of_subject(
    subject: Subject,
    *,
    by: Actor,
    now: datetime,
    at: datetime | None = None,
    zone: tzinfo = UTC,
) -> Answer:
    """As it stands; or, as of an instant, on what was known by then."""
    policy = policies.current()
    if at is None or at >= now:
        facts: Facts | None = facts_of([subject], policy.hours)[subject.pk]
    else:
        known = known_by(subject, at, policy.hours)
        facts = known.facts if known else None
    when = at or now
    return Answer(
        at=when,
        policy=policy.version,
        subject=subject,
        understood=() if facts else ("Nothing was known of it by then.",),
        verdicts=verdicts(facts, subject, when, policy, zone) if facts else (),
        since=since(subject, when, by=by),
    )


def of_case(case_id: int, *, zone: tzinfo = UTC) -> Verdict | None:
    """What its rule said of the subject when the case opened; None if no rule of ours opened it.

    Whoever asks has made sure that the actor may see the case.
    """
    case = Case.objects.select_related("subject__site").get(pk=case_id)
    if case.subject is None or not case.rule:
        return None
    known = known_by(case.subject, case.opened_at, policies.current().hours)
    if known is None:
        return None
    told = verdicts(known.facts, case.subject, case.opened_at, policies.current(), zone)
    return next((verdict for verdict in told if verdict.rule == case.rule), None)


def verdicts(
    facts: Facts, subject: Subject, at: datetime, policy: Policy, zone: tzinfo
) -> tuple[Verdict, ...]:
    site = subject.site_id
    seen, threshold = policy.seen(facts, site), policy.threshold_at(site)
    rules = policy.rules_of(facts.kind, site)
    return tuple(why(rule, seen, at, threshold=threshold, zone=zone) for rule in rules)


def kept(receipt: Receipt | None, signal: Signal) -> tuple[tuple[Became, ...], str]:
    """What the receipt says of this signal: what became of each finding, and of the signal itself."""
    lines = receipt.items if receipt else []
    line = lines[signal.position] if signal.position < len(lines) else {}
    found = [
        Became(one["rule"], one["became"], one.get("case", ""), one.get("why", ""))
        for one in line.get("found", ())
    ]
    return tuple(found), line.get("outcome", Outcome.STORED.value)


def understood(known: Known, zone: tzinfo) -> tuple[str, ...]:
    """The signal in the words of its journey."""
    signal = known.heard.understood
    if signal is None:
        return ("It would not be understood any more; the rules look without it.",)
    return tuple(said(signal, zone))


def said(signal: NewSignal, zone: tzinfo) -> list[str]:
    def time(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}" if at else ""

    journey = JOURNEYS[signal.kind]
    told = [f"{signal.kind.label} {signal.reference}"]
    for name, step in signal.milestones.items():
        label = journey.milestones[name]
        told += [f"“{label}” {time(step.actual_at)}"] if step.actual_at else []
        told += [f"“{label}” expected {time(step.expected_at)}"] if step.expected_at else []
    if signal.report is not None:
        told.append(f"“{journey.reports[signal.word]}” {time(signal.report.at)}")
    if signal.promise is not None:
        told.append(f"promised {time(signal.promise.promised_at)}")
    named = {"value": signal.value, "tier": signal.tier, "team": signal.team, **signal.attributes}
    told += [f"{name} {value}" for name, value in named.items() if value not in (None, "")]
    return told


def since(subject: Subject, at: datetime, *, by: Actor) -> tuple[Turn, ...]:
    """What happened to its cases from then on, oldest first."""
    seen = access.visible(Entry.objects.all(), by, site="case__site_id", team="case__team_id")
    entries = seen.filter(case__subject=subject, verb__in=TURNS, at__gte=at)
    entries = entries.select_related("case").order_by("at", "pk")[:MOST_SINCE]
    return tuple(
        Turn(
            at=entry.at,
            case_id=entry.case_id,
            case=str(entry.case),
            verb=entry.verb,
            rule=str(entry.data.get("rule", "")),
            title=str(entry.data.get("title", "") or entry.case.title),
        )
        for entry in entries
    )
