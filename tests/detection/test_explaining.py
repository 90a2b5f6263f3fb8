"""Why a rule holds or not: the same verdict as the rule's own, in a sentence that names what decided."""
# ruff: noqa: RUF001 - sentences are set with a dash

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exceptions_app.detection.explaining import why
from exceptions_app.detection.rules.base import Common
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.detection.rules.hours import lasting
from exceptions_app.subjects.facts import Facts, Report, Step, Told
from exceptions_app.subjects.journeys import JOURNEYS
from exceptions_app.vocabulary import ExceptionType, SubjectKind
from tests.detection.test_every_rule import ORDER, PAYMENT, STORIES, TOLD, VISIT, reached, said
from tests.factories import HOUR, MINUTE, NOON

DAY = 24 * HOUR
BY_SLUG = {rule.slug: rule for rule in RULES}


@TOLD
def test_it_holds_for_the_story_and_says_since_when(story):
    verdict = why(BY_SLUG[story.rule], story.facts, story.since)

    assert (verdict.holds, verdict.since) == (True, story.since)
    assert verdict.sentence.startswith(f"holds since {story.since:%Y-%m-%d %H:%M} UTC – ")
    assert all(condition.holds for condition in verdict.conditions)


@TOLD
def test_before_its_instant_it_says_not_yet_and_what_it_waits_for(story):
    at = story.since - MINUTE

    verdict = why(BY_SLUG[story.rule], story.facts, at)

    assert not verdict.holds
    assert verdict.sentence.startswith("not yet – ")
    assert verdict.sentence.endswith(f"looked {at:%Y-%m-%d %H:%M} UTC")


@TOLD
def test_for_a_counter_story_it_names_the_condition_that_failed(story):
    for facts in story.kept:
        verdict = why(BY_SLUG[story.rule], facts, story.since + 6 * HOUR)
        failed = [condition for condition in verdict.conditions if not condition.holds]

        assert not verdict.holds
        assert verdict.since is not None or failed
        assert verdict.since is not None or failed[0].said in verdict.sentence


SENTENCES = [
    (
        "order.late",
        ORDER.having(promises=(Told(NOON + DAY, NOON),)),
        "not yet – promised 2026-03-11 12:00 UTC, looked 2026-03-10 12:00 UTC",
    ),
    ("order.late", ORDER, "does not apply – no promise is known"),
    (
        "order.late",
        ORDER.having(promises=(Told(NOON, NOON - DAY),), milestones=reached(delivered=NOON - HOUR)),
        "does not hold – “delivered” 2026-03-10 11:00 UTC, promised 2026-03-10 12:00 UTC",
    ),
    (
        "order.scan_gap",
        ORDER.having(milestones=reached(shipped=NOON - 5 * DAY)),
        "does not apply – it is not tracked",
    ),
    ("order.scan_gap", VISIT, "does not apply – it is about orders"),
    (
        "appointment.no_show",
        VISIT.having(
            reports=said(no_show=NOON - HOUR), milestones=reached(checked_in=NOON - MINUTE)
        ),
        "would have fired, but “technician checked in” came later, 2026-03-10 11:59 UTC",
    ),
    ("appointment.no_show", VISIT, "does not apply – “no show” was never reported"),
    (
        "payment.finance_unanswered",
        PAYMENT.having(milestones=reached(submitted=NOON - HOUR)),
        "not yet – last heard 2026-03-10 11:00 UTC, the limit is 4 hours of silence, "
        "looked 2026-03-10 12:00 UTC",
    ),
]


@pytest.mark.parametrize(("rule", "facts", "sentence"), SENTENCES)
def test_a_verdict_reads_as_a_person_would_say_it(rule, facts, sentence):
    assert why(BY_SLUG[rule], facts, NOON).sentence == sentence


def test_times_are_told_as_they_are_at_a_place():
    facts = ORDER.having(promises=(Told(NOON, NOON),))

    verdict = why(BY_SLUG["order.late"], facts, NOON, zone=ZoneInfo("America/New_York"))

    assert verdict.sentence == "holds since 2026-03-10 08:00 EDT – promised 2026-03-10 08:00 EDT"


@dataclass(frozen=True, kw_only=True)
class Odd(Common):
    """A shape that nobody explains."""

    from_when: datetime | None

    def when(self, facts):
        return self.from_when


def odd(since):
    named: dict[str, Any] = {"slug": "order.odd", "title": "Odd", "team": "support"}
    return Odd(kind=SubjectKind.ORDER, exception_type=ExceptionType.OTHER, from_when=since, **named)


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        (None, "does not hold on these facts"),
        (NOON - HOUR, "holds since 2026-03-10 11:00 UTC"),
        (
            NOON + HOUR,
            "not yet – it would hold from 2026-03-10 13:00 UTC, looked 2026-03-10 12:00 UTC",
        ),
    ],
)
def test_a_shape_that_nobody_explains_still_says_what_is_so(since, sentence):
    assert why(odd(since), ORDER, NOON).sentence == sentence


def test_every_rule_there_is_tells_its_conditions():
    silent = [
        story.rule
        for story in STORIES
        if not why(BY_SLUG[story.rule], story.facts, NOON).conditions
    ]

    assert silent == []


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 20)).map(  # noqa: DTZ001 - given its zone below
    lambda at: at.replace(tzinfo=UTC, second=0, microsecond=0)
)
MAYBE = st.none() | MOMENTS


@st.composite
def known(draw):
    """A rule and any facts that a subject of its kind may have."""
    rule = draw(st.sampled_from(RULES))
    journey = JOURNEYS[rule.kind]
    steps = st.builds(Step, MAYBE, MAYBE, MOMENTS)
    reports = st.builds(Report, MOMENTS, st.integers(1, 5), st.just(""), MAYBE)
    facts = Facts(rule.kind, "X-1", label="Golf GTI").having(
        milestones=draw(st.dictionaries(st.sampled_from([*journey.milestones]), steps)),
        reports=draw(st.dictionaries(st.sampled_from([*journey.reports]), reports))
        if journey.reports
        else {},
        promises=tuple(draw(st.lists(st.builds(Told, MOMENTS, MOMENTS), max_size=2))),
        ended_at=draw(MAYBE),
    )
    return rule, facts


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(known(), MOMENTS)
def test_the_conditions_say_no_exactly_when_the_rule_does(rule_and_facts, at):
    rule, facts = rule_and_facts

    verdict = why(rule, facts, at)

    assert verdict.since == rule.when(facts)
    assert all(condition.holds for condition in verdict.conditions) == (verdict.since is not None)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=48), "48 hours"),
        (timedelta(days=4), "4 days"),
        (timedelta(seconds=30), "30 seconds"),
        (timedelta(minutes=1, seconds=40), "2 minutes"),
    ],
)
def test_a_length_reads_as_a_person_says_it(length, said):
    assert lasting(length) == said
