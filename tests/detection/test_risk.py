"""The plain risk model: lanes, rates, regression, thresholds and the sentence on an alert; pure."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exceptions_app.detection.risk.foresight import Foresight, chosen_json, in_words, read_chosen
from exceptions_app.detection.risk.lanes import Lanes
from exceptions_app.detection.risk.learner import Learner
from exceptions_app.detection.risk.logistic import Logistic
from exceptions_app.detection.risk.model import Model, reason
from exceptions_app.detection.risk.paces import Paces
from exceptions_app.detection.risk.rates import Rates
from exceptions_app.detection.risk.shapes import AGE, AHEAD, keys, shape_of
from exceptions_app.detection.risk.standing import local_days, working_between
from exceptions_app.detection.risk.thresholds import GOAL, Goal, Past, Thresholds, chosen
from exceptions_app.detection.rules.predicted import predicted
from exceptions_app.subjects.facts import Facts, Step, Told
from exceptions_app.vocabulary import SubjectKind

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LOOKS = tuple((AHEAD, days) for days in (5, 3, 1))


def order(*, shipped=None, delivered=None, promised=NOON + 10 * DAY, **attributes):
    times = {"placed": NOON, "shipped": shipped, "delivered": delivered}
    steps = {name: Step(None, at, at) for name, at in times.items() if at}
    return Facts(
        SubjectKind.ORDER,
        "A-1",
        attributes=attributes,
        opened_at=NOON,
        ended_at=delivered,
        milestones=steps,
        promises=(Told(promised, NOON),),
    )


def test_a_lane_that_has_seen_little_leans_on_the_coarser_one():
    lanes = Lanes()
    for _ in range(200):
        lanes.took(("to=SP",), 5.0)
    lanes.took(("to=SP", "to=SP:campinas"), 20.0)

    everything, state, city = lanes.usual(("to=SP", "to=SP:campinas"))

    assert everything == pytest.approx(state, abs=0.05)
    assert state < city < 2.5, "one slow parcel does not make a slow town"


def test_what_came_lately_weighs_more():
    lanes = Lanes()
    for days in (5.0, 10.0):
        for _ in range(50):
            lanes.took((), days)
        lanes.pass_days(60)
    before = lanes.usual(())[0]
    for _ in range(50):
        lanes.took((), 10.0)

    assert 1.61 < before < lanes.usual(())[0] < 2.303


def test_what_is_still_open_counts_as_lasting():
    ended, waiting = Lanes(), Lanes()
    for lanes in (ended, waiting):
        for days in range(2, 40):
            lanes.took((), days / 2)

    ended.refit([])
    waiting.refit([((), 10.0)] * 60)

    assert waiting.lasts((), 9.0, 3.0) > ended.lasts((), 9.0, 3.0)
    assert ended.lasts((), 1.0, 15.0) < ended.lasts((), 10.0, 6.0), (
        "it has lasted that long already"
    )


def test_the_share_missed_lately_forgets():
    rates = Rates(half_life=15)
    for missed in [True] * 20 + [False] * 80:
        rates.due(("to=RJ",), missed=missed)
    bad = rates.shares(("to=RJ",))[0]
    rates.pass_days(60)
    for _ in range(100):
        rates.due(("to=RJ",), missed=False)

    assert bad > 0.15
    assert rates.shares(("to=RJ",))[0] < 0.05
    of_all, (unknown,) = rates.shares(("to=AM",))
    assert unknown == pytest.approx(of_all)


def test_the_regression_finds_what_weighs_and_forgets_slowly():
    dice = random.Random(1)
    rows = []
    for _ in range(2000):
        x = [1.0, dice.gauss(0, 1), dice.gauss(0, 1)]
        rows.append((x, dice.random() < 1 / (1 + 2.718 ** -(2 * x[1] - 1))))
    model = Logistic([0.0, 0.0, 0.0])

    for start in range(0, 2000, 250):
        model.learn(rows[start : start + 250], keeping=0.95)

    assert model.weights[0] == pytest.approx(-1, abs=0.3)
    assert model.weights[1] == pytest.approx(2, abs=0.3)
    assert model.weights[2] == pytest.approx(0, abs=0.2)


def test_rows_that_one_number_tells_apart_do_not_throw_the_weights_off():
    rows = [([1.0, float(side) * 3], side > 0) for side in (-1, 1)] * 2000

    model = Logistic([0.0, 1.0])
    for _ in range(5):
        model.learn(rows, keeping=0.9)

    assert model.chance([1.0, 3.0]) > 0.99
    assert model.chance([1.0, -3.0]) < 0.01
    assert max(map(abs, model.weights)) < 20


def test_lanes_are_named_from_coarse_to_fine_as_far_as_is_known():
    shape = shape_of(SubjectKind.ORDER)

    assert keys(order(destination="SP:campinas", origin="PR"), shape.last) == (
        "destination:1=SP",
        "origin:1>destination:1=PR>SP",
        "destination=SP:campinas",
    )
    assert keys(order(), shape.last) == ()


def test_a_weekend_is_no_time_to_deliver_in():
    friday = local_days(datetime(2026, 3, 6, 15, tzinfo=UTC), ZONE)

    assert working_between(friday, friday + 3) == pytest.approx(1.0)
    assert working_between(friday, friday + 1) == pytest.approx(0.5)


def test_an_order_that_was_not_handed_over_is_in_more_danger_and_it_says_why():
    model, learner = learned()
    at = NOON + 7 * DAY

    on_its_way = order(shipped=NOON + 5 * DAY)
    waiting = order()

    assert learner.promises > 100
    assert model.chance(waiting, at, (AHEAD, 3)) > model.chance(on_its_way, at, (AHEAD, 3))
    assert reason(waiting, at, 0.71) == (
        "not handed to the carrier 7.0 days after it was placed; "
        "of those that stood alike, 71% missed their promise"
    )
    assert reason(on_its_way, at, 0.4).startswith(
        "not delivered 2.0 days after it was handed to the carrier;"
    )


def paced(ends, *, days=60):
    """A step of which one begins each day; ``ends`` says how old the one of a day is when it ends."""
    paces = Paces()
    for today in range(1, days):
        still = []
        for begun in range(today):
            age, before = float(today - begun), float(today - begun - 1)
            if before < ends(begun) <= age:
                paces.took((), ends(begun), before)
            elif ends(begun) > age:
                still.append(((), age, before))
        paces.refit(still)
        paces.pass_days(1)
    return paces


def test_a_step_of_a_fixed_length_is_known_to_end_then():
    paces = paced(lambda begun: 5.02)

    assert paces.lasts((), 2.0, 2.5) > 0.6
    assert paces.lasts((), 2.0, 4.0) < 0.4


def test_a_halt_is_noticed_before_any_of_it_has_ended_and_believed_to_pass():
    going = paced(lambda begun: 5.02)
    halted = paced(lambda begun: 5.02 if begun < 40 else 999.0)

    assert halted.lasts((), 5.0, 0.5) > going.lasts((), 5.0, 0.5) + 0.2
    assert halted.lasts((), 0.0, 30.0) < 0.1


def test_a_slow_lane_lasts_longer_than_its_like():
    paces = Paces()
    for _ in range(10):
        for lane, ends in (("fast", 8), ("slow", 2)):
            for _ in range(ends):
                paces.took((lane,), 1.0, 0.0)
            paces.refit([((lane,), 1.0, 0.0)] * (10 - ends))

    fast, slow, unknown = (paces.lasts((lane,), 0.0, 1.0) for lane in ("fast", "slow", "new"))

    assert fast < unknown < slow
    again = Paces.from_json(json.loads(json.dumps(paces.as_json())))
    assert again.lasts(("slow",), 0.0, 1.0) == pytest.approx(slow)


def request(reference, opened, resolved=None, closed=None, promised=10 * DAY):
    times = {"opened": opened, "resolved": resolved, "closed": closed}
    return Facts(
        SubjectKind.REQUEST,
        reference,
        attributes={"severity": "3"},
        opened_at=opened,
        ended_at=closed,
        milestones={name: Step(None, at, at) for name, at in times.items() if at},
        promises=(Told(opened + promised, opened),),
    )


def test_a_request_that_is_resolved_in_time_to_be_closed_is_in_no_danger():
    """Each is resolved within two days and closed five days later by itself."""
    model = Model(SubjectKind.REQUEST, ZONE)
    learner, known = Learner(model), {}
    for day in range(60):
        opened = NOON + day * DAY
        resolved = opened + (0.5 + day % 2) * DAY
        told = [
            request(f"R-{day}", opened, *times)
            for times in ((), (resolved,), (resolved, resolved + 5 * DAY))
        ]
        for before, after in zip((None, *told), told, strict=False):
            learner.heard(before, after)
        known[f"R-{day}"] = told[-1]
        learner.refit(opened, known, DAY)

    at = NOON + 62 * DAY
    in_time, too_late = (
        model.chance(request("R", at - 2 * DAY, resolved, promised=8 * DAY), at, (AGE, 48))
        for resolved in (at - DAY, None)
    )
    hopeless = model.chance(request("R", at - 2 * DAY, promised=5 * DAY), at, (AGE, 48))

    assert in_time
    assert too_late
    assert hopeless
    assert in_time < too_late < hopeless
    assert in_time < 0.3
    assert hopeless > 0.8, "it cannot be closed in time any more"


def visit(reference, day, *, notice, kept=None):
    """It ends with its promise where somebody came, and a second later where nobody did."""
    ends = NOON + day * DAY
    came = {"checked_in": Step(None, ends, ends)} if kept else {}
    opened = ends - notice * DAY
    return Facts(
        SubjectKind.APPOINTMENT,
        reference,
        opened_at=opened,
        ended_at=None if kept is None else ends if kept else ends + timedelta(seconds=1),
        milestones={"booked": Step(None, opened, opened), **came},
        promises=(Told(ends, opened),),
    )


def test_who_does_not_come_is_learned_from_by_how_long_before_it_was_booked():
    """Of those booked long before, most do not come; of the others most do."""
    model = Model(SubjectKind.APPOINTMENT, ZONE)
    learner, known, dice = Learner(model), {}, random.Random(5)
    for day in range(60):
        for number in range(20):
            notice, one = (30 if number % 2 else 4), f"J-{day}-{number}"
            ahead = visit(one, day, notice=notice)
            known[one] = visit(one, day, notice=notice, kept=dice.random() < 9 / (9 + notice))
            for moment, look in shape_of(ahead.kind).moments(ahead):
                if look in ((AHEAD, 1), (AHEAD, 0)):
                    learner.looked(known[one] if look == (AHEAD, 0) else ahead, moment, look)
        learner.refit(NOON + day * DAY + timedelta(hours=1), known, DAY)

    soon, long = (
        model.chance(visit("J", 61, notice=notice), NOON + 60 * DAY, (AHEAD, 1))
        for notice in (4, 30)
    )

    assert soon == pytest.approx(0.3, abs=0.12)
    assert long == pytest.approx(0.77, abs=0.12)


def test_a_model_is_kept_as_json_and_read_again():
    model, _ = learned()
    subject, at = order(shipped=NOON + DAY, destination="SP"), NOON + 7 * DAY

    again = Model.from_json(json.loads(json.dumps(model.as_json())), ZONE)

    assert again.chance(subject, at, (AHEAD, 3)) == pytest.approx(
        model.chance(subject, at, (AHEAD, 3))
    )


def learned():
    """After 300 orders, one a day; one in three was handed over late and mostly came late."""
    dice, known = random.Random(7), {}
    model = Model(SubjectKind.ORDER, ZONE)
    learner = Learner(model)
    for number in range(300):
        start = NOON + number * DAY
        shipped = start + dice.choice((1, 2, 8)) * DAY
        delivered = shipped + dice.uniform(1, 6) * DAY
        told = order(promised=start + 10 * DAY).having(reference=f"N-{number}", opened_at=start)
        for moment, look in sorted(shape_of(SubjectKind.ORDER).moments(told)):
            learner.looked(as_of(told, moment, start, shipped, delivered), moment, look)
        before = as_of(told, start, start, shipped, delivered)
        known[told.reference] = as_of(told, delivered, start, shipped, delivered)
        learner.heard(before, known[told.reference])
        if number % 7 == 6:
            learner.refit(start, known, 7 * DAY)
    return model, learner


def as_of(told, moment, start, shipped, delivered):
    times = {"placed": start, "shipped": shipped, "delivered": delivered}
    steps = {name: Step(None, at, at) for name, at in times.items() if at <= moment}
    return told.having(milestones=steps, ended_at=delivered if delivered <= moment else None)


def past(early, late, *, missed):
    return Past({LOOKS[0]: early, LOOKS[1]: late, LOOKS[2]: late}, missed=missed)


def test_a_threshold_is_as_strict_as_the_wanted_lead_allows():
    history = [past(0.8, 0.95, missed=True)] * 30 + [past(0.6, 0.7, missed=False)] * 20

    early = chosen(history, LOOKS, Goal(lead_days=4, reach=1))
    late = chosen(history, LOOKS, Goal(lead_days=2))

    assert early.least == 0.8
    assert early.first_alert(history[0].chances) == (AHEAD, 5)
    assert late.least == 0.9
    assert late.first_alert(history[0].chances) == (AHEAD, 3)


def test_chances_that_did_not_come_true_raise_nothing():
    """A model that has seen one day claims what it cannot know."""
    boasting = [past(0.9, 0.9, missed=number % 4 == 0) for number in range(120)]

    assert chosen(boasting, LOOKS).first_alert({LOOKS[0]: 0.99}) is None


def test_the_last_look_catches_all_only_where_most_of_it_was_missed():
    mostly_missed = [past(0.1, 0.2, missed=True)] * 40 + [past(0.1, 0.2, missed=False)] * 10
    mostly_kept = [past(0.1, 0.2, missed=True)] * 25 + [past(0.1, 0.2, missed=False)] * 100

    assert chosen(mostly_missed, LOOKS).catch_all == (AHEAD, 1)
    assert chosen(mostly_kept, LOOKS).catch_all is None
    assert chosen([], LOOKS) == Thresholds(GOAL.at_first)


def test_hours_of_age_are_no_days_of_lead():
    """What was thought at 48 hours has no part in what is chosen for the looks ahead."""
    ahead = {(AHEAD, 7): 0.7, (AHEAD, 5): 0.7}
    found = [Past({(AGE, 48): 0.92, **ahead}, missed=True)] * 10
    later = [Past({(AGE, 48): 0.4, **ahead}, missed=True)] * 90
    kept = [Past(dict.fromkeys(ahead, 0.2), missed=False)] * 300

    assert chosen([*found, *later, *kept], tuple(ahead)).least == 0.7


def test_where_promises_are_short_half_of_what_can_be_had_is_wanted():
    """Nobody alerts 3.1 days ahead of what is promised within three."""
    short = [Past({(AHEAD, 2): 0.65, (AHEAD, 1): 0.95}, missed=True)] * 30
    kept = [Past({(AHEAD, 2): 0.6, (AHEAD, 1): 0.7}, missed=False)] * 40

    assert chosen([*short, *kept], ((AHEAD, 2), (AHEAD, 1))).least == 0.9


def test_thresholds_are_kept_as_json_and_where_none_are_the_first_guess_holds():
    kept = {(AHEAD, days): Thresholds(0.6, (AHEAD, 1)) for days in (10, 7, 5, 4, 3, 2, 1)}
    told = json.loads(json.dumps(chosen_json(kept)))

    assert read_chosen(told, SubjectKind.ORDER) == kept
    assert read_chosen({}, SubjectKind.REQUEST)[AGE, 48] == Thresholds(GOAL.at_first)
    assert in_words(kept) == (
        "a chance of at least 60%; everything open at the last look, as most of it was missed lately"
    )


@pytest.mark.parametrize(
    ("least", "days"),
    [(None, 1), (60, None), (0, 10)],
    ids=["caught on the last day", "too unlikely", "from any chance"],
)
def test_the_rule_alerts_as_the_desk_chose_or_from_a_fixed_chance(least, days):
    unlikely = Model(SubjectKind.ORDER, ZONE)
    for weighing in unlikely.weighing.values():
        weighing.weights = [0.0] * len(weighing.weights)  # even chances
    desk = Foresight(unlikely, dict.fromkeys(unlikely.weighing, Thresholds(0.9, (AHEAD, 1))))
    rule = replace(predicted(SubjectKind.ORDER), least=least, learned=desk)
    facts = order(promised=NOON + 12 * DAY)

    assert rule.when(facts) == (
        None if days is None else NOON + (12 - days) * DAY + timedelta(seconds=1)
    )


def test_a_promise_that_was_moved_is_looked_at_from_then_on():
    even = Model(SubjectKind.ORDER, ZONE)
    desk = Foresight(even, dict.fromkeys(even.weighing, Thresholds(0.0)))
    rule = replace(predicted(SubjectKind.ORDER), learned=desk)
    moved = order(promised=NOON + 12 * DAY).having(
        promises=(Told(NOON + 12 * DAY, NOON), Told(NOON + 8 * DAY, NOON + 4 * DAY))
    )

    assert rule.when(moved) == NOON + 4 * DAY + timedelta(seconds=1), "four days before the new one"
