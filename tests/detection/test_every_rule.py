"""Every rule on a realistic story that makes it fire, and on the counter-story that must not."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.subjects.facts import Facts, Report, Step, Told
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
    return {word: Report(at) for word, at in words.items()}


@dataclass(frozen=True)
class Story:
    """Facts on which a rule fires from ``since`` on, and the same a little otherwise."""

    rule: str
    facts: Facts
    since: object
    severity: Severity
    kept: list[Facts] = field(default_factory=list)


DEAL = Facts(SubjectKind.DEAL, "D-2231", label="Golf GTI", customer={"name": "M. Ortiz"})
ORDER = Facts(SubjectKind.ORDER, "O-9", value=Decimal(120))
VISIT = Facts(
    SubjectKind.APPOINTMENT, "J-881", label="Kaeser ASD 40", customer={"name": "Brauer KG"}
)
PAYMENT = Facts(SubjectKind.PAYMENT, "P-5", value=Decimal(900), customer={"name": "L. Moreau"})
COMPLAINT = Facts(
    SubjectKind.COMPLAINT, "K7QF-3M2P", label="Still waiting", customer={"name": "J. Weiß"}
)
READY = reached(arrived=NOON - DAY, prepared=NOON - DAY)
ON_THE_WAY = ORDER.having(milestones=reached(shipped=NOON - 5 * DAY), attributes={"tracked": True})

STORIES = [
    Story(
        "complaint.received",
        COMPLAINT.having(milestones=reached(received=NOON)),
        NOON,
        Severity.MEDIUM,
        [
            COMPLAINT,
            COMPLAINT.having(
                milestones=reached(received=NOON, settled=NOON + HOUR), ended_at=NOON + HOUR
            ),
        ],
    ),
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
]
TOLD = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.rule)


def found(story, facts, at):
    return [finding for finding in look(facts, at) if finding.rule == story.rule]


def test_every_rule_has_a_story():
    assert {story.rule for story in STORIES} == {rule.slug for rule in RULES}


@TOLD
def test_it_fires_at_its_instant_and_not_before(story):
    before = found(story, story.facts, story.since - timedelta(seconds=1))
    then = found(story, story.facts, story.since)

    assert before == []
    assert [(f.since, f.severity) for f in then] == [(story.since, story.severity)]


@TOLD
def test_looking_again_finds_the_very_same(story):
    first, later = (found(story, story.facts, story.since + after) for after in (MINUTE, DAY))

    assert first == later


@TOLD
def test_the_counter_stories_do_not_fire(story):
    fired = [found(story, facts, story.since + 6 * HOUR) for facts in story.kept]

    assert not any(fired)
    assert story.kept


@TOLD
def test_the_subject_is_looked_at_when_it_will_fire(story):
    looks, at = [], story.since - 30 * DAY
    while (at := next_look(story.facts, at)) is not None:
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
