"""The corners of the shapes of rules: tolerances, several sources, hours that never open, moved plans."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.detection.explaining import why
from exceptions_app.detection.rules import (
    complaints,
    contracts,
    deliveries,
    leads,
    orders,
    payments,
    stock,
)
from exceptions_app.detection.rules.hours import after_next_working_day
from exceptions_app.detection.rules.mismatch import number
from exceptions_app.sla.hours import ALWAYS, Hours, Version
from exceptions_app.subjects.facts import Document, Facts, Plan, Report, Stamp, Step, Told
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, NOON

DAY = 24 * HOUR
CONTRACT = Facts(SubjectKind.CONTRACT, "C-1")
DELIVERY = Facts(SubjectKind.DELIVERY, "DL-1")
ANGELES = ZoneInfo("America/Los_Angeles")
NEVER_OPEN = Hours(ZoneInfo("UTC"), (Version(NOON.date(), {}),))


def rule(rules, slug):
    return next(one for one in rules if one.slug == slug)


def told_by(**prices):
    said_at = {f"{source}:price": Stamp(NOON + n * HOUR) for n, source in enumerate(prices)}
    said_by = {source: {"price": price} for source, price in prices.items()}
    return CONTRACT.having(said_by=said_by, said_at=said_at)


def counted(booked, found, each):
    known = {"booked": booked, "counted": found, "unit_value": each}
    return Facts(
        SubjectKind.STOCK, "S-1", attributes=known, said_at={"attributes.counted": Stamp(NOON)}
    )


@pytest.mark.parametrize(
    ("prices", "differ"),
    [
        ({"dms": "24990", "crm": "24 990.00"}, False),
        ({"dms": "24990", "crm": "24991.01"}, True),
        ({"dms": "24990", "crm": ""}, False),
        ({"dms": "24990", "crm": None}, False),
        ({"dms": "24990", "crm": "on request"}, True),
        ({"dms": "24990", "crm": "24990", "bank": "24000"}, True),
        ({"dms": "NaN", "crm": "nan"}, False),
        ({"dms": "1e999", "crm": "2"}, True),
    ],
)
def test_accounts_agree_within_the_tolerance(prices, differ):
    mismatch = rule(contracts.RULES, "contract.mismatch")

    assert (mismatch.when(told_by(**prices)) is not None) == differ


def test_what_differs_is_named_with_whoever_said_it():
    mismatch = rule(contracts.RULES, "contract.mismatch")
    facts = told_by(dms="24990", crm="24490")

    found = mismatch.finding(facts, NOON)

    assert found.title == "Contract C-1: price 24490 (crm) against 24990 (dms)"
    assert found.evidence["differences"] == {"price": {"crm": "24490", "dms": "24990"}}


@pytest.mark.parametrize(
    ("booked", "found", "each", "differ"),
    [
        (12, 10, "38.50", False),
        (12, 9, "0.10", True),
        (12, 11, "150", True),
        (12, 11, None, False),
        (12, 11, "much", False),
        (12, 14, "60", True),
    ],
)
def test_a_count_differs_by_pieces_or_by_what_they_are_worth(booked, found, each, differ):
    (mismatch,) = stock.RULES

    assert (mismatch.when(counted(booked, found, each)) is not None) == differ


def test_much_money_missing_is_grave():
    (mismatch,) = stock.RULES

    few, many = (mismatch.grade(counted(12, found, "300")) for found in (11, 2))
    assert (few.slug, many.slug) == ("medium", "high")


@pytest.mark.parametrize(
    ("written", "read"),
    [("1 200.50", Decimal("1200.50")), ("x", None), ("Infinity", None), ("1e99", None)],
)
def test_numbers_are_of_a_size_that_money_has(written, read):
    assert number(written) == read


def test_where_nobody_ever_works_no_working_time_passes():
    (unowned,) = leads.RULES
    facts = Facts(
        SubjectKind.LEAD_TASK,
        "T-1",
        milestones={"created": Step(None, NOON, NOON)},
        hours=NEVER_OPEN,
    )

    assert unowned.when(facts) is None
    assert after_next_working_day(facts, NOON) == NOON + DAY


def test_a_delivery_without_a_promise_is_moved_by_its_plans():
    moved = rule(deliveries.RULES, "delivery.moved_too_often")
    plans = tuple(Plan(NOON + n * HOUR, NOON + (5 + 3 * n) * DAY) for n in range(4))
    facts = DELIVERY.having(plans=plans)

    assert moved.when(facts) == NOON + 3 * HOUR
    assert moved.what(facts) == "moved 3 times, by 9 days in all"
    assert moved.when(facts.having(plans=plans[:2])) is None
    assert moved.when(facts.having(ended_at=NOON)) is None


def test_a_delivery_moved_once_by_a_little_reads_so():
    moved = rule(deliveries.RULES, "delivery.moved_too_often")
    once = {"rescheduled": Report(NOON, recent=(NOON,))}

    assert moved.what(DELIVERY.having(reports=once)) == "moved once"
    assert moved.when(DELIVERY.having(reports=once)) is None
    assert moved.further == timedelta(days=7)


def heard(kind, words=(), attributes=None, **steps):
    reports = {word: Report(at, recent=(at,)) for word, at in dict(words).items()}
    milestones = {name: Step(None, at, at) for name, at in steps.items()}
    known = attributes or {}
    return Facts(kind, "X-1", reports=reports, milestones=milestones, attributes=known)


def test_an_application_that_is_sent_again_after_a_decline_is_waited_for():
    unanswered = rule(payments.RULES, "finance.unanswered")
    late = rule(payments.RULES, "finance.funding_late")
    declined = {"declined": NOON}
    again = heard(SubjectKind.FINANCE, declined, sold=NOON - 2 * DAY, submitted=NOON + HOUR)

    assert unanswered.when(again) == NOON + 5 * HOUR
    assert late.when(again) == NOON + 10 * DAY
    before = heard(SubjectKind.FINANCE, declined, sold=NOON - 2 * DAY, submitted=NOON - HOUR)
    assert unanswered.when(before) is late.when(before) is None
    assert "“declined” 2026-03-10 12:00 UTC, and not since" in str(
        why(unanswered, again, NOON + DAY)
    )


def test_a_parcel_that_was_lost_and_found_may_fall_silent_again():
    gap = rule(orders.RULES, "order.scan_gap")
    tracked = {"tracked": True}

    found = heard(
        SubjectKind.ORDER, {"lost": NOON, "scanned": NOON + DAY}, tracked, shipped=NOON - DAY
    )
    lost = heard(
        SubjectKind.ORDER, {"scanned": NOON, "lost": NOON + DAY}, tracked, shipped=NOON - DAY
    )
    back = heard(
        SubjectKind.ORDER,
        {"returned_to_sender": NOON, "scanned": NOON + DAY},
        tracked,
        shipped=NOON - DAY,
    )

    assert gap.when(found) == NOON + 3 * DAY
    assert gap.when(lost) is gap.when(back) is None


@pytest.mark.parametrize(
    "told", [{"attributes": {"about": "o-1"}}, {"customer": {"email": "a@example.com"}}]
)
def test_every_rule_about_a_complaint_is_about_one_thing(told):
    facts = Facts(SubjectKind.COMPLAINT, "K-1", **told)

    assert len(complaints.RULES) == 2
    assert len({one.key(facts) for one in complaints.RULES}) == 1


def test_a_document_is_good_to_the_end_of_its_last_day_where_the_site_is():
    expired = rule(deliveries.RULES, "delivery.document_expired")
    until = NOON.date()
    facts = DELIVERY.having(
        documents={"insurance": Document(NOON - DAY, NOON - DAY, until)}, hours=ALWAYS(ANGELES)
    )

    def handed_over(hour):
        at = datetime(until.year, until.month, until.day, hour, 30, tzinfo=ANGELES)
        return facts.having(promises=(Told(at, NOON - DAY),))

    midnight = datetime(until.year, until.month, until.day + 1, tzinfo=ANGELES)
    assert expired.when(facts) == expired.when(handed_over(17)) == midnight
    assert expired.when(facts.having(promises=(Told(midnight, NOON - DAY),))) == NOON - DAY
