"""What a finding weighs, and when what is watched comes to matter."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.detection.looking import look, next_look
from exceptions_app.detection.materiality import THRESHOLD
from exceptions_app.sla.hours import Hours
from exceptions_app.sla.hours import Version as OpeningHours
from exceptions_app.sla.notation import read_interval
from exceptions_app.subjects.facts import Facts, Report, Told
from exceptions_app.vocabulary import SubjectKind
from tests.factories import HOUR, NOON

DAY = 24 * HOUR
BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = Hours(
    BERLIN,
    (OpeningHours(date(2020, 1, 1), dict.fromkeys(range(5), (read_interval("09:00", "17:00"),))),),
)


def order(tier="", value=20, promised=NOON, **known):
    told = (Told(promised, NOON - 9 * DAY),)
    return Facts(SubjectKind.ORDER, "O-9", tier=tier, value=Decimal(value), promises=told, **known)


def score(facts, at):
    return max((finding.score for finding in look(facts, at)), default=0)


def first_case(facts, at=NOON - DAY):
    """When the desk would open a case, walking from look to look."""
    while (at := next_look(facts, at)) is not None:
        if score(facts, at) >= THRESHOLD:
            return at
    return None


@pytest.mark.parametrize(("tier", "value"), [("gold", 20), ("silver", 20), ("", 50), ("", 900)])
def test_a_late_order_that_matters_is_a_case_at_once(tier, value):
    assert first_case(order(tier, value)) == NOON


def test_a_trifle_that_is_late_is_watched_until_the_next_working_day_is_over():
    wednesday = NOON.replace(hour=16) + DAY  # 17:00 in Berlin, in winter

    assert 0 < score(order(hours=WEEKDAYS), NOON) < THRESHOLD
    assert first_case(order(hours=WEEKDAYS)) == wednesday


def test_over_a_weekend_the_next_working_day_is_monday():
    friday = NOON + 3 * DAY
    late = order(promised=friday, hours=WEEKDAYS)

    assert first_case(late) == (friday + 3 * DAY).replace(hour=16)


def test_held_up_by_weather_is_watched_until_the_promise_has_passed_by_days():
    reports = {"weather": Report(NOON - 3 * DAY)}
    facts = order(value=120, promised=NOON, reports=reports)

    assert [f.rule for f in look(facts, NOON - HOUR)] == ["order.weather"]
    assert score(facts, NOON - HOUR) < THRESHOLD


def test_the_parts_say_what_the_score_is_made_of():
    asked = {"asked": Report(NOON, times=3)}
    (late,) = look(order("gold", 900, reports=asked), NOON + 2 * DAY)

    assert late.parts == {"severity": 75, "time": 6, "tier": 10, "value": 10, "repeats": 8}
    assert late.score == 100
    assert late.evidence["parts"] == late.parts


def test_a_promise_far_away_weighs_less():
    short = {"short": Report(NOON)}
    far, near = (order(value=120, promised=NOON + days * DAY, reports=short) for days in (5, 1))

    assert score(near, NOON) - score(far, NOON) == 5
