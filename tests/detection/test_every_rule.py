"""Every rule on a realistic story that makes it fire, and on the counter-story that must not."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.policy import Policy
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.detection.shipped import DURATIONS
from exceptions_app.subjects.facts import Document, Facts, Plan, Report, Stamp, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import Severity, SubjectKind
from tests.factories import HOUR, MINUTE, NOON

DAY = 24 * HOUR


def reached(**milestones):
    return {name: Step(None, at, at) for name, at in milestones.items()}


def expected(**milestones):
    return {name: Step(at, None, NOON - DAY) for name, at in milestones.items()}


def promised(at, said=NOON - 2 * DAY):
    return (Told(at, said),)


def said(**words):
    return {word: Report(at, recent=(at,)) for word, at in words.items()}


def often(word, *instants):
    return {word: Report(max(instants), len(instants), recent=tuple(sorted(instants)))}


def moved(*days):
    """The promise, told anew each day, so many days after noon."""
    begun = NOON - len(days) * DAY
    return tuple(Told(NOON + day * DAY, begun + n * DAY) for n, day in enumerate(days, start=1))


def told_apart(name, dms, crm, at=NOON):
    stamps = {f"dms:{name}": Stamp(NOON - DAY), f"crm:{name}": Stamp(at)}
    return {"said_by": {"dms": {name: dms}, "crm": {name: crm}}, "said_at": stamps}


def paper(at=NOON - DAY, **told):
    return Document(at, **{"received_at": at, **told})


@dataclass(frozen=True)
class Story:
    """Facts on which a rule fires from ``since`` on, and the same a little otherwise."""

    rule: str
    facts: Facts
    since: object
    severity: Severity
    kept: list[Facts] = field(default_factory=list)


DEAL = Facts(SubjectKind.DEAL, "D-2231", label="Golf GTI", customer={"name": "M. Ortiz"})
FINANCED = DEAL.having(attributes={"lender": "Santander"})
ORDER = Facts(SubjectKind.ORDER, "O-9", value=Decimal(120))
VISIT = Facts(
    SubjectKind.APPOINTMENT, "J-881", label="Kaeser ASD 40", customer={"name": "Brauer KG"}
)
PAYMENT = Facts(SubjectKind.PAYMENT, "P-5", value=Decimal(900), customer={"name": "L. Moreau"})
HANDOVER = Facts(SubjectKind.DELIVERY, "DL-7", label="Golf GTI", customer={"name": "M. Ortiz"})
FINANCE = Facts(SubjectKind.FINANCE, "F-3", value=Decimal(30_000), customer={"name": "M. Ortiz"})
CONTRACT = Facts(SubjectKind.CONTRACT, "C-11", customer={"name": "M. Ortiz"})
TASK = Facts(SubjectKind.LEAD_TASK, "T-4", label="Call back", customer={"name": "L. Moreau"})
REQUEST = Facts(SubjectKind.REQUEST, "Q-6", customer={"name": "L. Moreau"})
RETURN = Facts(SubjectKind.RETURN, "R-2", value=Decimal(80), customer={"name": "L. Moreau"})
BRAKES = Facts(
    SubjectKind.STOCK,
    "S-1",
    label="Brake disc",
    attributes={"booked": 12, "counted": 7, "unit_value": "38.50"},
    said_at={"attributes.booked": Stamp(NOON - 9 * DAY), "attributes.counted": Stamp(NOON)},
)
ANGRY = Facts(SubjectKind.COMPLAINT, "K-1", label="Scratched bonnet", customer={"name": "M. Ortiz"})
PAPERS = {name: paper() for name in ("title", "registration", "insurance", "driving_licence")}
SIGNED = {name: paper() for name in ("contract", "identity", "driving_licence")}
READY = reached(arrived=NOON - DAY, prepared=NOON - DAY)
ON_THE_WAY = ORDER.having(milestones=reached(shipped=NOON - 5 * DAY), attributes={"tracked": True})
GONE = {"milestones": reached(delivered=NOON + HOUR), "ended_at": NOON + HOUR}
WINDOW = Plan(NOON - DAY, None, NOON, NOON + 4 * HOUR)

#: Those that are shipped for staff to switch on look, too.
EVERY = Policy(
    rules={(kind, None): tuple(one for one in RULES if one.kind == kind) for kind in SubjectKind},
    durations=DURATIONS,
)


def seen(facts, **changes):
    """Facts with what their journey expects."""
    return EVERY.seen(facts.having(**changes))


STORIES = [
    Story(
        "deal.delivery_late",
        DEAL.having(promises=promised(NOON), milestones=READY),
        NOON + 30 * MINUTE,
        Severity.HIGH,
        [
            DEAL.having(
                promises=promised(NOON), milestones=READY | reached(handed_over=NOON), ended_at=NOON
            ),
            DEAL.having(
                promises=(*promised(NOON), Told(NOON + 9 * DAY, NOON - HOUR)), milestones=READY
            ),
            DEAL.having(milestones=READY),
        ],
    ),
    Story(
        "deal.delivery_at_risk",
        DEAL.having(promises=promised(NOON + DAY), milestones=reached(arrived=NOON - DAY)),
        NOON,
        Severity.MEDIUM,
        [DEAL.having(promises=promised(NOON + DAY), milestones=READY)],
    ),
    Story(
        "order.late",
        ORDER.having(promises=promised(NOON)),
        NOON,
        Severity.MEDIUM,
        [
            ORDER.having(
                promises=promised(NOON),
                milestones=reached(delivered=NOON - HOUR),
                ended_at=NOON - HOUR,
            ),
            ORDER.having(
                promises=promised(NOON), reports=said(cancelled=NOON - HOUR), ended_at=NOON - HOUR
            ),
        ],
    ),
    Story(
        "order.scan_gap",
        ON_THE_WAY.having(reports=said(scanned=NOON - 2 * DAY)),
        NOON,
        Severity.MEDIUM,
        [
            ON_THE_WAY.having(attributes={}),
            ON_THE_WAY.having(reports=said(scanned=NOON + 9 * HOUR)),
            ON_THE_WAY.having(
                milestones=reached(shipped=NOON - 5 * DAY, delivered=NOON), ended_at=NOON
            ),
        ],
    ),
    Story(
        "appointment.not_checked_in",
        VISIT.having(milestones=expected(checked_in=NOON)),
        NOON + 15 * MINUTE,
        Severity.HIGH,
        [
            VISIT.having(milestones={"checked_in": Step(NOON, NOON + 10 * MINUTE, NOON)}),
            VISIT.having(milestones=expected(checked_in=NOON), ended_at=NOON - HOUR),
        ],
    ),
    Story(
        "appointment.cancelled_by_customer",
        VISIT.having(reports=said(cancelled_by_customer=NOON), ended_at=NOON),
        NOON,
        Severity.MEDIUM,
        [VISIT],
    ),
    Story(
        "appointment.moved_late",
        VISIT.having(reports={"rescheduled": Report(NOON, before=NOON + 3 * HOUR)}),
        NOON,
        Severity.MEDIUM,
        [
            VISIT.having(reports={"rescheduled": Report(NOON, before=NOON + 3 * DAY)}),
            VISIT.having(reports={"rescheduled": Report(NOON, before=NOON - HOUR)}),
        ],
    ),
    Story(
        "appointment.no_show",
        VISIT.having(reports=said(no_show=NOON), ended_at=NOON),
        NOON,
        Severity.HIGH,
        [VISIT.having(reports=said(no_show=NOON), milestones=reached(checked_in=NOON + MINUTE))],
    ),
    Story(
        "appointment.cancelled",
        VISIT.having(reports=said(on_hold=NOON)),
        NOON,
        Severity.MEDIUM,
        [VISIT.having(reports=said(on_hold=NOON), milestones=reached(checked_in=NOON + HOUR))],
    ),
    Story(
        "payment.failed",
        PAYMENT.having(reports=said(failed=NOON)),
        NOON,
        Severity.HIGH,
        [
            PAYMENT.having(
                reports=said(failed=NOON),
                milestones=reached(paid=NOON + HOUR),
                ended_at=NOON + HOUR,
            )
        ],
    ),
    Story(
        "payment.finance_declined",
        PAYMENT.having(reports=said(declined=NOON)),
        NOON,
        Severity.HIGH,
        [PAYMENT.having(milestones=reached(submitted=NOON - HOUR, answered=NOON))],
    ),
    Story(
        "payment.finance_unanswered",
        PAYMENT.having(milestones=reached(submitted=NOON)),
        NOON + 4 * HOUR,
        Severity.MEDIUM,
        [PAYMENT.having(milestones=reached(submitted=NOON, answered=NOON + 3 * HOUR))],
    ),
    Story(
        "appointment.running_over",
        VISIT.having(milestones=reached(checked_in=NOON - 2 * HOUR) | expected(finished=NOON)),
        NOON + 15 * MINUTE,
        Severity.LOW,
        [
            VISIT.having(milestones=expected(finished=NOON)),
            VISIT.having(milestones=reached(checked_in=NOON - HOUR, finished=NOON), ended_at=NOON),
        ],
    ),
    Story(
        "deal.mismatch",
        DEAL.having(**told_apart("vin", "WVWZZZ1", "WVWZZZ7", at=NOON - 2 * DAY)),
        NOON - 2 * DAY,
        Severity.HIGH,
        [
            DEAL.having(**told_apart("vin", "WVWZZZ1", " wvwzzz1")),
            DEAL.having(said_by={"dms": {"vin": "WVWZZZ1"}}, said_at={"dms:vin": Stamp(NOON)}),
        ],
    ),
    Story(
        "deal.moved_too_often",
        DEAL.having(promises=moved(9, 10, 11, 12), milestones=READY),
        NOON,
        Severity.MEDIUM,
        [
            DEAL.having(promises=moved(9, 10, 11), milestones=READY),
            DEAL.having(promises=moved(9, 9, 9, 10, 10), milestones=READY),
        ],
    ),
    Story(
        "delivery.late",
        HANDOVER.having(promises=promised(NOON)),
        NOON + 30 * MINUTE,
        Severity.HIGH,
        [HANDOVER.having(promises=promised(NOON), reports=said(no_show=NOON), ended_at=NOON)],
    ),
    Story(
        "delivery.at_risk",
        HANDOVER.having(promises=promised(NOON + 4 * HOUR)),
        NOON,
        Severity.MEDIUM,
        [HANDOVER.having(promises=promised(NOON + 4 * HOUR), milestones=reached(prepared=NOON))],
    ),
    Story(
        "delivery.moved_too_often",
        HANDOVER.having(reports=often("rescheduled", NOON - DAY, NOON - HOUR, NOON)),
        NOON,
        Severity.MEDIUM,
        [
            HANDOVER.having(reports=often("rescheduled", NOON - DAY, NOON)),
            HANDOVER.having(promises=moved(9, 15)),
        ],
    ),
    Story(
        "delivery.no_show",
        HANDOVER.having(reports=said(no_show=NOON), ended_at=NOON),
        NOON,
        Severity.HIGH,
        [HANDOVER.having(reports=said(no_show=NOON, rescheduled=NOON + HOUR))],
    ),
    Story(
        "delivery.cancelled",
        HANDOVER.having(reports=said(cancelled=NOON), ended_at=NOON),
        NOON,
        Severity.MEDIUM,
        [HANDOVER],
    ),
    Story(
        "delivery.documents_missing",
        HANDOVER.having(
            promises=promised(NOON + DAY), documents={**PAPERS, "insurance": Document(NOON - DAY)}
        ),
        NOON,
        Severity.MEDIUM,
        [HANDOVER.having(promises=promised(NOON + DAY), documents=PAPERS)],
    ),
    Story(
        "delivery.document_expired",
        HANDOVER.having(documents={"insurance": paper(expires_on=date(2026, 3, 9))}),
        NOON - 12 * HOUR,
        Severity.MEDIUM,
        [HANDOVER.having(documents={"insurance": paper(expires_on=date(2026, 3, 20))})],
    ),
    Story(
        "delivery.document_inconsistent",
        HANDOVER.having(
            attributes={"vin": "WVWZZZ1"},
            documents={"title": paper(NOON, states={"vin": "WVWZZZ7"})},
        ),
        NOON,
        Severity.HIGH,
        [
            HANDOVER.having(
                attributes={"vin": "WVWZZZ1"}, documents={"title": paper(states={"vin": "wvwzzz1"})}
            ),
            HANDOVER.having(documents={"title": paper(states={"vin": "WVWZZZ7"})}),
        ],
    ),
    Story(
        "contract.mismatch",
        CONTRACT.having(**told_apart("price", "24990", "24490.00")),
        NOON - DAY,
        Severity.HIGH,
        [
            CONTRACT.having(**told_apart("price", "24990", "24990.90")),
            CONTRACT.having(**told_apart("rate", "3.9", "3.90")),
            CONTRACT.having(**told_apart("price", "24990", "24490"), reports=said(cancelled=NOON)),
        ],
    ),
    Story(
        "contract.documents_missing",
        CONTRACT.having(milestones=reached(signed=NOON - DAY)),
        NOON,
        Severity.MEDIUM,
        [
            CONTRACT.having(milestones=reached(signed=NOON - DAY), documents=SIGNED),
            CONTRACT,
        ],
    ),
    Story(
        "contract.document_expired",
        CONTRACT.having(
            promises=promised(NOON + 30 * DAY),
            documents={"identity": paper(NOON, expires_on=date(2026, 3, 20))},
        ),
        NOON,
        Severity.MEDIUM,
        [
            CONTRACT.having(
                promises=promised(NOON + 5 * DAY),
                documents={"identity": paper(NOON, expires_on=date(2026, 3, 20))},
            )
        ],
    ),
    Story(
        "contract.document_inconsistent",
        CONTRACT.having(
            attributes={"buyer": "M. Ortiz"},
            documents={"contract": paper(NOON, states={"buyer": "N. Ortiz"})},
        ),
        NOON,
        Severity.HIGH,
        [
            CONTRACT.having(
                attributes={"buyer": "M. Ortiz"},
                documents={"contract": paper(states={"buyer": "m.  ortiz"})},
            )
        ],
    ),
    Story(
        "order.short",
        ORDER.having(reports=said(short=NOON)),
        NOON,
        Severity.MEDIUM,
        [
            ORDER.having(reports=said(short=NOON, restocked=NOON + HOUR)),
            ORDER.having(reports=said(short=NOON), **GONE),
        ],
    ),
    Story(
        "order.address_problem",
        ORDER.having(reports=said(address_failed=NOON)),
        NOON,
        Severity.MEDIUM,
        [ORDER.having(reports=said(address_failed=NOON, address_mended=NOON + HOUR))],
    ),
    Story(
        "order.lost",
        ORDER.having(reports=said(lost=NOON)),
        NOON,
        Severity.HIGH,
        [ORDER.having(reports=said(lost=NOON, scanned=NOON + HOUR))],
    ),
    Story(
        "order.damaged",
        ORDER.having(reports=said(damaged=NOON)),
        NOON,
        Severity.HIGH,
        [ORDER.having(reports=said(damaged=NOON), **GONE)],
    ),
    Story(
        "order.returned_to_sender",
        ORDER.having(reports=said(returned_to_sender=NOON)),
        NOON,
        Severity.MEDIUM,
        [ORDER.having(reports=said(returned_to_sender=NOON, returned=NOON), ended_at=NOON)],
    ),
    Story(
        "order.customs",
        ORDER.having(reports=said(customs=NOON)),
        NOON,
        Severity.MEDIUM,
        [ORDER.having(reports=said(customs=NOON, scanned=NOON + HOUR))],
    ),
    Story(
        "order.weather",
        ORDER.having(reports=said(weather=NOON)),
        NOON,
        Severity.LOW,
        [ORDER.having(reports=said(weather=NOON, scanned=NOON + HOUR))],
    ),
    Story(
        "finance.declined",
        FINANCE.having(reports=said(declined=NOON), milestones=reached(submitted=NOON - HOUR)),
        NOON,
        Severity.HIGH,
        [
            FINANCE.having(
                reports=said(declined=NOON),
                milestones=reached(submitted=NOON + HOUR, answered=NOON + HOUR),
            )
        ],
    ),
    Story(
        "finance.unanswered",
        FINANCE.having(milestones=reached(submitted=NOON)),
        NOON + 4 * HOUR,
        Severity.MEDIUM,
        [FINANCE.having(milestones=reached(submitted=NOON, answered=NOON + 3 * HOUR))],
    ),
    Story(
        "finance.funding_slow",
        FINANCE.having(
            milestones=reached(sold=NOON - 10 * DAY, submitted=NOON - 9 * DAY, answered=NOON)
        ),
        NOON,
        Severity.LOW,
        [FINANCE.having(milestones=reached(sold=NOON - 9 * DAY, answered=NOON))],
    ),
    Story(
        "finance.funding_late",
        FINANCE.having(milestones=reached(submitted=NOON - 12 * DAY, answered=NOON - 9 * DAY)),
        NOON,
        Severity.HIGH,
        [
            FINANCE.having(milestones=reached(submitted=NOON - 11 * DAY, answered=NOON - 9 * DAY)),
            FINANCE.having(
                milestones=reached(submitted=NOON - 12 * DAY, funded=NOON - DAY),
                ended_at=NOON - DAY,
            ),
        ],
    ),
    Story(
        "return.not_received",
        RETURN.having(milestones=reached(sent=NOON - 10 * DAY)),
        NOON,
        Severity.MEDIUM,
        [RETURN.having(milestones=reached(sent=NOON - 10 * DAY, received=NOON - DAY))],
    ),
    Story(
        "return.not_inspected",
        RETURN.having(milestones=reached(received=NOON - 3 * DAY)),
        NOON,
        Severity.MEDIUM,
        [RETURN.having(milestones=reached(received=NOON - 3 * DAY, inspected=NOON - DAY))],
    ),
    Story(
        "return.not_refunded",
        RETURN.having(milestones=reached(inspected=NOON - 5 * DAY)),
        NOON,
        Severity.MEDIUM,
        [
            RETURN.having(
                milestones=reached(inspected=NOON - 5 * DAY, refunded=NOON - DAY),
                ended_at=NOON - DAY,
            )
        ],
    ),
    Story(
        "return.refund_late",
        RETURN.having(promises=promised(NOON)),
        NOON,
        Severity.MEDIUM,
        [RETURN.having(promises=promised(NOON), reports=said(rejected=NOON - DAY), ended_at=NOON)],
    ),
    Story(
        "lead_task.unowned",
        TASK.having(milestones=reached(created=NOON)),
        NOON + 30 * MINUTE,
        Severity.MEDIUM,
        [
            TASK.having(milestones=reached(created=NOON, assigned=NOON + 20 * MINUTE)),
            TASK.having(milestones=reached(created=NOON), attributes={"owner": "A. Silva"}),
        ],
    ),
    Story(
        "stock.mismatch",
        BRAKES,
        NOON,
        Severity.MEDIUM,
        [
            BRAKES.having(attributes={"booked": 12, "counted": 10, "unit_value": "38.50"}),
            BRAKES.having(attributes={"booked": 12}),
            BRAKES.having(milestones=reached(adjusted=NOON + HOUR)),
        ],
    ),
    Story(
        "complaint.received",
        ANGRY.having(milestones=reached(received=NOON)),
        NOON,
        Severity.MEDIUM,
        [
            ANGRY.having(
                milestones=reached(received=NOON, settled=NOON + HOUR), ended_at=NOON + HOUR
            ),
            ANGRY.having(milestones=reached(received=NOON), reports=said(withdrawn=NOON + HOUR)),
        ],
    ),
    Story(
        "deal.behind",
        seen(FINANCED, milestones=reached(sold=NOON - 12 * DAY)),
        NOON,
        Severity.MEDIUM,
        [
            seen(FINANCED, milestones=reached(sold=NOON - 12 * DAY, financed=NOON - DAY)),
            seen(FINANCED, milestones=reached(sold=NOON - 12 * DAY), ended_at=NOON - DAY),
            seen(
                FINANCED, milestones=reached(sold=NOON - 12 * DAY) | expected(financed=NOON + DAY)
            ),
            seen(DEAL, milestones=reached(sold=NOON - 17 * DAY)),
        ],
    ),
    Story(
        "contract.behind",
        seen(CONTRACT, milestones=reached(drafted=NOON - 3 * DAY)),
        NOON,
        Severity.MEDIUM,
        [seen(CONTRACT, milestones=reached(drafted=NOON - 3 * DAY, signed=NOON - HOUR))],
    ),
    Story(
        "lead_task.behind",
        seen(TASK, milestones=reached(created=NOON - DAY)),
        NOON,
        Severity.MEDIUM,
        [seen(TASK, milestones=reached(created=NOON - DAY, done=NOON - HOUR), ended_at=NOON)],
    ),
    Story(
        "complaint.behind",
        seen(ANGRY, milestones=reached(received=NOON - DAY)),
        NOON,
        Severity.MEDIUM,
        [seen(ANGRY, milestones=reached(received=NOON - DAY, answered=NOON - HOUR))],
    ),
    Story(
        "order.behind",
        seen(ORDER, milestones=reached(paid=NOON - DAY)),
        NOON,
        Severity.LOW,
        [seen(ORDER, milestones=reached(paid=NOON - DAY, packed=NOON - HOUR))],
    ),
    Story(
        "delivery.behind",
        seen(HANDOVER, milestones=reached(scheduled=NOON - DAY)),
        NOON,
        Severity.MEDIUM,
        [seen(HANDOVER, milestones=reached(scheduled=NOON - DAY, confirmed=NOON - HOUR))],
    ),
    Story(
        "return.behind",
        seen(RETURN, milestones=reached(requested=NOON - 14 * DAY)),
        NOON,
        Severity.LOW,
        [seen(RETURN, milestones=reached(requested=NOON - 14 * DAY, sent=NOON - DAY))],
    ),
    Story(
        "payment.behind",
        seen(PAYMENT, milestones=reached(requested=NOON - 14 * DAY)),
        NOON,
        Severity.MEDIUM,
        [seen(PAYMENT, milestones=reached(requested=NOON - 13 * DAY))],
    ),
    Story(
        "stock.behind",
        seen(BRAKES, milestones=reached(counted=NOON - 2 * DAY)),
        NOON,
        Severity.LOW,
        [seen(BRAKES, milestones=reached(counted=NOON - 2 * DAY, adjusted=NOON - DAY))],
    ),
    *(
        Story(
            f"{known.kind.value}.asked_often",
            known.having(reports=often("asked", NOON - 6 * DAY, NOON - DAY, NOON)),
            NOON,
            Severity.MEDIUM,
            [
                known.having(reports=often("asked", NOON - DAY, NOON)),
                known.having(reports=often("asked", NOON - 9 * DAY, NOON - DAY, NOON)),
            ],
        )
        for known in (Facts(kind, "X-1") for kind in SubjectKind)
        if "asked" in JOURNEYS[known.kind].reports
    ),
]
WEIGHT = {"score", "parts"}
TOLD = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.rule)


def found(story, facts, at):
    return [finding for finding in look(facts, at, EVERY) if finding.rule == story.rule]


def test_every_rule_has_a_story():
    # What predicts needs a history to learn from; its stories are in tests/backtest.
    told_elsewhere = {rule.slug for rule in RULES if isinstance(rule, Predicted)}
    assert {story.rule for story in STORIES} == {rule.slug for rule in RULES} - told_elsewhere


@TOLD
def test_it_fires_at_its_instant_and_not_before(story):
    before = found(story, story.facts, story.since - timedelta(seconds=1))
    then = found(story, story.facts, story.since)

    assert before == []
    assert [(f.since, f.severity) for f in then] == [(story.since, story.severity)]


def unweighed(finding):
    """All but the score, which may rise."""
    told = {name: value for name, value in finding.evidence.items() if name not in WEIGHT}
    return replace(finding, evidence=told)


@TOLD
def test_looking_again_finds_the_very_same(story):
    first, later = (found(story, story.facts, story.since + after) for after in (MINUTE, DAY))

    assert list(map(unweighed, first)) == list(map(unweighed, later))


@TOLD
def test_the_counter_stories_do_not_fire(story):
    fired = [found(story, facts, story.since + 6 * HOUR) for facts in story.kept]

    assert not any(fired)
    assert story.kept


@TOLD
def test_the_subject_is_looked_at_when_it_will_fire(story):
    looks, at = [], story.since - 30 * DAY
    while (at := next_look(story.facts, at, EVERY)) is not None:
        looks.append(at)

    assert story.since in looks


@TOLD
def test_the_title_names_what_it_is_about(story):
    title = found(story, story.facts, story.since)[0].title

    assert story.facts.name in title or story.facts.customer_name in title


@pytest.mark.parametrize(
    ("tier", "value", "severity"),
    [
        ("gold", 900, Severity.CRITICAL),
        ("gold", 20, Severity.HIGH),
        ("", 900, Severity.HIGH),
        ("", 120, Severity.MEDIUM),
        ("", 20, Severity.LOW),
    ],
)
def test_a_late_order_weighs_by_tier_and_value(tier, value, severity):
    facts = ORDER.having(promises=promised(NOON), tier=tier, value=Decimal(value))

    assert [finding.severity for finding in look(facts, NOON)] == [severity]


@pytest.mark.parametrize(
    ("counts_from", "since"),
    [
        ("expected", NOON + HOUR),
        ("window_start", NOON),
        ("window_end", NOON + 4 * HOUR),
        ("promise", NOON + 2 * HOUR),
    ],
)
def test_lateness_counts_from_the_job_its_window_or_the_promise(counts_from, since):
    rule: Any = next(rule for rule in RULES if rule.slug == "appointment.not_checked_in")
    facts = VISIT.having(
        milestones=expected(checked_in=NOON + HOUR),
        plans=(WINDOW,),
        promises=promised(NOON + 2 * HOUR),
    )

    assert replace(rule, counts_from=counts_from).when(facts) == since + 15 * MINUTE


@pytest.mark.parametrize(
    ("ahead", "severity"), [(3 * HOUR, Severity.HIGH), (3 * DAY, Severity.LOW)]
)
def test_a_cancel_inside_the_notice_period_differs_from_one_outside(ahead, severity):
    facts = VISIT.having(
        milestones=expected(checked_in=NOON + ahead), reports=said(cancelled_by_customer=NOON)
    )

    (finding,) = look(facts, NOON)
    assert finding.severity == severity
    assert ("at short notice" in finding.title) == (severity == Severity.HIGH)


def test_a_service_that_is_not_tracked_never_is_a_scan_gap():
    scanned_once = said(scanned=NOON - 4 * DAY)

    assert look(ON_THE_WAY.having(reports=scanned_once), NOON)
    assert not look(ON_THE_WAY.having(attributes={"tracked": False}, reports=scanned_once), NOON)
    assert not look(ON_THE_WAY.having(attributes={}), NOON)


def test_complaints_about_the_same_thing_meet_in_one_case():
    twice = [
        ANGRY.having(
            reference=reference, attributes={"about": "O-9"}, milestones=reached(received=NOON)
        )
        for reference in ("K-1", "K-2")
    ]

    assert len({finding.key for facts in twice for finding in look(facts, NOON)}) == 1


def test_what_a_complaint_is_about_may_be_as_long_as_the_api_takes():
    (finding,) = look(
        ANGRY.having(attributes={"about": "ä" * 500}, milestones=reached(received=NOON)), NOON
    )

    assert len(finding.key) < 160 - len(f"{2**63}:")


def test_every_parameter_is_a_field_of_its_rule():
    rules: tuple[Any, ...] = RULES
    for rule in rules:
        assert all(hasattr(rule, name) for name in rule.parameters)
        assert all(label and text for label, text in rule.parameters.values())
