"""What has alerted opens a case in a report at the look at which it does on the desk (T19)."""

from dataclasses import dataclass, replace
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.backtest.choosing import passing
from exceptions_app.backtest.deciding import Deciding
from exceptions_app.detection.looking import look as found_by
from exceptions_app.detection.looking import next_look
from exceptions_app.detection.policy import built
from exceptions_app.detection.risk.foresight import Foresight, fixed
from exceptions_app.detection.risk.model import Model
from exceptions_app.detection.risk.shapes import shape_of
from exceptions_app.detection.rules.predicted import predicted
from exceptions_app.subjects.facts import Facts, Told
from exceptions_app.vocabulary import Severity, SubjectKind
from tests.factories import HOUR, NOON

ORDER, DAY = SubjectKind.ORDER, 24 * HOUR
LOOKS = shape_of(ORDER).looks
PROMISED = NOON + 12 * DAY
FACTS = Facts(ORDER, "O-1", opened_at=NOON, promises=(Told(PROMISED, NOON),))


@dataclass
class Says:
    """By the days that are left, the chance."""

    chances: dict[int, float]
    kind = ORDER

    def chance(self, facts, at, look):
        return self.chances.get(look[1], 0.1)


def desk(chances, threshold):
    policy = built({"threshold": {"": threshold}}, version=1)
    foresight = Foresight(cast("Model", Says(chances)), fixed(75, dict.fromkeys(LOOKS)))
    rule = replace(predicted(ORDER), learned=foresight)
    return replace(policy, rules={**policy.rules, (ORDER, None): (rule,)}), foresight


RISING, FALLING, ONCE = {7: 0.76, 3: 0.97}, {7: 0.97, 3: 0.76}, {7: 0.76}


@pytest.mark.parametrize("threshold", [30, 41, 45, 46, 55, 60, 95])
@pytest.mark.parametrize("chances", [RISING, FALLING, ONCE], ids=["rising", "falling", "once"])
def test_report_and_desk_open_a_case_at_the_same_look(chances, threshold):
    policy, foresight = desk(chances, threshold)
    told = Deciding(policy, Model(ORDER, ZoneInfo("UTC")))
    told.foresight, live = foresight, []

    before = [one for one in shape_of(ORDER).moments(FACTS) if one[0] <= PROMISED]
    for at, look in sorted(before):
        told.by_risk(FACTS, at, look)
        live += [at for one in found_by(FACTS, at, policy) if policy.opens(one)]

    assert [one.at for one in told.alerts] == live[:1]
    assert [one.at for one in passing(75, told.scores)][:1] == live[:1]


def test_a_foreseen_case_rises_when_the_chance_becomes_grave_and_the_desk_looks_then():
    policy, _ = desk(RISING, 30)
    first, rises = (NOON + days * DAY + HOUR / 3600 for days in (5, 9))

    found, later = (found_by(FACTS, at, policy)[0] for at in (first, rises))

    assert next_look(FACTS, first, policy) == rises
    assert (found.severity, found.since) == (Severity.MEDIUM, first)
    assert (later.severity, later.since, later.evidence["chance"]) == (Severity.HIGH, rises, 0.97)
    assert next_look(FACTS, rises, policy) is None
