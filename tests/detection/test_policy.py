"""The policy: shipped rules with what staff changed, and journeys that say by when."""

from dataclasses import make_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.detection import editing
from exceptions_app.detection.durations import durations_json, planned, read_durations
from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.materiality import THRESHOLD
from exceptions_app.detection.parameters import (
    applied,
    checked,
    parameters_of,
    read_span,
    span_words,
    words_or_unset,
)
from exceptions_app.detection.policy import BY_SLUG, SHIPPED, built
from exceptions_app.detection.rules.base import Late
from exceptions_app.detection.rules.catalogue import RULES
from exceptions_app.detection.shipped import DURATIONS
from exceptions_app.errors import NotFound, Refused
from exceptions_app.sla.hours import ALWAYS, Hours, Version
from exceptions_app.sla.notation import read_week
from exceptions_app.subjects.facts import REMEMBERED, Facts, Report, Step, Told
from exceptions_app.vocabulary import ExceptionType, PromiseFrom, Severity, SubjectKind
from tests.factories import HOUR, MINUTE, NOON

DAY = 24 * HOUR
NORTH = 7
ORDER = Facts(
    SubjectKind.ORDER,
    "O-9",
    value=Decimal(120),
    attributes={"tracked": True},
    milestones={"shipped": Step(None, NOON, NOON)},
)
GAP = "order.scan_gap"


def edited(document=None, slug=GAP, *, on=True, site=None, **parameters):
    edit = editing.rule_edit(document or {}, slug, on=on, parameters=parameters, site_id=site)
    return edit.applied(document or {})


def rules_found(document, at, site=None, facts=ORDER):
    return [one.rule for one in look(facts, at, built(document, version=1), site)]


def test_as_shipped_every_rule_looks_with_its_own_parameters():
    looked = [rule for kind in SubjectKind for rule in SHIPPED.rules_of(kind)]

    assert set(looked) == {rule for rule in RULES if not rule.off}
    assert SHIPPED.threshold == THRESHOLD


def test_a_rule_looks_by_the_parameter_that_staff_gave_it():
    document = edited(silence="1 day")

    assert rules_found(document, NOON + DAY) == [GAP]
    assert rules_found({}, NOON + DAY) == []
    assert next_look(ORDER, NOON, built(document, version=1)) == NOON + DAY


def test_a_rule_that_is_off_finds_nothing_and_asks_for_no_look():
    document = edited(on=False)

    assert rules_found(document, NOON + 9 * DAY) == []
    assert next_look(ORDER, NOON, built(document, version=1)) is None


def test_a_site_goes_by_its_own_setting_and_the_others_by_the_common_one():
    document = edited(edited(silence="1 day"), silence="3 hours", site=NORTH)

    assert rules_found(document, NOON + 3 * HOUR, NORTH) == [GAP]
    assert rules_found(document, NOON + 3 * HOUR, 8) == []
    assert rules_found(document, NOON + DAY, 8) == [GAP]


def test_a_site_can_have_a_rule_that_is_off_elsewhere():
    document = edited(edited(on=False), site=NORTH)

    assert rules_found(document, NOON + 9 * DAY, NORTH) == [GAP]
    assert rules_found(document, NOON + 9 * DAY) == []


def test_a_setting_that_says_what_holds_anyway_is_not_kept():
    document = edited(silence="48 hours")
    at_north = edited(edited(silence="1 day"), silence="1 day", site=NORTH)

    assert document == {}
    assert list(at_north[f"rule:{GAP}"]) == [""]


def test_a_later_change_elsewhere_leaves_a_site_what_it_said():
    document = edited(edited(silence="3 hours", site=NORTH), silence="1 day")

    assert rules_found(document, NOON + 3 * HOUR, NORTH) == [GAP]


def test_the_threshold_of_a_site_goes_before_the_common_one():
    document = editing.threshold_edit({}, 40).applied({})
    document = editing.threshold_edit(document, 0, site_id=NORTH).applied(document)
    policy = built(document, version=1)

    assert (policy.threshold, policy.threshold_at(NORTH), policy.threshold_at(8)) == (40, 0, 40)


def test_a_threshold_beyond_the_scale_is_refused():
    with pytest.raises(Refused, match="from 0, where everything opens a case, to 100"):
        editing.threshold_edit({}, 101)


def test_a_change_is_put_into_words():
    edit = editing.rule_edit({}, GAP, on=False, parameters={"silence": 1440})

    assert edit.said == "order.scan_gap: switched off, silence 2 days → 1 day"


def test_a_rule_that_is_not_there_cannot_be_edited():
    with pytest.raises(NotFound):
        editing.rule_edit({}, "order.nonsense", on=True, parameters={})


def test_what_a_newer_release_does_not_take_leaves_the_rule_as_it_is_shipped():
    document = {f"rule:{GAP}": {"": {"parameters": {"silence": "soon", "gone": 1}}}}

    assert rules_found(document, NOON + 2 * DAY) == [GAP]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_every_parameter_of_every_rule_is_explained_and_can_be_given_back_as_it_is(rule):
    shipped = {one.name: one.shipped for one in parameters_of(rule)}

    assert all(one.help and one.label for one in parameters_of(rule))
    assert applied(rule, checked(rule, shipped)) == rule


class Hue(StrEnum):
    RED = "red"
    BLUE = "blue"


def wide(**types):
    """A rule whose parameters have these types and defaults."""
    fields = [(name, hint, default) for name, (hint, default) in types.items()]
    shape: Any = make_dataclass("Shape", fields, bases=(Late,), frozen=True, kw_only=True)
    shape.parameters = dict.fromkeys(types, ("Label", "help"))
    return shape(
        slug="order.wide",
        kind=SubjectKind.ORDER,
        exception_type=ExceptionType.OTHER,
        title="Wide",
        team="support",
        severity=Severity.LOW,
        milestone="delivered",
    )


RULE = wide(
    wait=(timedelta, HOUR),
    times=(int, 3),
    least=(Decimal, Decimal("12.50")),
    odds=(float, 0.5),
    strict=(bool, True),
    counts_from=(Literal["job", "window"], "job"),
    hue=(Hue, Hue.RED),
    watched=(tuple[str, ...], ("a",)),
    most=(int | None, None),
)


@pytest.mark.parametrize(
    ("name", "given", "kept", "value"),
    [
        ("wait", 90, 90, 90 * MINUTE),
        ("wait", "1 h 30 min", 90, 90 * MINUTE),
        ("times", 4, 4, 4),
        ("times", "4", 4, 4),
        ("least", "500", "500", Decimal(500)),
        ("least", 12.5, "12.5", Decimal("12.5")),
        ("odds", 0.7, 0.7, 0.7),
        ("strict", False, False, False),
        ("counts_from", "window", "window", "window"),
        ("hue", "blue", "blue", Hue.BLUE),
        ("watched", "b, c, b", ["b", "c"], ("b", "c")),
        ("watched", ["b"], ["b"], ("b",)),
        ("most", None, None, None),
        ("most", 5, 5, 5),
    ],
)
def test_a_parameter_is_kept_as_json_and_applied_as_what_the_rule_has(name, given, kept, value):
    understood = checked(RULE, {name: given})

    assert understood == {name: kept}
    assert getattr(applied(RULE, understood), name) == value


@pytest.mark.parametrize(
    ("name", "given", "advice"),
    [
        ("wait", "soon", "such as 30 minutes, 4 hours or 2 days"),
        ("wait", -1, "at most a year"),
        ("wait", 10**9, "at most a year"),
        ("wait", True, "at most a year"),
        ("times", 1.5, "a whole number"),
        ("times", -1, "a whole number"),
        ("least", "much", "an amount"),
        ("least", "NaN", "an amount"),
        ("odds", 2, "from 0 to 1"),
        ("strict", "yes", "true or false"),
        ("counts_from", "lunch", "job, window"),
        ("hue", "green", "red, blue"),
        ("watched", "", "at least one"),
        ("most", "x", "a whole number"),
        ("other", 1, "Use wait, times"),
    ],
)
def test_a_wrong_parameter_is_refused_with_what_to_write(name, given, advice):
    with pytest.raises(Refused, match=advice) as refusal:
        checked(RULE, {name: given})

    assert list(refusal.value.fields) == [name]


def test_no_more_repeats_can_be_asked_for_than_are_remembered():
    rule = BY_SLUG["order.asked_often"]

    with pytest.raises(Refused, match="from 0 to 19"):
        checked(rule, {"more_than": 20})

    often = applied(rule, checked(rule, {"more_than": 19, "within": "1 day"}))
    asked = Report(NOON, times=60, recent=tuple(NOON + n * MINUTE for n in range(REMEMBERED)))
    assert often.when(Facts(SubjectKind.ORDER, "O-1", reports={"asked": asked})) is not None


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("90", 90),
        ("30 minutes", 30),
        ("1 h 30 min", 90),
        ("2 days", 2880),
        ("1d 1h", 1500),
        ("0", 0),
    ],
)
def test_a_length_is_read_as_people_write_it(written, minutes):
    assert read_span(written) == minutes * MINUTE
    assert read_span(span_words(minutes)) == minutes * MINUTE


# --- Journeys ---

WEEK = Hours(ZoneInfo("UTC"), (Version(date(2020, 1, 1), read_week("mon-fri 09:00-17:00")),))
FRIDAY = datetime.fromisoformat("2026-03-13T16:00:00+00:00")
DEAL = Facts(SubjectKind.DEAL, "D-1", milestones={"sold": Step(None, FRIDAY, FRIDAY)})


def journey(kind=SubjectKind.DEAL, promise="said", **steps):
    given = {name: {"after": after, "within": within} for name, (after, within) in steps.items()}
    return read_durations(kind, {"promise": promise, "steps": given})


def expected(facts, durations, hours=WEEK):
    seen = planned(facts, durations, hours)
    return {name: step.expected_at for name, step in seen.milestones.items() if step.expected_at}


@pytest.mark.parametrize(
    ("within", "until"),
    [
        ("2 working hours", "2026-03-16T10:00:00+00:00"),
        ("2 elapsed hours", "2026-03-13T18:00:00+00:00"),
        ("1 business day", "2026-03-16T16:00:00+00:00"),
        ("12 calendar days", "2026-03-25T16:00:00+00:00"),
    ],
)
def test_a_milestone_is_expected_in_working_or_elapsed_time_after_another(within, until):
    found = expected(DEAL, journey(financed=("sold", within)))

    assert found == {"financed": datetime.fromisoformat(until)}


def test_what_a_source_expects_goes_first_and_what_has_come_is_not_expected():
    told = DEAL.having(milestones={**DEAL.milestones, "financed": Step(FRIDAY + DAY, None, FRIDAY)})
    come = DEAL.having(milestones={**DEAL.milestones, "financed": Step(None, FRIDAY, FRIDAY)})
    durations = journey(financed=("sold", "12 calendar days"))

    assert expected(told, durations) == {"financed": FRIDAY + DAY}
    assert expected(come, durations) == {}


def test_a_milestone_can_be_counted_from_the_first_that_is_known():
    facts = DEAL.having(opened_at=FRIDAY - DAY)

    assert expected(facts, journey(arrived=("first_heard", "2 elapsed hours"))) == {
        "arrived": FRIDAY - DAY + 2 * HOUR
    }


def test_nothing_is_expected_after_what_has_not_come_nor_of_what_has_ended():
    durations = journey(
        prepared=("arrived", "2 business days"), financed=("sold", "1 business day")
    )

    assert list(expected(DEAL, durations)) == ["financed"]
    assert expected(DEAL.having(ended_at=FRIDAY), durations) == {}


def test_facts_that_are_seen_twice_are_seen_the_same():
    durations = journey(financed=("sold", "1 business day"))

    once = planned(DEAL, durations, WEEK)

    assert planned(once, durations, WEEK) == once
    assert DEAL.milestones == {"sold": Step(None, FRIDAY, FRIDAY)}


@pytest.mark.parametrize(
    ("promise", "source_expects", "promised"),
    [
        (PromiseFrom.SAID, True, None),
        (PromiseFrom.EXPECTED, True, FRIDAY + HOUR),
        (PromiseFrom.EXPECTED, False, None),
        (PromiseFrom.JOURNEY, True, FRIDAY + HOUR),
        (PromiseFrom.JOURNEY, False, FRIDAY + 2 * HOUR),
    ],
)
def test_the_promise_comes_from_where_the_journey_says(promise, source_expects, promised):
    handover = Step(FRIDAY + HOUR if source_expects else None, None, FRIDAY)
    facts = DEAL.having(milestones={**DEAL.milestones, "handed_over": handover})
    durations = journey(promise=promise.value, handed_over=("sold", "2 elapsed hours"))

    assert planned(facts, durations, WEEK).promised_at == promised


def test_what_a_customer_was_told_is_never_replaced():
    facts = DEAL.having(promises=(Told(FRIDAY + 9 * DAY, FRIDAY),))
    durations = journey(promise="journey", handed_over=("sold", "2 elapsed hours"))

    assert planned(facts, durations, WEEK).promises == facts.promises


def test_a_site_that_never_opens_expects_nothing():
    closed = Hours(ZoneInfo("UTC"), (Version(date(2020, 1, 1), {}),))

    assert expected(DEAL, journey(financed=("sold", "1 business day")), closed) == {}


def test_a_late_rule_sees_what_the_journey_expects():
    visit = Facts(SubjectKind.APPOINTMENT, "J-1", milestones={"dispatched": Step(None, NOON, NOON)})

    found = look(visit, NOON + 2 * HOUR + 15 * MINUTE)

    assert [one.rule for one in found] == ["appointment.not_checked_in"]
    assert found[0].since == NOON + 2 * HOUR + 15 * MINUTE
    assert next_look(visit, NOON) == NOON + 2 * HOUR + 15 * MINUTE


@pytest.mark.parametrize("kind", SubjectKind, ids=lambda kind: kind.value)
def test_every_kind_has_a_journey_that_can_be_written_down_and_read_again(kind):
    assert read_durations(kind, durations_json(DURATIONS[kind])) == DURATIONS[kind]
    assert DURATIONS[kind].steps


@pytest.mark.parametrize(
    ("steps", "field", "advice"),
    [
        (
            {"lunch": {"after": "sold", "within": "1 business day"}},
            "steps.lunch",
            "Use one of sold",
        ),
        (
            {"financed": {"after": "lunch", "within": "1 business day"}},
            "steps.financed",
            "first_heard, sold",
        ),
        (
            {"financed": {"after": "financed", "within": "1 business day"}},
            "steps.financed",
            "first_heard",
        ),
        (
            {"financed": {"after": "sold", "within": "soon"}},
            "steps.financed",
            "Write 1 business day",
        ),
        ({"financed": {"after": "sold"}}, "steps.financed", "after and within"),
        ({"financed": 3}, "steps.financed", "after and within"),
        (
            {
                "financed": {"after": "arrived", "within": "1 business day"},
                "arrived": {"after": "financed", "within": "1 business day"},
            },
            "steps.financed",
            "wait for itself",
        ),
    ],
)
def test_a_journey_that_makes_no_sense_is_refused_with_what_would(steps, field, advice):
    with pytest.raises(Refused, match=advice) as refusal:
        read_durations(SubjectKind.DEAL, {"steps": steps})

    assert field in refusal.value.fields


def test_a_rule_by_promise_sees_the_promise_that_the_journey_gives():
    document = editing.journey_edit(
        {},
        SubjectKind.DEAL,
        {
            "promise": "journey",
            "steps": {"handed_over": {"after": "sold", "within": "1 business day"}},
        },
    ).applied({})
    policy = built(document, hours={NORTH: WEEK}, version=1)

    found = look(DEAL, FRIDAY + 4 * DAY, policy, NORTH)

    assert "deal.delivery_late" in [one.rule for one in found]
    assert look(DEAL, FRIDAY + 4 * DAY) == []


def test_the_shipped_journey_again_is_nothing_changed():
    shipped = durations_json(DURATIONS[SubjectKind.DEAL])
    document = editing.journey_edit({}, SubjectKind.DEAL, {"steps": {}}).applied({})

    assert editing.journey_edit(document, SubjectKind.DEAL, shipped).applied(document) == {}


def test_rules_are_looked_up_and_not_searched():
    assert SHIPPED.rules_of(SubjectKind.ORDER, 1) is SHIPPED.rules_of(SubjectKind.ORDER)
    assert ALWAYS(ZoneInfo("UTC")) is SHIPPED.hours_at(1)
    assert BY_SLUG[GAP] in SHIPPED.rules_of(SubjectKind.ORDER)


def test_what_an_empty_parameter_means_is_said():
    words = {
        (rule.slug, one.name): words_or_unset(one, None)
        for rule in RULES
        for one in parameters_of(rule)
        if one.optional
    }

    assert words["order.predicted_late", "least"] == "as the desk chooses"
    assert {said for (slug, _), said in words.items() if "predicted" not in slug} <= {"none"}
